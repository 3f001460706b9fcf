/** Opening hours, told by the clock of the visitor's computer and the time zone of the house. */
import type { OpeningHours } from './api.ts';

const days = 'MoTuWeThFrSaSu';

/** Are the hours those of business? What cannot be read is always open: nobody is sent away for a mistake in writing. */
export function isOpen({ hours, zone }: OpeningHours, now = new Date()): boolean {
  if (!hours) return true;
  try {
    const written = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone || undefined,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(now);
    const [, name, time] = /^(\w\w).*(\d\d:\d\d)/.exec(written)!;
    const today = days.indexOf(name!) / 2;
    const entry = /((?:[A-Z]\w(?:-[A-Z]\w)?,?)+)\s+((?:\d\d:\d\d-\d\d:\d\d,?)+)/g;
    let found;
    let readable = false;
    while ((found = entry.exec(hours))) {
      readable = true;
      const on = (day: number) =>
        found![1]!.split(',').some((range: string) => {
          const [from, to = from] = range.split('-').map((one: string) => days.indexOf(one) / 2);
          return from! <= to! ? day >= from! && day <= to! : day >= from! || day <= to!;
        });
      for (const range of found[2]!.split(',')) {
        const [from, to] = range.split('-');
        if (
          from! < to!
            ? on(today) && time! >= from! && time! < to!
            : (on(today) && time! >= from!) || (on((today + 6) % 7) && time! < to!)
        )
          return true;
      }
    }
    return !readable;
  } catch {
    return true;
  }
}
