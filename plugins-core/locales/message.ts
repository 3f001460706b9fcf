/** One ICU message: parsed once, formatted here on the server, compiled to JavaScript for browsers. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { TextArgs } from './api.ts';

export type Ast = ReturnType<IntlMessageFormat['getAst']>;
export type AstNode = Ast[number];

const kinds = ['literal', 'argument', 'number', 'date', 'time', 'select', 'plural', 'pound', 'tag'] as const;
/** The parser's node types are numbers of an enum in a package that is not ours to import. */
export const kindOf = (node: AstNode): (typeof kinds)[number] => kinds[node.type];
/** The text of a literal, else undefined. */
export const literalText = (node: AstNode): string | undefined =>
  kindOf(node) === 'literal' && 'value' in node ? node.value : undefined;

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
  return { source, intl, ast, format: (args) => String(formatter.format(args)) };
}
