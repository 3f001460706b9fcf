/** One ICU message: parsed once, formatted here on the server, compiled to JavaScript for browsers. */
import { IntlMessageFormat, type PrimitiveType } from 'intl-messageformat';
import type { TextArgs } from './api.ts';

export type Ast = ReturnType<IntlMessageFormat['getAst']>;

/** A parsed message, and the language whose plurals and formats it uses: that of the file it came from. */
export interface Message {
  readonly source: string;
  readonly intl: string;
  readonly ast: Ast;
  format(args: TextArgs): string;
}

/**
 * @param intl language for `Intl`
 * @param change made to the parsed message, for the pseudo-locale
 * @throws SyntaxError for what is no ICU message
 */
export function parseMessage(source: string, intl: string, change: (ast: Ast) => Ast = (ast) => ast): Message {
  // Texts are plain text: `<` is a character, not a tag.
  const parsed = new IntlMessageFormat(source, intl, undefined, { ignoreTag: true });
  const ast = change(parsed.getAst());
  const formatter = new IntlMessageFormat(ast, intl);
  return { source, intl, ast, format: (args) => String(formatter.format(args as Record<string, PrimitiveType>)) };
}
