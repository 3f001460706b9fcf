import { describe, expect, it } from 'vitest';
import { createCommands, isChord } from '../../client/client/index.ts';
import { keyName } from '../client/keys.ts';

interface Press {
  readonly key: string;
  readonly code?: string;
  readonly held?: readonly ('alt' | 'ctrl' | 'meta' | 'shift' | 'altGraph')[];
  readonly repeat?: boolean;
}
const press = ({ key, code = '', held = [], repeat = false }: Press) =>
  ({
    key,
    code,
    repeat,
    altKey: held.includes('alt'),
    ctrlKey: held.includes('ctrl'),
    metaKey: held.includes('meta'),
    shiftKey: held.includes('shift'),
    getModifierState: (name: string) => name === 'AltGraph' && held.includes('altGraph'),
  }) as unknown as KeyboardEvent;

describe('keys', () => {
  it('are told by what they write, and by what is held', () => {
    expect(isChord(press({ key: 'n', held: ['alt'] }), 'Alt+N')).toBe(true);
    expect(isChord(press({ key: 'n' }), 'Alt+N')).toBe(false);
    expect(isChord(press({ key: 'n', held: ['alt', 'ctrl'] }), 'Alt+N')).toBe(false);
    expect(isChord(press({ key: 'B', held: ['alt', 'shift'] }), 'Alt+Shift+B')).toBe(true);
    expect(isChord(press({ key: 'B', held: ['alt', 'shift'] }), 'Alt+B')).toBe(false);
    expect(isChord(press({ key: 'k', held: ['ctrl'] }), 'Mod+K')).toBe(true);
    expect(isChord(press({ key: 'ArrowDown', held: ['ctrl'] }), 'Ctrl+ArrowDown')).toBe(true);
  });

  it('need no shift of their own where a character alone is meant', () => {
    expect(isChord(press({ key: '?', held: ['shift'] }), '?')).toBe(true);
    expect(isChord(press({ key: '/' }), '/')).toBe(true);
  });

  it('are told by their place where Option or another alphabet writes something else', () => {
    expect(isChord(press({ key: '˜', code: 'KeyN', held: ['alt'] }), 'Alt+N')).toBe(true);
    expect(isChord(press({ key: 'т', code: 'KeyN', held: ['alt'] }), 'Alt+N')).toBe(true);
    // What stands on the key counts before its place.
    expect(isChord(press({ key: 'b', code: 'KeyN', held: ['alt'] }), 'Alt+N')).toBe(false);
  });

  it('are not meant by AltGr, which writes characters', () => {
    expect(isChord(press({ key: '@', code: 'KeyQ', held: ['alt', 'ctrl', 'altGraph'] }), 'Alt+Q')).toBe(false);
    expect(isChord(press({ key: 'q', code: 'KeyQ', held: ['alt', 'altGraph'] }), 'Alt+Q')).toBe(false);
  });

  it('run what can be done now, and single ones only where they are in use', () => {
    const done: string[] = [];
    let possible = true;
    const commands = createCommands();
    const end = commands.add({
      name: 'next',
      label: 'Next',
      keys: ['Alt+N', 'N'],
      shown: () => possible,
      run: () => done.push('next'),
    });
    expect(commands.press(press({ key: 'n' }), false)).toBe(false);
    expect(commands.press(press({ key: 'n' }), true)).toBe(true);
    expect(commands.press(press({ key: 'n', held: ['alt'] }), false)).toBe(true);
    possible = false;
    expect(commands.press(press({ key: 'n' }), true)).toBe(false);
    expect(commands.list()).toEqual([]);
    possible = true;
    end();
    expect(commands.list()).toEqual([]);
    expect(done).toEqual(['next', 'next']);
  });

  it('run once however long they are held, unless they move', () => {
    const done: string[] = [];
    const commands = createCommands();
    commands.add({ name: 'next', label: 'Next', keys: ['Alt+N'], run: () => done.push('next') });
    commands.add({ name: 'down', label: 'Down', keys: ['J'], repeats: true, run: () => done.push('down') });
    for (const repeat of [false, true, true]) {
      // Used up all the same: the browser has no other meaning for it meanwhile.
      expect(commands.press(press({ key: 'n', held: ['alt'], repeat }), true)).toBe(true);
      expect(commands.press(press({ key: 'j', repeat }), true)).toBe(true);
    }
    expect(done).toEqual(['next', 'down', 'down', 'down']);
  });

  it('are called as on the keyboard that is used', () => {
    expect(keyName('Mod+K', false)).toBe('Ctrl K');
    expect(keyName('Mod+K', true)).toBe('⌘ K');
    expect(keyName('Alt+Shift+B', true)).toBe('⌥ ⇧ B');
    expect(keyName('Ctrl+ArrowUp', false)).toBe('Ctrl ↑');
  });
});
