import { describe, expect, it } from 'vitest';
import { exactly, inWords } from '../times.ts';

const words = {
  now: 'Just now',
  today: 'Today at {time}',
  yesterday: 'Yesterday at {time}',
  tomorrow: 'Tomorrow at {time}',
  day: '{day} at {time}',
};
const english = { language: 'en-GB', words };
/** A Thursday, by the clock of whoever runs the tests. */
const now = new Date(2026, 9, 15, 14, 30, 20).getTime();
const at = (...[month, date, hours, minutes]: [number, number, number, number]) =>
  inWords(new Date(2026, month, date, hours, minutes).getTime(), now, english);

describe('times in words', () => {
  it('are reckoned from now on within the hour', () => {
    expect(inWords(now - 59_000, now, english)).toBe('Just now');
    expect(inWords(now - 60_000, now, english)).toBe('1 minute ago');
    expect(inWords(now - 59 * 60_000, now, english)).toBe('59 minutes ago');
    expect(inWords(now + 3 * 60_000 + 5_000, now, english)).toBe('in 3 minutes');
  });

  it('name the day while it is near', () => {
    expect(at(9, 15, 9, 5)).toBe('Today at 09:05');
    expect(at(9, 14, 23, 59)).toBe('Yesterday at 23:59');
    expect(at(9, 16, 0, 1)).toBe('Tomorrow at 00:01');
    expect(at(9, 9, 14, 0)).toBe('Friday at 14:00');
  });

  it('are dates further away, where the name of a day could be two', () => {
    expect(at(9, 8, 14, 0)).toBe('8 Oct 2026');
    expect(at(9, 22, 14, 0)).toBe('22 Oct 2026');
  });

  it('speak the language of the page', () => {
    expect(inWords(now - 3 * 60_000, now, { language: 'de', words })).toBe('vor 3 Minuten');
  });

  it('are exact to the second when asked', () => {
    expect(exactly(now, english)).toMatch(/^15 October 2026 at 14:30:20 \S+/);
  });
});
