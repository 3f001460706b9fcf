import { describe, expect, it } from 'vitest';
import { conflictsOf, editsOf, readEdits, seenText } from '../edits.ts';

const form = (seen?: string) => new URLSearchParams(seen === undefined ? {} : { seen });
const shown = { name: 'Sales', email: 'sales@example.com', text: 'one\ntwo' };

describe('what was changed in a form', () => {
  it('is what differs from what it showed', () => {
    const { changed, seen } = editsOf({ ...shown, name: 'Orders', text: 'one\r\ntwo' }, form(seenText(shown)));
    expect(changed).toEqual(['name']);
    expect(seen).toEqual(shown);
  });

  it('is everything where the form does not say what it showed', () => {
    for (const seen of [undefined, '', 'no json', '7', 'null']) {
      expect(editsOf(shown, form(seen))).toEqual({ changed: ['name', 'email', 'text'], seen: undefined });
    }
  });

  it('is a field of which the form does not say what it showed, or says nonsense', () => {
    expect(editsOf(shown, form(JSON.stringify({ name: 'Sales', email: 3 }))).changed).toEqual(['email', 'text']);
  });
});

describe('the edits of a form', () => {
  const read = ({ name, email }: Partial<typeof shown>) => ({
    ...(name !== undefined && { called: name }),
    ...(email !== undefined && { mail: email }),
  });

  it('are what is to change, and what was expected in its place', () => {
    const posted = { ...shown, name: 'Orders' };
    const edits = readEdits(posted, form(seenText(shown)), read);
    expect(edits).toMatchObject({ changes: { called: 'Orders' }, expected: { called: 'Sales' } });
    expect(readEdits(posted, form(), read)).toMatchObject({
      changes: { called: 'Orders', mail: 'sales@example.com' },
      expected: undefined,
      seen: undefined,
    });
  });

  it('stand in the form anew, over what everything else is by now', () => {
    const edits = readEdits({ ...shown, name: 'Orders' }, form(seenText(shown)), read);
    const now = { name: 'Shop', email: 'new@example.com', text: 'three' };
    expect(edits.onto(now)).toEqual({ ...now, name: 'Orders' });
  });

  it('remember what the form showed at first, when it is shown again', () => {
    const first = readEdits({ ...shown, name: '' }, form(seenText(shown)), read);
    const second = readEdits({ ...shown, name: 'Orders' }, form(first.seen), read);
    expect(second.expected).toEqual({ called: 'Sales' });
  });
});

describe('a conflict', () => {
  const now = { name: 'Sales', weight: 3, permissions: ['admin'] };

  it('is what somebody else changed to something else', () => {
    expect(conflictsOf(now, { name: 'Shop' }, { name: 'Orders' })).toEqual(['name']);
    expect(conflictsOf(now, { permissions: [] }, { permissions: ['takeover'] })).toEqual(['permissions']);
  });

  it('is neither what nobody else changed, nor what he changed to the same', () => {
    expect(conflictsOf(now, { name: 'Sales', permissions: ['admin'] }, { name: 'Orders', permissions: [] })).toEqual(
      [],
    );
    expect(conflictsOf(now, { weight: 1 }, { weight: 3 })).toEqual([]);
  });
});
