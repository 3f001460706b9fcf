import { describe, expect, it } from 'vitest';
import type { TrackedVisitor } from '../../tracking/api.ts';
import type { InvitationRule } from '../api.ts';
import { dueOf, fits, isPage, means } from '../matching.ts';
import { createWheel } from '../wheel.ts';

const rule: InvitationRule = {
  id: 1,
  name: 'any',
  enabled: true,
  page: '',
  secondsOnPage: 0,
  secondsOnSite: 0,
  pagesSeen: 0,
  visitor: 'any',
  attribute: '',
  value: '',
  operators: 1,
  groupId: 0,
  hours: 24,
  greeting: '',
  weight: 1,
};
const visitor = {
  id: 1,
  page: { address: 'https://shop.example/cart?a=1#top', title: '', at: 50_000 },
  pages: 3,
  visits: 0,
  firstTime: 10_000,
  threadId: 0,
  attributes: { plan: 'pro' },
} as unknown as TrackedVisitor;

describe('a pattern', () => {
  it.each([
    ['', 'a', false],
    ['a', 'a', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['*b*b*', 'abc', false],
    ['a*b*c', 'a-b-c', true],
    ['a*bc*c', 'abc', false],
    ['*', '', true],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });

  it('takes no longer for a page that means harm', () => {
    expect(fits(`${'*a'.repeat(100)}*b`, 'a'.repeat(100_000))).toBe(false);
  });

  it.each([
    ['', true],
    ['/cart', true],
    ['/cart*', true],
    ['/car', false],
    ['/cart?a=1', true],
    ['/cart?a=2', false],
    ['shop.example/*', true],
    ['https://shop.example/cart', true],
    ['http://shop.example/cart', false],
    ['*/cart', true],
    ['other.example/*', false],
  ])('of pages: %j is the cart: %s', (pattern, expected) => {
    expect(isPage(pattern, 'https://shop.example/cart?a=1#top')).toBe(expected);
  });

  it('"/" is the first page of a site', () => {
    expect(isPage('/', 'https://shop.example')).toBe(true);
    expect(isPage('/', 'https://shop.example/?from=mail')).toBe(true);
    expect(isPage('/', 'https://shop.example/cart')).toBe(false);
  });
});

describe('a rule', () => {
  it.each([
    [{}, true],
    [{ enabled: false }, false],
    [{ page: '/cart' }, true],
    [{ page: '/help' }, false],
    [{ pagesSeen: 3 }, true],
    [{ pagesSeen: 4 }, false],
    [{ visitor: 'new' as const }, true],
    [{ visitor: 'returning' as const }, false],
    [{ attribute: 'plan' }, true],
    [{ attribute: 'plan', value: 'pro' }, true],
    [{ attribute: 'plan', value: 'free' }, false],
    [{ attribute: 'name' }, false],
    // Not something that every object has.
    [{ attribute: 'toString' }, false],
  ])('with %j means the visitor: %s', (changes, expected) => {
    expect(means({ ...rule, ...changes }, visitor)).toBe(expected);
  });

  it('means nobody who is in a conversation or invited, and nobody whose page is unknown', () => {
    expect(means(rule, { ...visitor, threadId: 7 })).toBe(false);
    expect(means(rule, { ...visitor, page: undefined })).toBe(false);
    expect(means({ ...rule, visitor: 'returning' }, { ...visitor, visits: 1 })).toBe(true);
  });

  it('waits until he has been on the page and on the site for long enough', () => {
    expect(dueOf({ ...rule, secondsOnPage: 30 }, visitor)).toBe(80_000);
    expect(dueOf({ ...rule, secondsOnPage: 30, secondsOnSite: 120 }, visitor)).toBe(130_000);
  });
});

describe('a wheel', () => {
  it('gives each number once, when its time has come, and one that was moved at its last time', () => {
    const wheel = createWheel();
    expect(wheel.due(10_000)).toEqual([]);
    wheel.set(1, 11_500);
    wheel.set(2, 12_000);
    wheel.set(3, 11_000);
    wheel.set(3, 15_000);
    wheel.set(4, 11_000);
    wheel.clear(4);
    expect(wheel.due(11_999)).toEqual([]);
    expect(wheel.due(12_000)).toEqual([1, 2]);
    expect(wheel.due(12_000)).toEqual([]);
    // What should have been is next.
    wheel.set(5, 1_000);
    expect(wheel.due(13_000)).toEqual([5]);
    expect(wheel.due(9_000_000)).toEqual([3]);
  });
});
