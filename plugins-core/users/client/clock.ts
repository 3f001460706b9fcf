/** Time as people say it, by the server's clock. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

function supported(locale: string): readonly string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale);
  } catch {
    return [];
  }
}

export interface Clock {
  /** The server says what time it is; unix seconds. */
  correct(serverTime: number): void;
  /** Unix seconds by the server's clock. */
  now(): number;
  /** `45 sec`, `3 min`, `2 hr` since that time. */
  since(time: number): string;
  /** The same spelled out, for those who hear the page: `3 minutes`. */
  sinceLong(time: number): string;
  /** Day and time, exact to the second. */
  exact(time: number): string;
  /** Brings every `<time data-since>` below an element up to date. */
  tick(root: ParentNode): void;
}

/** @param locale of the page; one that `Intl` does not know (a pseudo-locale) speaks English */
export function createClock(wanted: string, milliseconds: () => number = Date.now): Clock {
  const [locale = 'en'] = supported(wanted);
  let ahead = 0;
  const formats = new Map<string, Intl.NumberFormat>();
  function amount(value: number, unit: string, unitDisplay: 'short' | 'long') {
    const key = `${unit} ${unitDisplay}`;
    const format = formats.get(key) ?? new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay });
    formats.set(key, format);
    return format.format(value);
  }
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium' });
  const now = () => Math.floor(milliseconds() / 1000) + ahead;

  function words(time: number, width: 'short' | 'long') {
    const passed = Math.max(0, now() - time);
    if (passed < minute) return amount(passed, 'second', width);
    if (passed < hour) return amount(Math.floor(passed / minute), 'minute', width);
    if (passed < day) return amount(Math.floor(passed / hour), 'hour', width);
    return amount(Math.floor(passed / day), 'day', width);
  }

  return {
    correct: (serverTime) => {
      ahead = serverTime - Math.floor(milliseconds() / 1000);
    },
    now,
    since: (time) => words(time, 'short'),
    sinceLong: (time) => words(time, 'long'),
    exact: (time) => dates.format(time * 1000),
    tick(root) {
      for (const element of root.querySelectorAll<HTMLElement>('time[data-since]')) {
        const text = words(Number(element.dataset.since), 'short');
        if (element.textContent !== text) element.textContent = text;
        element.toggleAttribute('data-late', now() - Number(element.dataset.since) >= minute);
      }
    },
  };
}
