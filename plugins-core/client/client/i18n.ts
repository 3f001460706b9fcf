/** Texts of the language in use, as the server compiled them. */

export type TextArgs = Readonly<Record<string, unknown>>;

/** Default export of the module of texts. */
export interface Texts {
  readonly locale: string;
  readonly rtl: boolean;
  readonly texts: Readonly<Record<string, string | ((args: TextArgs) => string)>>;
}

/** @returns the text, not escaped; the key itself when nobody has it */
export function textOf(texts: Texts, key: string, args: TextArgs = {}): string {
  const text = texts.texts[key];
  if (text === undefined) return key;
  return typeof text === 'string' ? text : text(args);
}

/** Codes of ours that `Intl` does not take fall back to English. */
function intlLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

/** Formats for a locale. */
export function createFormats(locale: string) {
  const known = intlLocale(locale);
  const make = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(known, options);
    return (ms: number) => format.format(ms);
  };
  return {
    time: make({ hour: 'numeric', minute: '2-digit' }),
    exact: make({ dateStyle: 'long', timeStyle: 'medium' }),
    day: make({ weekday: 'long', month: 'long', day: 'numeric' }),
    dayOfYear: make({ month: 'long', day: 'numeric', year: 'numeric' }),
  };
}
export type Formats = ReturnType<typeof createFormats>;

const pad = (value: number) => String(value).padStart(2, '0');

/** `HH:MM:SS` in the browser's zone, from seconds since the epoch. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
}
