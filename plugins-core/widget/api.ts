/** What others may change of the code that administrators copy into pages. */
import { defineHook } from '../../kernel/tokens.ts';

/** The line for the corner, a picture, a text, or a field for the code of an operator. */
export const codeKinds = ['script', 'button', 'text_link', 'operator_code'] as const;
export type CodeKind = (typeof codeKinds)[number];

/** What puts the chat on a page. */
export interface PageCode {
  /** HTML, already escaped; empty where the script is all. */
  readonly markup: string;
  /** Attributes of the launcher's script element, not escaped; undefined: none is needed. */
  readonly script: readonly (readonly [name: string, value: string])[] | undefined;
}
/** What it was made for. */
export interface CodeChoice {
  readonly kind: CodeKind;
  readonly locale?: string;
  /** Number of the group. */
  readonly group?: number;
}
/**
 * Before the code is shown, on its page and in the preview: `buttonGenerate` of the original.
 * @example ctx.on(filterCode, (code, { kind }) => (kind === 'button' ? { ...code, markup: `<p>${code.markup}</p>` } : code))
 */
export const filterCode = defineHook.filter<PageCode, [CodeChoice]>('widget.code.filter');
