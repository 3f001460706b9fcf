import { expect, it } from 'vitest';
import { ago } from '../client/ago.ts';

it('says how long ago something was as people do', () => {
  const day = 86_400;
  const said = [0, 59, 60, 3_599, 7_200, day, 3 * day, 45 * day, 400 * day].map((seconds) => ago(seconds, 'en'));
  expect(said).toEqual([
    'now',
    'now',
    '1 minute ago',
    '59 minutes ago',
    '2 hours ago',
    'yesterday',
    '3 days ago',
    'last month',
    'last year',
  ]);
});

it('says "now" to a clock that is behind, and speaks English where the language is not known', () => {
  expect(ago(-30, 'en')).toBe('now');
  expect(ago(120, 'not a language')).toBe('2 minutes ago');
  expect(ago(120, 'de')).toBe('vor 2 Minuten');
});
