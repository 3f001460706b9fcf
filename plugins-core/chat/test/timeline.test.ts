import { describe, expect, it } from 'vitest';
import { dayKind, follows, placeOf } from '../client/timeline.ts';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const message = (kind: number, name: string, ms: number) => ({ kind, name, created: ms / 1000 });

describe('the list of messages', () => {
  it('puts one’s own messages on one’s own side, whoever looks', () => {
    expect(placeOf(message(1, 'Guest', 0), true).side).toBe('own');
    expect(placeOf(message(1, 'Guest', 0), false).side).toBe('other');
    expect(placeOf(message(2, 'Ann', 0), true).side).toBe('other');
    expect(placeOf(message(2, 'Ann', 0), false).side).toBe('own');
    expect([3, 4, 5, 6, 7, 99].map((kind) => placeOf(message(kind, '', 0), false).side)).toEqual([
      'hidden',
      'info',
      'event',
      'event',
      'plugin',
      'event',
    ]);
  });

  it('groups what one person says in a row', () => {
    const first = placeOf(message(2, 'Ann', at(1, 12)), true);
    expect(follows(placeOf(message(2, 'Ann', at(1, 12, 4)), true), first)).toBe(true);
    expect(follows(placeOf(message(2, 'Ann', at(1, 12, 6)), true), first)).toBe(false);
    expect(follows(placeOf(message(2, 'Bob', at(1, 12, 1)), true), first)).toBe(false);
    expect(follows(placeOf(message(1, 'Ann', at(1, 12, 1)), true), first)).toBe(false);
    expect(follows(first, undefined)).toBe(false);
  });

  it('never groups across midnight, and never events', () => {
    const late = placeOf(message(2, 'Ann', at(1, 23, 59)), true);
    expect(follows(placeOf(message(2, 'Ann', at(2, 0, 1)), true), late)).toBe(false);
    const event = placeOf(message(6, '', at(1, 12)), true);
    expect(follows(event, event)).toBe(false);
  });

  it('says days as people do', () => {
    const now = at(15, 10);
    expect(dayKind(at(15, 0), now)).toBe('today');
    expect(dayKind(at(14, 23), now)).toBe('yesterday');
    expect(dayKind(at(13, 23), now)).toBe('day');
    expect(dayKind(new Date(2025, 10, 14).getTime(), now)).toBe('dayOfYear');
  });
});
