/** Texts of pages and browsers, as every database keeps them: no NUL, no half characters, no longer than there is room. */

const unfit = /[\p{Cc}\p{Surrogate}]/u;

/** Without what was cut off in the middle of a character. */
export function cut(text: string | undefined, length: number): string {
  if (text === undefined || text === '') return '';
  const short = text.length > length ? text.slice(0, length) : text;
  return unfit.test(short) ? short.replaceAll(/\p{Surrogate}/gu, '').replaceAll(/\p{Cc}+/gu, ' ') : short;
}

/** Addresses that a browser goes to when an operator follows them; `''` for every other. */
export function address(text: string): string {
  const short = cut(text, 1024).trim();
  return /^https?:\/\/[^/]/i.test(short) ? short : '';
}

/** A copy of its own: a part of a text keeps the whole of it in memory. */
export const own = (text: string): string => (text.length < 13 ? text : Buffer.from(text).toString());
