/** The package format, as far as a page needs it: one call there, results and calls back. */

export type Arguments = Readonly<Record<string, unknown>>;

/** One function of a package of the server. */
export interface Incoming {
  readonly name: string;
  readonly args: Arguments;
}

const wanted = { load: 'load', handlers: 'handlers', dependencies: 'dependencies', data: 'data', next: 'next' };

/** Arguments of `widgetContact`, with everything that the answer is to bring back. */
export const asking = (contact: Arguments): Arguments => ({ ...contact, references: {}, return: wanted });

/**
 * A package with one call of `widgetContact`. Put together by hand: old libraries give arrays a `toJSON` of their own, and
 * then JSON writes them as texts.
 */
export const packed = (contact: Arguments): string =>
  `{"signature":"","proto":"1.0","async":true,"requests":[{"token":"page","functions":[{"function":"widgetContact","arguments":${JSON.stringify(asking(contact))}}]}]}`;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Functions of a package, in order. @returns undefined when the text is no package: a refusal, or the page of some proxy */
export function unpacked(text: string): readonly Incoming[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !Array.isArray(value['requests'])) return undefined;
  const calls: Incoming[] = [];
  for (const request of value['requests'] as unknown[])
    for (const each of listed(isRecord(request) && request['functions']))
      if (isRecord(each) && isRecord(each['arguments']))
        calls.push({ name: String(each['function']), args: each['arguments'] });
  return calls;
}

/** What a contact brought back. @returns undefined when there is none, or the server could not do it */
export function resultOf(calls: readonly Incoming[] | undefined): Arguments | undefined {
  for (const { name, args } of calls || []) if (name === 'result' && !args['errorCode']) return args;
  return undefined;
}
