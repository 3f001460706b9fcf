/** Runs calls of the server at the client: handlers by name, references, return, one `result`. */
import type { Arguments, Interaction, WireRequest } from './wire.ts';

/** What a plugin registers under a name; its result is merged with that of other handlers of the name. */
export type ClientFunction = (args: Arguments) => Arguments | void;

const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function resolve(args: Arguments, results: readonly Arguments[]): Arguments {
  const resolved: Record<string, unknown> = { ...args };
  for (const [name, number] of Object.entries(asMap(args.references))) {
    const source = results[Number(number) - 1];
    const value = source?.[String(args[name])];
    if (value === undefined || value === null) throw new Error(`reference of "${name}" leads nowhere`);
    resolved[name] = value;
  }
  return resolved;
}

/** Does the caller want to hear of it? A call that asks for nothing back is a push. */
export function wantsAnswer(request: WireRequest): boolean {
  return request.functions.some((call) => Object.keys(asMap(call.arguments.return)).length > 0);
}

/**
 * Runs the functions of a request in order, until one answers with an error code.
 *
 * @param handlers all handlers registered under a name; an unknown name is skipped without error
 * @returns the request that carries the `result` back
 */
export function execute(
  request: WireRequest,
  interaction: Interaction,
  handlers: (name: string) => readonly ClientFunction[],
  report: (error: unknown) => void,
): WireRequest {
  const reply: Record<string, unknown> = { ...interaction.mandatory, references: {}, return: {}, errorCode: 0 };
  const results: Arguments[] = [];
  try {
    for (const call of request.functions) {
      const args = resolve(call.arguments, results);
      const result: Record<string, unknown> = {};
      for (const handler of handlers(call.function)) Object.assign(result, handler(args) ?? {});
      results.push(result);
      if (result.errorCode) {
        reply.errorCode = result.errorCode;
        reply.errorMessage = result.errorMessage ?? '';
        break;
      }
      for (const [key, alias] of Object.entries(asMap(call.arguments.return))) {
        if (result[key] === undefined || result[key] === null) throw new Error(`"${call.function}" gave no "${key}"`);
        reply[String(alias)] = result[key];
      }
    }
  } catch (error) {
    report(error);
    reply.errorCode = 1;
    reply.errorMessage = error instanceof Error ? error.message : String(error);
  }
  return { token: request.token, functions: [{ function: 'result', arguments: reply }] };
}
