import { describe, expect, it } from 'vitest';
import { contains, formatRange, isEverybody, isWide, parseAddress, parseRange } from '../addresses.ts';

const written = (text: string) => {
  const range = parseRange(text);
  return range && formatRange(range);
};

describe('a range', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.7/32', '192.0.2.7'],
    ['192.0.2.0-192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.1 – 192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:192.0.2.1-192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::/64'],
    ['2001:db8::1-2001:db8::5', '2001:db8::1-2001:db8::5'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::/0', '::/0'],
  ])('%s is %s', (text, expected) => {
    expect(written(text)).toBe(expected);
    expect(written(expected)).toBe(expected);
  });

  it.each([
    '',
    'shop.example',
    '192.0.2',
    '127.1',
    '0300.0.2.7',
    '192.0.2.256',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '192.0.2.0/24/8',
    '2001:db8::/129',
    '192.0.2.9-192.0.2.1',
    '192.0.2.1-2001:db8::1',
    '192.0.2.1-192.0.2.2-192.0.2.3',
    '2001:db8:::1',
    '192.0.2.0/0x8',
    '-',
    '/',
  ])('"%s" is none', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  it('of all addresses of IPv6 holds none of IPv4', () => {
    const everybody = parseRange('::/0')!;
    expect(contains(everybody, parseAddress('2001:db8::1')!)).toBe(true);
    expect(contains(everybody, parseAddress('::ffff:192.0.2.7')!)).toBe(false);
  });

  it('knows whether it is wide, or everybody', () => {
    const told = (text: string) => [isWide(parseRange(text)!), isEverybody(parseRange(text)!)];
    expect(told('0.0.0.0/0')).toEqual([true, true]);
    expect(told('::/0')).toEqual([true, true]);
    expect(told('0.0.0.1-255.255.255.255')).toEqual([true, false]);
    expect(told('10.0.0.0/15')).toEqual([true, false]);
    expect(told('10.0.0.0/16')).toEqual([false, false]);
    expect(told('2001:db8::/47')).toEqual([true, false]);
    expect(told('2001:db8::/48')).toEqual([false, false]);
    expect(told('192.0.2.7')).toEqual([false, false]);
  });
});
