import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../client/client/index.ts';
import { createPalette, type Entry, matching } from '../client/palette.ts';

const entry = (id: string, label: string, about?: string): Entry => ({ id, label, about, run: () => undefined });
const all = [
  entry('1', 'Zoë Drab', 'Where is my parcel?'),
  entry('handover', 'Hand over', 'This conversation'),
  entry('note', 'Write a note for operators'),
  entry('next', 'Take the next visitor'),
  entry('page', 'Operators', 'Page'),
];
const found = (query: string, recent: readonly string[] = []) => matching(all, query, recent).map(({ id }) => id);

describe('the command palette', () => {
  it('finds by words in any order, in any case, without the marks of letters', () => {
    expect(found('zoe')).toEqual(['1']);
    expect(found('OVER hand')).toEqual(['handover']);
    expect(found('visitor next take')).toEqual(['next']);
  });

  it('puts what begins with the word before what has it somewhere', () => {
    expect(found('operators')).toEqual(['page', 'note']);
  });

  it('looks through what is said beside it', () => {
    expect(found('parcel')).toEqual(['1']);
  });

  it('finds by letters left out, and nothing that is too far off', () => {
    expect(found('hndovr')).toEqual(['handover']);
    expect(found('tkrx')).toEqual([]);
    expect(found('zoe handover')).toEqual([]);
  });

  it('has everything where nothing was typed, what was used last in front', () => {
    expect(found('', ['next', 'gone', 'note'])).toEqual(['next', 'note', '1', 'handover', 'page']);
  });

  it('remembers what was chosen, the last one first', () => {
    const storage = memoryStorage();
    const palette = createPalette(storage);
    palette.open(all);
    palette.type('hand');
    expect(palette.choose()?.id).toBe('handover');
    palette.type('next');
    palette.choose();
    const later = createPalette(storage);
    later.open(all);
    expect(later.state.found.map(({ id }) => id).slice(0, 2)).toEqual(['next', 'handover']);
  });

  it('goes around the list, and begins at its top with each letter', () => {
    const palette = createPalette(memoryStorage());
    palette.open(all);
    palette.move(-1);
    expect(palette.state.active).toBe(4);
    palette.move(1);
    expect(palette.state.active).toBe(0);
    palette.move(2);
    palette.type('o');
    expect(palette.state.active).toBe(0);
    palette.type('nothing like it');
    palette.move(1);
    expect(palette.choose()).toBeUndefined();
  });

  it('always marks one, however short the list and long the step', () => {
    const palette = createPalette(memoryStorage());
    palette.open(all);
    palette.move(-8);
    expect(palette.state.active).toBe(2);
    expect(palette.choose()).toBeDefined();
  });

  it('takes what it cannot read as nothing remembered', () => {
    const storage = memoryStorage();
    storage.set('mibew.workspace.recent', '<html>');
    const palette = createPalette(storage);
    palette.open(all);
    expect(palette.state.found).toHaveLength(5);
  });
});
