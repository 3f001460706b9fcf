import { expect, it } from 'vitest';
import type { Kept, Sides } from '../kept.ts';
import { createLedger } from '../ledger.ts';

/** A table in memory that counts, and fails where it is told to. */
function table() {
  const rows = new Map<number, Sides>();
  const state = { reads: 0, writes: [] as number[][], broken: false };
  const kept: Kept = {
    async of(id) {
      state.reads += 1;
      if (state.broken) throw new Error('the database is away');
      return structuredClone(rows.get(id)) ?? { user: { delivered: 0, read: 0 }, agent: { delivered: 0, read: 0 } };
    },
    async write(list) {
      if (state.broken) throw new Error('the database is away');
      state.writes.push([...list.keys()]);
      for (const [id, sides] of list) rows.set(id, structuredClone(sides));
    },
  };
  return { rows, state, kept };
}
const at = (delivered: number, read: number) => ({ delivered, read });

it('asks the database once for each conversation, and writes only what is new', async () => {
  const { kept, state } = table();
  const ledger = createLedger(kept);
  for (let poll = 0; poll < 5; poll += 1) await ledger.of(1);
  expect(await ledger.put(1, 'user', at(2, 1))).toBe(true);
  expect(await ledger.put(1, 'user', at(2, 1))).toBe(false);
  expect(await ledger.put(1, 'user', at(1, 0))).toBe(false);
  await ledger.put(2, 'agent', at(1, 1));
  await ledger.flush();
  await ledger.flush();
  expect(state.reads).toBe(2);
  expect(state.writes).toEqual([[1, 2]]);
});

it('keeps what could not be stored, and stores it later', async () => {
  const { kept, state, rows } = table();
  const ledger = createLedger(kept);
  await ledger.put(1, 'user', at(1, 1));
  state.broken = true;
  await expect(ledger.flush()).rejects.toThrow('away');
  await ledger.put(1, 'user', at(2, 1));
  state.broken = false;
  await ledger.flush();
  expect(rows.get(1)?.user).toEqual(at(2, 1));
});

it('forgets no more than what is stored, and asks again for what it could not read', async () => {
  const { kept, state, rows } = table();
  const ledger = createLedger(kept, 1);
  await ledger.put(1, 'user', at(5, 5));
  await ledger.of(2);
  expect((await ledger.of(1)).user).toEqual(at(5, 5));
  await ledger.flush();
  expect(rows.get(1)?.user).toEqual(at(5, 5));
  state.broken = true;
  await expect(ledger.of(3)).rejects.toThrow('away');
  state.broken = false;
  expect((await ledger.of(3)).user).toEqual(at(0, 0));
});

it('takes from other nodes what it knows already, and leaves the writing to them', async () => {
  const { kept, state } = table();
  const ledger = createLedger(kept);
  await ledger.hear(7, 'user', at(1, 1));
  expect(state.reads).toBe(0);
  await ledger.of(7);
  await ledger.hear(7, 'user', at(3, 2));
  expect((await ledger.of(7)).user).toEqual(at(3, 2));
  await ledger.flush();
  expect(state.writes).toEqual([]);
});
