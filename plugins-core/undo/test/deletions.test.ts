import { expect, it } from 'vitest';
import { eachDialect, type TestDatabase } from '../../database/testing.ts';
import { operator } from '../../groups/test/world.ts';
import type { UndoOutcome } from '../api.ts';
import { createDeletions } from '../deletions.ts';
import { deletion } from '../tables.ts';

const day = 86_400_000;
const [ann, bob] = [operator(1, ['admin']), operator(2)];

function createWorld(db: TestDatabase) {
  const clock = { now: 1_000 };
  const state = { outcome: 'restored' as UndoOutcome, broken: false };
  const restored: unknown[] = [];
  const deletions = createDeletions({
    db,
    operators: { can: ({ permissions }, permission) => permissions.includes(permission) },
    now: () => clock.now,
  });
  const kind = (name: string, permission?: string) => ({
    kind: name,
    ...(permission !== undefined && { permission }),
    async restore(value: unknown) {
      if (state.broken) throw new Error('broken');
      restored.push(value);
      return state.outcome;
    },
    page: (_: unknown, outcome: UndoOutcome) => `/list?done=${outcome}`,
  });
  const remove = deletions.add(kind('test.thing'));
  deletions.add(kind('test.secret', 'admin'));
  return { deletions, clock, state, restored, remove, kind };
}

eachDialect((_, open) => {
  const begin = async () => createWorld(await open([deletion]));
  const value = { id: 7, text: 'a\n"b" \u{1f600}', list: [1, null], at: 0 };

  it('brings back exactly what was kept, once, for whoever deleted it', async () => {
    const { deletions, restored, state } = await begin();
    const id = await deletions.keep('test.thing', value, bob);
    expect([await deletions.has(id, bob), await deletions.has(id, ann)]).toEqual([true, false]);
    expect(await deletions.restore(id, ann)).toBeUndefined();
    expect(await deletions.restore(id, bob)).toEqual({ outcome: 'restored', page: '/list?done=restored' });
    expect(await deletions.restore(id, bob)).toBeUndefined();
    expect(restored).toEqual([value]);
    state.outcome = 'taken';
    const other = await deletions.keep('test.thing', value, bob);
    expect(await deletions.restore(other, bob)).toEqual({ outcome: 'taken', page: '/list?done=taken' });
  });

  it('lets one of two clicks count', async () => {
    const { deletions, restored } = await begin();
    const id = await deletions.keep('test.thing', value, bob);
    const answers = await Promise.all([deletions.restore(id, bob), deletions.restore(id, bob)]);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(restored).toHaveLength(1);
  });

  it('asks for the permission that is needed still, and for the plugin to be there', async () => {
    const { deletions, remove } = await begin();
    const secret = await deletions.keep('test.secret', value, bob);
    expect(await deletions.restore(secret, bob)).toBeUndefined();
    expect(await deletions.restore(await deletions.keep('test.secret', value, ann), ann)).toBeDefined();
    const id = await deletions.keep('test.thing', value, bob);
    remove();
    expect(await deletions.restore(id, bob)).toBeUndefined();
  });

  it('forgets after a day, and not before', async () => {
    const { deletions, clock } = await begin();
    const id = await deletions.keep('test.thing', value, bob);
    clock.now += day - 1;
    await deletions.tidy();
    expect(await deletions.has(id, bob)).toBe(true);
    clock.now += 1;
    expect(await deletions.restore(id, bob)).toBeUndefined();
    clock.now += 1;
    await deletions.tidy();
    clock.now = 1_000;
    expect(await deletions.has(id, bob)).toBe(false);
  });

  it('keeps what could not be brought back because something broke', async () => {
    const { deletions, state, restored } = await begin();
    const id = await deletions.keep('test.thing', value, bob);
    state.broken = true;
    await expect(deletions.restore(id, bob)).rejects.toThrow('broken');
    state.broken = false;
    expect(await deletions.restore(id, bob)).toMatchObject({ outcome: 'restored' });
    expect(restored).toEqual([value]);
  });

  it('takes each kind from one plugin', async () => {
    const { deletions, kind } = await begin();
    expect(() => deletions.add(kind('test.thing'))).toThrow('already');
  });
});
