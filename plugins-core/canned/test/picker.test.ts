import { describe, expect, it } from 'vitest';
import { createPicker, matching, queryOf } from '../client/picker.ts';

const answers = [
  { short: 'Goodbye', full: 'Have a nice day!' },
  { short: 'Hello', full: 'Hello, Carl! How can I help you?' },
  { short: 'One moment', full: 'I am looking into it.' },
  { short: 'Übergabe', full: 'A colleague will say hello and take over.' },
];
const names = (list: readonly { short: string }[]) => list.map(({ short }) => short);

function filled() {
  let draws = 0;
  const picker = createPicker(() => void (draws += 1));
  picker.offer(answers);
  return { picker, draws: () => draws };
}

describe('what fits', () => {
  it('is everything while nothing is typed', () => {
    expect(names(matching(answers, ' '))).toEqual(['Goodbye', 'Hello', 'One moment', 'Übergabe']);
  });

  it('is found by beginnings first, then words, then anywhere, then in the text', () => {
    expect(names(matching(answers, 'hel'))).toEqual(['Hello', 'Übergabe']);
    expect(names(matching(answers, 'mom'))).toEqual(['One moment']);
    expect(names(matching(answers, 'o'))).toEqual(['One moment', 'Goodbye', 'Hello', 'Übergabe']);
  });

  it('holds every word, without regard to case and accents', () => {
    expect(names(matching(answers, 'ubergabe COLLEAGUE'))).toEqual(['Übergabe']);
    expect(matching(answers, 'hello moment')).toEqual([]);
  });
});

describe('the list', () => {
  it('is called by a / at the beginning of a field that holds one line', () => {
    expect([queryOf('/'), queryOf('/he llo'), queryOf('a/b'), queryOf(' /'), queryOf('/a\nb')]).toEqual([
      '',
      'he llo',
      undefined,
      undefined,
      undefined,
    ]);
    const { picker } = filled();
    picker.typed('x');
    expect(picker.state.open).toBe(false);
    picker.typed('/');
    expect(picker.state).toMatchObject({ open: true, active: 0 });
    expect(picker.state.matches).toHaveLength(4);
  });

  it('gets out of the way where nothing fits, and comes back', () => {
    const { picker } = filled();
    picker.typed('/etc/passwd');
    expect(picker.state.open).toBe(false);
    expect(picker.choose()).toBeUndefined();
    picker.typed('/he');
    expect(picker.state.open).toBe(true);
  });

  it('is walked through in a circle, and begins anew with each letter', () => {
    const { picker } = filled();
    picker.typed('/');
    picker.move(-1);
    expect(picker.state.active).toBe(3);
    picker.move(1);
    picker.move(1);
    expect(picker.state.active).toBe(1);
    picker.typed('/h');
    expect(picker.state.active).toBe(0);
  });

  it('gives the marked one in place of what was typed', () => {
    const { picker } = filled();
    picker.typed('/');
    picker.move(1);
    expect(picker.choose()).toEqual({ answer: answers[1], replaces: true });
    expect(picker.state.open).toBe(false);
    picker.typed(answers[1]!.full);
    expect(picker.state.open).toBe(false);
  });

  it('stays away after Escape until the / is gone', () => {
    const { picker } = filled();
    picker.typed('/h');
    picker.close();
    expect(picker.state.open).toBe(false);
    picker.typed('/he');
    expect(picker.state.open).toBe(false);
    picker.typed('');
    picker.typed('/');
    expect(picker.state.open).toBe(true);
  });

  it('opens by its button whatever is in the field, and then adds to it', () => {
    const { picker } = filled();
    picker.typed('Well, ');
    picker.toggle();
    expect(picker.state.open).toBe(true);
    expect(picker.choose(2)).toEqual({ answer: answers[2], replaces: false });
    picker.toggle();
    picker.typed('Well, then');
    expect(picker.state.open).toBe(false);
    picker.toggle();
    picker.toggle();
    expect(picker.state.open).toBe(false);
  });

  it('shows by its button that there is nothing, and keeps its place when messages come anew', () => {
    const picker = createPicker(() => undefined);
    picker.toggle();
    expect(picker.state).toEqual({ open: true, matches: [], active: 0 });
    expect(picker.choose()).toBeUndefined();
    picker.offer(answers);
    picker.move(1);
    picker.offer([...answers]);
    expect(picker.state.active).toBe(1);
    picker.offer(answers.slice(0, 1));
    expect(picker.state.active).toBe(0);
  });

  it('is not drawn for what it has nothing to do with', () => {
    const { picker, draws } = filled();
    const before = draws();
    picker.typed('H');
    picker.typed('He');
    expect(draws()).toBe(before);
  });
});
