/** The codec: from the bytes of a carrier to a package that keeps all rules, and back. */
import { isUtf8 } from 'node:buffer';
import { protocolVersion, rpcLimits } from './api.ts';
import { type Fault, ownFaults, protocolFault } from './refusals.ts';

export type Arguments = Readonly<Record<string, unknown>>;
export interface PackageFunction {
  readonly function: string;
  readonly arguments: Arguments;
}
export interface PackageRequest {
  readonly token: string;
  readonly functions: readonly PackageFunction[];
}
/** A package after {@link checkPackage} found nothing wrong. */
export interface Package {
  readonly signature: string;
  readonly proto: string;
  readonly async: boolean;
  readonly requests: readonly PackageRequest[];
}

/** Which arguments are mandatory: of every function, and of some by their exact names. */
export interface PackageRules {
  readonly mandatory: readonly string[];
  readonly mandatoryFor: ReadonlyMap<string, readonly string[]>;
}

/** Both interactions use the empty signature. */
const trusted: ReadonlySet<unknown> = new Set(['']);

/** @returns undefined for what is not UTF-8 */
export const decodeBytes = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString('utf8') : undefined);

const unescape = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/**
 * Takes the package out of a form. Peers encode it twice; one that encodes it once is understood by its first
 * character, since an encoded package never starts with a brace.
 *
 * @returns the package's JSON, or undefined where there is no readable field `data`
 */
export function decodeForm(body: string): string | undefined {
  // The last field of a name counts.
  const field = body.split('&').findLast((pair) => pair.startsWith('data='));
  if (field === undefined) return undefined;
  try {
    const once = unescape(field.slice('data='.length));
    return /^\s*\{/.test(once) ? once : unescape(once);
  } catch {
    // A broken escape, or bytes that are not UTF-8.
    return undefined;
  }
}

/** Encodes an answer as the original does: form-style, once, a space as `+`. */
export function encodeForm(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Reads JSON; the fault is that it is none, or nested too deep. */
export function parse(text: string | undefined): { readonly value?: unknown; readonly fault?: Fault } {
  if (text === undefined) return { fault: protocolFault('NOT_VALID_JSON') };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: protocolFault('NOT_VALID_JSON') };
  }
  if (typeof value !== 'object' || value === null) return { fault: protocolFault('NOT_VALID_JSON') };
  return exceeds(value, rpcLimits.depth) ? { value, fault: ownFaults.tooDeep } : { value };
}

/** The recursion ends at the limit, however deep the value is. */
function exceeds(value: object, left: number): boolean {
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value as unknown[])
      if (typeof item === 'object' && item !== null && exceeds(item, left - 1)) return true;
    return false;
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && item !== null && exceeds(item, left - 1)) return true;
  }
  return false;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks a whole package in the order of the protocol. @returns the first thing that is wrong */
export function checkPackage(value: unknown, rules: PackageRules): Fault | undefined {
  // A list is a package without keys.
  const envelope = isMap(value) ? value : {};
  if (!Object.hasOwn(envelope, 'signature')) return protocolFault('EMPTY_SIGNATURE');
  const { signature, proto, async, requests } = envelope;
  if (!trusted.has(signature)) return protocolFault('UNTRUSTED_SIGNATURE');
  if (!proto) return protocolFault('EMPTY_PROTOCOL');
  if (proto !== protocolVersion) return protocolFault('WRONG_PROTOCOL_VERSION');
  if (!Object.hasOwn(envelope, 'async')) return protocolFault('ASYNC_FLAG_MISSED');
  if (typeof async !== 'boolean') return protocolFault('WRONG_ASYNC_FLAG_VALUE');
  if (!Array.isArray(requests) || requests.length === 0) return protocolFault('EMPTY_REQUESTS');
  if (requests.length > rpcLimits.requests) return ownFaults.tooManyRequests;
  for (const request of requests as unknown[]) {
    const fault = checkRequest(request, rules);
    if (fault) return fault;
  }
  return undefined;
}

function checkRequest(request: unknown, rules: PackageRules): Fault | undefined {
  if (!isMap(request) || typeof request['token'] !== 'string' || request['token'] === '')
    return protocolFault('EMPTY_TOKEN');
  const { functions } = request;
  if (!Array.isArray(functions) || functions.length === 0) return protocolFault('EMPTY_FUNCTIONS');
  if (functions.length > rpcLimits.functions) return ownFaults.tooManyFunctions;
  for (const one of functions as unknown[]) {
    const fault = checkFunction(one, rules);
    if (fault) return fault;
  }
  return undefined;
}

function checkFunction(value: unknown, { mandatory, mandatoryFor }: PackageRules): Fault | undefined {
  if (!isMap(value) || typeof value['function'] !== 'string' || value['function'] === '')
    return protocolFault('EMPTY_FUNCTION_NAME');
  const name = value['function'];
  const args = value['arguments'];
  if (!args || (typeof args === 'object' && isEmpty(args))) return protocolFault('EMPTY_ARGUMENTS');
  if (!isMap(args)) return protocolFault('WRONG_ARGUMENTS_TYPE');
  for (const key of mandatory) if (!Object.hasOwn(args, key)) return protocolFault('MANDATORY_ARGUMENTS_MISSED');
  for (const key of mandatoryFor.get(name) ?? none)
    if (!Object.hasOwn(args, key)) return protocolFault('MANDATORY_ARGUMENTS_MISSED');
  return undefined;
}
const none: readonly string[] = [];

function isEmpty(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

/** Tokens of a package's requests, as far as they can be read. */
export function readableTokens(value: unknown): string[] {
  const requests = isMap(value) ? value['requests'] : undefined;
  if (!Array.isArray(requests)) return [];
  return (requests as unknown[]).flatMap((request) => {
    const token = isMap(request) ? request['token'] : undefined;
    return typeof token === 'string' && token !== '' ? [token] : [];
  });
}

/** Puts a package together from the texts of its requests. */
export const packageText = (requests: readonly string[]): string =>
  requests.length === 0
    ? ''
    : `{"signature":"","proto":"${protocolVersion}","async":true,"requests":[${requests.join(',')}]}`;
