/** Times as people say them. Used by the server when it writes a page, and in the browser, where the viewer's own clock and time zone count. */

/** Sentences with a gap: `Yesterday at {time}`. */
export interface TimeWords {
  readonly now: string;
  readonly today: string;
  readonly yesterday: string;
  readonly tomorrow: string;
  /** `{day} at {time}` with the name of a day of the week. */
  readonly day: string;
}

export interface TimeFormat {
  /** For `Intl`. */
  readonly language: string;
  readonly words: TimeWords;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Number of the day by the calendar of whoever asks. */
export const dayOf = (time: number): number => {
  const date = new Date(time);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / day);
};

/**
 * Within a minute “just now”, within an hour in minutes, within six days by the day and the hour, else the date: the nearer, the less
 * one has to reckon. Times to come are said alike.
 * @param time milliseconds
 */
export function inWords(time: number, now: number, { language, words }: TimeFormat): string {
  const passed = now - time;
  const distance = Math.abs(passed);
  if (distance < minute) return words.now;
  if (distance < hour) {
    const minutes = -Math.sign(passed) * Math.floor(distance / minute);
    return new Intl.RelativeTimeFormat(language).format(minutes, 'minute');
  }
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(time);
  const say = (sentence: string, name = '') => sentence.replace('{time}', clock).replace('{day}', name);
  const days = dayOf(now) - dayOf(time);
  if (days === 0) return say(words.today);
  if (days === 1) return say(words.yesterday);
  if (days === -1) return say(words.tomorrow);
  if (Math.abs(days) < 7) return say(words.day, new Intl.DateTimeFormat(language, { weekday: 'long' }).format(time));
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(time);
}

/** As in conversations, and with the time zone: the server's is not the viewer's. */
export const exactly = (time: number, { language }: Pick<TimeFormat, 'language'>): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long' }).format(time);
