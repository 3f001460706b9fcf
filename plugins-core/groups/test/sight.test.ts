/** What is visible is the rule of the specification, over random groups and memberships. */
import { describe, expect, it } from 'vitest';
import { directoryOf } from '../directory.ts';
import { fitting, inSight, neighbourhood } from '../sight.ts';

/** Repeatable: mulberry32. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomWorld(seed: number) {
  const random = randomOf(seed);
  const groups = Array.from({ length: random(8) }, (_, index) => ({ id: index + 1, parentId: 0 }));
  const tops = groups.slice(0, random(groups.length + 1));
  for (const group of groups.slice(tops.length))
    if (tops.length > 0 && random(3) > 0) group.parentId = tops[random(tops.length)]!.id;
  const operators = Array.from({ length: 1 + random(6) }, (_, index) => ({ id: index + 1 }));
  const links = groups.flatMap(({ id }) =>
    operators.filter(() => random(3) === 0).map((operator) => ({ groupId: id, operatorId: operator.id })),
  );
  // Groups that are not there (any more) among them.
  const threads = Array.from({ length: 12 }, (_, index) => ({ id: index + 1, groupId: random(groups.length + 3) }));
  const rows = groups.map((group) => ({
    ...group,
    name: `G${group.id}`,
    nameKey: '',
    commonName: '',
    description: '',
    commonDescription: '',
    email: '',
    weight: random(3),
    title: '',
    chatTitle: '',
    logo: '',
    hostUrl: '',
  }));
  return { groups, operators, links, threads, directory: directoryOf(rows, links) };
}
const seeds = Array.from({ length: 500 }, (_, index) => index + 1);
const ids = (list: readonly { readonly id: number }[]) => list.map(({ id }) => id);

describe('the rules of groups', () => {
  it('show threads of no group, of the own groups and of their parents, and nothing else', () => {
    let [seen, hidden] = [0, 0];
    for (const seed of seeds) {
      const { groups, operators, links, threads, directory } = randomWorld(seed);
      for (const operator of operators) {
        const isIn = (groupId: number) =>
          links.some((one) => one.groupId === groupId && one.operatorId === operator.id);
        const expected = threads.filter(
          ({ groupId }) =>
            !groups.some(({ id }) => id === groupId) ||
            isIn(groupId) ||
            groups.some(({ id, parentId }) => parentId === groupId && isIn(id)),
        );
        expect(ids(inSight(directory, operator.id, threads)), `seed ${seed}`).toEqual(ids(expected));
        seen += expected.length;
        hidden += threads.length - expected.length;
      }
    }
    // The worlds are worth the while.
    expect(Math.min(seen, hidden)).toBeGreaterThan(5_000);
  });

  it('count operators of a group and of those below it, and without a group whoever is in any', () => {
    for (const seed of seeds) {
      const { groups, operators, links, directory } = randomWorld(seed);
      for (const groupId of [0, ...ids(groups), 99]) {
        const known = groups.some(({ id }) => id === groupId);
        const expected = operators.filter(({ id }) =>
          links.some(
            (one) =>
              one.operatorId === id &&
              (!known ||
                one.groupId === groupId ||
                groups.some((group) => group.id === one.groupId && group.parentId === groupId)),
          ),
        );
        expect(ids(fitting(directory, groupId, operators)), `seed ${seed}`).toEqual(ids(expected));
      }
    }
  });

  it('isolate to the same groups, parents, children and siblings', () => {
    for (const seed of seeds) {
      const { groups, operators, links, directory } = randomWorld(seed);
      const groupsOf = (id: number) =>
        groups.filter((one) => links.some((link) => link.groupId === one.id && link.operatorId === id));
      for (const operator of operators) {
        const own = groupsOf(operator.id);
        const near = groups.filter((one) =>
          own.some(
            ({ id, parentId }) =>
              one.id === id ||
              one.id === parentId ||
              one.parentId === id ||
              (parentId !== 0 && one.parentId === parentId),
          ),
        );
        const people = operators.filter(
          ({ id }) => id === operator.id || groupsOf(id).some((one) => near.includes(one)),
        );
        const found = neighbourhood(directory, operator);
        expect(
          [...found.groups].toSorted((a, b) => a - b),
          `seed ${seed}`,
        ).toEqual(ids(near));
        expect(
          [...found.operators].toSorted((a, b) => a - b),
          `seed ${seed}`,
        ).toEqual(ids(people));
      }
    }
  });
});
