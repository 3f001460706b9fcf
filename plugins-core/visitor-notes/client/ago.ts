/** How long ago something was, in words. */

const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const formats = new Map<string, Intl.RelativeTimeFormat>();
function formatOf(locale: string): Intl.RelativeTimeFormat {
  const known = formats.get(locale);
  if (known) return known;
  let format: Intl.RelativeTimeFormat;
  try {
    format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  } catch {
    format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  }
  formats.set(locale, format);
  return format;
}

/**
 * `3 minutes ago`, `yesterday`, `2 months ago`; `now` within the first minute.
 * @param seconds passed since then
 * @param locale of the page; one that `Intl` does not know speaks English
 */
export function ago(seconds: number, locale: string): string {
  const passed = Math.max(0, seconds);
  const [unit, length] = units.find(([, size]) => passed >= size) ?? (['second', Infinity] as const);
  return formatOf(locale).format(-Math.floor(passed / length), unit);
}
