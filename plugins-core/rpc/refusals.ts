/** Refusals: what is wrong with a package as a whole, as an object with a code. */
import { protocolCodes, type Refusal, rpcCodes, rpcLimits } from './api.ts';

/** The part of a refusal that tells what is wrong. */
export type Fault = Refusal['refusal'];
export type ProtocolName = keyof typeof protocolCodes;

const messages: Readonly<Record<ProtocolName, string>> = {
  ASYNC_FLAG_MISSED: 'The package has no "async"',
  EMPTY_ARGUMENTS: 'A function has no arguments',
  EMPTY_FUNCTION_NAME: 'A function has no name',
  EMPTY_FUNCTIONS: 'A request has no functions',
  EMPTY_PROTOCOL: 'The package has no "proto"',
  EMPTY_REQUESTS: 'The package has no requests',
  EMPTY_SIGNATURE: 'The package has no "signature"',
  EMPTY_TOKEN: 'A request has no token',
  EMPTY_VARIABLE_IN_REFERENCE: 'A referenced argument names no result',
  FUNCTION_NAME_RESERVED: 'The function name "result" is reserved',
  NO_RESULT_FUNCTION: 'A reply was expected: the request has no "result"',
  NOT_VALID_JSON: 'The body is not a package in valid JSON',
  MANDATORY_ARGUMENTS_MISSED: 'A mandatory argument is missing',
  RESULT_FUNCTION_ALREADY_EXISTS: 'A request has more than one "result"',
  RESULT_FUNCTION_EXISTS: 'A request has a "result" where a call was required',
  UNTRUSTED_SIGNATURE: 'The signature is not trusted',
  VARIABLE_IS_UNDEFINED_IN_REFERENCE: 'The function referred to has no such result',
  VARIABLE_IS_UNDEFINED_IN_RESULT: 'The function has no result that "return" asks for',
  WRONG_ARGUMENTS_TYPE: 'Arguments, "references" and "return" have to be maps',
  WRONG_ASYNC_FLAG_VALUE: '"async" has to be true or false',
  WRONG_FUNCTION_NUM_IN_REFERENCE: 'A reference names a function that has not run in this request',
  WRONG_INTERACTION_TYPE: 'The interaction type is wrong',
  WRONG_PROTOCOL_VERSION: 'The protocol version has to be "1.0"',
};

export const messageOf = (name: ProtocolName): string => messages[name];

const protocolFaults = Object.fromEntries(
  Object.entries(messages).map(([name, message]) => [
    name,
    { status: 400, code: protocolCodes[name as ProtocolName], name, message } satisfies Fault,
  ]),
) as Readonly<Record<ProtocolName, Fault>>;

export const protocolFault = (name: ProtocolName): Fault => protocolFaults[name];

const limit = (status: Fault['status'], code: number, name: string, message: string): Fault => ({
  status,
  code,
  name,
  message,
});
/** Refusals of our own: limits and carriers. */
export const ownFaults = {
  bodyTooLarge: limit(413, rpcCodes.bodyTooLarge, 'BODY_TOO_LARGE', `A package has at most ${rpcLimits.bytes} bytes`),
  tooManyRequests: limit(
    400,
    rpcCodes.tooManyRequests,
    'TOO_MANY_REQUESTS',
    `A package has at most ${rpcLimits.requests} requests`,
  ),
  tooManyFunctions: limit(
    400,
    rpcCodes.tooManyFunctions,
    'TOO_MANY_FUNCTIONS',
    `A request has at most ${rpcLimits.functions} functions`,
  ),
  tooDeep: limit(400, rpcCodes.tooDeep, 'TOO_DEEP', `A package is at most ${rpcLimits.depth} levels deep`),
  rate: limit(429, rpcCodes.rate, 'RATE_LIMIT', 'Too many packages: try again later'),
  notPost: limit(400, protocolCodes.NOT_VALID_JSON, 'NOT_VALID_JSON', 'Packages are sent by POST or over a socket'),
  wrongType: limit(
    400,
    protocolCodes.NOT_VALID_JSON,
    'NOT_VALID_JSON',
    'Packages are sent as application/json, or in the field "data" of a form',
  ),
  unread: limit(400, protocolCodes.NOT_VALID_JSON, 'NOT_VALID_JSON', 'The body ended too early'),
  noSockets: limit(403, rpcCodes.processorUnknown, 'NO_SOCKETS', 'There are no sockets here: send packages by POST'),
  processorUnknown: limit(403, rpcCodes.processorUnknown, 'PROCESSOR_UNKNOWN', 'Nobody answers packages here'),
} as const;

/** The object of a refusal. @param tokens tokens of the package's requests, as far as they could be read */
export const refusalBody = ({ code, name, message }: Fault, tokens: readonly string[] = []): string =>
  JSON.stringify({ error: { code, name, message }, tokens });

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refusal' in value;
