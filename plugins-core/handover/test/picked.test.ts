import { describe, expect, it } from 'vitest';
import { chosenOf, onlyOf, sectionsOf, type Offer } from '../client/picked.ts';

const bob = { id: 2, name: 'Bob', presence: 'online' } as const;
const sales = { id: 2, name: 'Sales', presence: 'offline' } as const;
const offer = (part: Partial<Offer>): Offer => ({ agents: [], groups: [], more: false, noteLimit: 100, ...part });

describe('the list of targets', () => {
  it('tells an operator from a group of the same number, and knows how it is with him now', () => {
    const both = offer({ agents: [bob], groups: [sales] });
    expect(chosenOf(both, 'agent:2')).toEqual({ kind: 'agent', ...bob });
    expect(chosenOf(both, 'group:2')).toEqual({ kind: 'group', ...sales });
    for (const value of ['agent:3', 'group:', 'nobody:2', '']) expect(chosenOf(both, value), value).toBeUndefined();
  });

  it('chooses the only one that a search found, and none unasked', () => {
    expect(onlyOf(offer({ agents: [bob] }), 'bo')).toEqual({ kind: 'agent', ...bob });
    expect(onlyOf(offer({ groups: [sales] }), 'sa')).toEqual({ kind: 'group', ...sales });
    expect(onlyOf(offer({ agents: [bob] }), ' ')).toBeUndefined();
    expect(onlyOf(offer({ agents: [bob], groups: [sales] }), 's')).toBeUndefined();
    expect(onlyOf(offer({}), 'x')).toBeUndefined();
  });

  it('leaves out a section in which nobody is, and marks the chosen one', () => {
    const text = (key: string) => key;
    expect(sectionsOf(offer({ groups: [sales] }), { kind: 'agent', ...bob }, text)).toEqual([
      {
        title: 'handover.client.groups',
        targets: [{ ...sales, value: 'group:2', state: 'handover.presence.offline', chosen: false }],
      },
    ]);
    const [people] = sectionsOf(offer({ agents: [bob] }), { kind: 'agent', ...bob }, text);
    expect(people?.targets).toMatchObject([{ value: 'agent:2', chosen: true }]);
  });
});
