import { expect, it } from 'vitest';
import { toJson } from '../client/json.ts';

it('writes what is there, whatever an old library has made of the prototypes, and leaves those as they were', () => {
  const value = { texts: ['a', 'b'], count: 1, yes: true };
  const right = JSON.stringify(value);
  const touched = [Array.prototype, String.prototype, Number.prototype] as object[];
  for (const prototype of touched)
    Object.defineProperty(prototype, 'toJSON', { value: () => 'nonsense', configurable: true, enumerable: true });
  try {
    expect(JSON.stringify(value)).not.toBe(right);
    expect(toJson(value)).toBe(right);
    for (const prototype of touched) expect(Object.keys(prototype)).toContain('toJSON');
  } finally {
    for (const prototype of touched) Reflect.deleteProperty(prototype, 'toJSON');
  }
});
