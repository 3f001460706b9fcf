import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { formatRange, parseAddress, parseRange, type Range } from '../addresses.ts';
import { createSegments } from '../segments.ts';

/** Reads an address without any library, as slowly as one likes. */
function naive(text: string): { family: 4 | 6; value: bigint } {
  if (!text.includes(':'))
    return { family: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  const [head = '', tail] = text.split('::');
  const words = (part: string | undefined) => (part ? part.split(':') : []);
  const missing = 8 - words(head).length - words(tail).length;
  const all = [...words(head), ...(tail === undefined ? [] : Array<string>(missing).fill('0')), ...words(tail)];
  const value = all.reduce((sum, word) => sum * 65536n + BigInt(`0x${word}`), 0n);
  return value >> 32n === 0xffffn ? { family: 4, value: value % 2n ** 32n } : { family: 6, value };
}

describe('addresses and ranges', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are matched as slow counting matches them (seed %i)', (seed) => {
    const random = createRandom(seed);
    const below = (limit: number) => random.below(limit);
    const pick = <T>(list: readonly T[]): T => random.pick(list);
    // Few different numbers, so that ranges meet, touch and lie within each other.
    const four = () => `10.${below(2)}.${pick([0, 1, 2, 255])}.${pick([0, 1, 2, 3, 127, 128, 254, 255])}`;
    const six = () =>
      pick([
        () => `2001:db8::${below(3)}:${pick(['0', '1', 'ffff'])}`,
        () => `2001:db8:${below(2)}:${below(2)}:0:0:0:${below(3)}`,
        () => `::ffff:a0${below(2)}:${pick(['0', '1', 'ff', 'ffff'])}`,
        () => pick(['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::1']),
      ])();
    const address = () => pick([four, six])();
    const range = (): { text: string; low: bigint; high: bigint; family: 4 | 6 } => {
      const [a, b] = [naive(address()), naive(address())];
      const write = ({ family, value }: { family: 4 | 6; value: bigint }) =>
        formatRange({ family, low: value, high: value });
      const shape = below(3);
      if (shape === 0) return { text: write(a), family: a.family, low: a.value, high: a.value };
      if (shape === 1) {
        const length = below((a.family === 4 ? 32 : 128) + 1);
        const size = 2n ** BigInt((a.family === 4 ? 32 : 128) - length);
        const low = (a.value / size) * size;
        return { text: `${write(a)}/${length}`, family: a.family, low, high: low + size - 1n };
      }
      if (a.family !== b.family) return range();
      const [low, high] = a.value < b.value ? [a, b] : [b, a];
      return { text: `${write(low)}-${write(high)}`, family: a.family, low: low.value, high: high.value };
    };

    for (let round = 0; round < 40; round += 1) {
      const wanted = Array.from({ length: below(12) }, range);
      const parsed = wanted.map(({ text }, value) => ({ ...parseRange(text)!, value }));
      expect(parsed.map(({ family, low, high }) => ({ family, low, high }))).toEqual(
        wanted.map(({ family, low, high }) => ({ family, low, high })),
      );
      const find = {
        4: createSegments(parsed.filter(({ family }) => family === 4)),
        6: createSegments(parsed.filter(({ family }) => family === 6)),
      };
      const edges = wanted.flatMap(({ family, low, high }) =>
        [low - 1n, low, high, high + 1n].map((value) => ({ family, value })),
      );
      const points = [...edges, ...Array.from({ length: 50 }, () => naive(address()))];
      for (const { family, value } of points) {
        const slow = wanted.findIndex((one) => one.family === family && one.low <= value && value <= one.high);
        expect(find[family](value)).toBe(slow < 0 ? undefined : slow);
      }
    }
  });

  it('are read from every way of writing them', () => {
    const random = createRandom(9);
    for (let round = 0; round < 500; round += 1) {
      const value = Array.from({ length: 4 }, () => BigInt(random.below(2 ** 32))).reduce(
        (sum, part) => (sum << 32n) | (random.chance(0.4) ? 0n : part),
        0n,
      );
      const range: Range = { family: 6, low: value, high: value };
      const text = formatRange(range);
      expect(naive(text)).toEqual({ family: parseAddress(text)!.family, value: parseAddress(text)!.low });
      expect(parseAddress(text.toUpperCase())).toEqual(parseAddress(text));
    }
  });
});
