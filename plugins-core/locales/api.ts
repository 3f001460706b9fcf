/** Texts in the visitor's and the operator's language: ICU messages, one file per plugin and language. */
import type { Context } from 'hono';
import { definePoint, defineService } from '../../kernel/tokens.ts';

/** Contributes a folder with `<locale>.json` files: flat objects `{ "key": "ICU message" }`. Keys are looked up as `<plugin>.<key>`. */
export const locales = definePoint<string>('locales.folder', { required: true });

export type TextArgs = Readonly<Record<string, string | number | Date>>;

export interface LocaleInfo {
  readonly code: string;
  /** In its own language. */
  readonly name: string;
  readonly rtl: boolean;
}

export interface LocalesService {
  /**
   * @param key `<plugin>.<key>`; a text that the locale lacks is taken from its parent (`pt` of `pt-br`), then English
   * @returns plain text, not escaped; the key itself (and a log line) when nobody has it
   */
  text(locale: string, key: string, args?: TextArgs): string;
  /** Choice: `locale` in the query, cookie `mibew_locale`, `Accept-Language`, configured `defaultLocale`, `en`. */
  of(context: Context): string;
  /** Keeps the choice in the cookie `mibew_locale` for 1000 days more; pages do it. */
  remember(context: Context, code: string): void;
  /** A known code nearest to what was asked for, e.g. `pt-BR` → `pt`; undefined when nothing fits. The pseudo-locale `ar-XB` fits its own name alone. */
  match(requested: string): string | undefined;
  info(code: string): LocaleInfo;
  /** Languages to choose from; without the pseudo-locale. */
  available(): readonly LocaleInfo[];
  /** Language of the house, in which local names of people and groups are written: the configured `defaultLocale`, else `en`. */
  readonly home: string;
  /** Language to give to `Intl`: the code itself, English for the pseudo-locale. */
  intl(code: string): string;
  /**
   * Source of an ES module with the messages of these plugins compiled to functions:
   * `export default { locale, rtl, texts: { '<plugin>.<key>': string | (args) => string } }`.
   * @param prefixes keys to include, e.g. `['chat.window.', 'client.']`
   */
  clientModule(locale: string, prefixes: readonly string[]): string;
  /** Changes whenever a text may have changed; part of cache keys. */
  readonly revision: number;
}
/** @example ctx.use.locales.text(locale, 'chat.joined', { name: 'Ann' }) */
export const localesService = defineService<LocalesService>('locales');
