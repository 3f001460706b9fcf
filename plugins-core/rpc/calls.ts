/** Calls from the server to clients: the requests that carry them. */
import { randomBytes } from 'node:crypto';
import { type ClientCall, protocolCodes, RpcError } from './api.ts';
import { packageText } from './codec.ts';
import { requestText } from './executor.ts';
import { messageOf } from './refusals.ts';
import type { AnySpec } from './registry.ts';

/** @returns 32 hexadecimal digits, as the original makes them */
export const newToken = (): string => randomBytes(16).toString('hex');

/** @throws RpcError FUNCTION_NAME_RESERVED, or EMPTY_FUNCTIONS */
export function callText(token: string, calls: readonly ClientCall[], mandatory: AnySpec['mandatory'] = {}): string {
  if (calls.length === 0) throw refused('EMPTY_FUNCTIONS');
  return requestText(
    token,
    calls.map((call) => {
      if (call.function === '') throw refused('EMPTY_FUNCTION_NAME');
      if (call.function === 'result') throw refused('FUNCTION_NAME_RESERVED');
      const returns = call.return && Object.keys(call.return).length > 0 ? call.return : [];
      return {
        function: call.function,
        arguments: { ...mandatory, ...call.arguments, references: [], return: returns },
      };
    }),
  );
}

const refused = (name: 'EMPTY_FUNCTIONS' | 'EMPTY_FUNCTION_NAME' | 'FUNCTION_NAME_RESERVED') =>
  new RpcError(protocolCodes[name], name, messageOf(name));

/** A package that wants no answer. */
export const pushText = (calls: readonly ClientCall[]): string => packageText([callText(newToken(), calls)]);
