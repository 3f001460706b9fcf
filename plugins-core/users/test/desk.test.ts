import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../client/client/index.ts';
import { createAwaiting } from '../client/awaiting.ts';
import { createDesk } from '../client/desk.ts';

const seat = (id: number) => ({ id, token: id * 10, watch: false });
function deskWith(ids: readonly number[], storage = memoryStorage()) {
  const desk = createDesk(3, storage);
  for (const id of ids) desk.open(seat(id));
  return desk;
}

describe('conversations side by side', () => {
  it('puts one beside the other, and gives keys and facts to the new one', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(1);
    desk.beside(2, 2);
    expect(desk.shown(2)).toEqual([1, 2]);
    expect(desk.active).toBe(2);
  });

  it('changes only the column in use when another conversation is shown', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(1);
    desk.beside(2, 2);
    desk.show(3);
    expect(desk.shown(2)).toEqual([1, 3]);
    desk.show(1);
    expect(desk.shown(2)).toEqual([1, 3]);
    expect(desk.active).toBe(1);
  });

  it('falls back to one where there is no room for two, and comes back to two', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(1);
    desk.beside(2, 3);
    desk.beside(3, 3);
    expect(desk.shown(3)).toEqual([1, 2, 3]);
    expect(desk.shown(1)).toEqual([3]);
    desk.show(1);
    expect(desk.shown(2)).toEqual([1, 2]);
    expect(desk.shown(3)).toEqual([1, 2, 3]);
  });

  it('makes room for one more where all columns are taken', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(1);
    desk.beside(2, 2);
    desk.beside(3, 2);
    expect(desk.shown(2)).toEqual([2, 3]);
  });

  it('shows one alone again, and the other one when the one in use is put away', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(1);
    desk.beside(2, 2);
    desk.close(2);
    expect(desk.shown(2)).toEqual([1]);
    expect(desk.active).toBe(1);
    desk.beside(3, 2);
    desk.alone();
    expect(desk.shown(2)).toEqual([3]);
  });

  it('goes round the columns', () => {
    const desk = deskWith([1, 2]);
    desk.show(1);
    desk.beside(2, 2);
    expect(desk.otherColumn()).toBe(1);
    desk.show(1);
    expect(desk.otherColumn()).toBe(2);
  });

  it('has the same columns after a reload, without those that are gone', () => {
    const storage = memoryStorage();
    const before = deskWith([1, 2, 3], storage);
    before.show(1);
    before.beside(2, 3);
    expect(createDesk(3, storage).shown(2)).toEqual([1, 2]);
    before.close(1);
    expect(createDesk(3, storage).shown(2)).toEqual([2]);
  });

  it.each(['{"seats":[],"active":5,"columns":[5,"x"]}', '{"seats":[{"id":1,"token":1,"watch":false}],"columns":{}}'])(
    'shows nothing rather than what is not there: %s',
    (text) => {
      const storage = memoryStorage();
      storage.set('mibew.workspace.3', text);
      expect(createDesk(3, storage).shown(2)).toEqual([]);
    },
  );
});

describe('putting away', () => {
  it('is undone at the old place among the tabs', () => {
    const desk = deskWith([1, 2, 3]);
    desk.show(2);
    const gone = desk.close(2)!;
    expect(desk.active).toBe(3);
    desk.reopen(gone);
    expect(desk.seats.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(desk.close(9)).toBeUndefined();
  });
});

describe('what was put away and is open again', () => {
  it('stays as it is by now when that is undone', () => {
    const desk = deskWith([1]);
    desk.open({ id: 2, token: 20, watch: true });
    const gone = desk.close(2)!;
    desk.open({ id: 2, token: 20, watch: false });
    desk.reopen(gone);
    expect(desk.seat(2)?.watch).toBe(false);
  });
});

describe('who is to be answered next', () => {
  it('is who has waited longest of those that are open, besides the one in front', () => {
    const awaiting = createAwaiting();
    awaiting.set(1, 300);
    awaiting.set(2, 100);
    awaiting.set(3, 200);
    awaiting.set(9, 1);
    expect(awaiting.next([1, 2, 3], undefined)).toBe(2);
    expect(awaiting.next([1, 2, 3], 2)).toBe(3);
    awaiting.set(3, undefined);
    expect(awaiting.next([1, 2, 3], 2)).toBe(1);
    expect(awaiting.next([2], 2)).toBeUndefined();
  });
});
