/** Changes of groups and memberships. Every one locks all groups first: parents and children are looked at together. */
import { and, eq, inArray } from 'drizzle-orm';
import type { Database, Transaction } from '../database/api.ts';
import { conflictsOf } from '../operators/api.ts';
import { GroupError, type Group, type GroupInput, type GroupIssue, type MemberChange } from './api.ts';
import { groupOf } from './directory.ts';
import { issuesOf, keyOf, parentIssue, tidied } from './rules.ts';
import { group, member, type GroupRow } from './tables.ts';

/** The members of a group, before and after. */
export interface MembersChanged {
  readonly group: Group;
  readonly original: readonly number[];
  readonly operators: readonly number[];
}
export interface Removed {
  readonly group: Group;
  /** Groups that were below it, as they were. */
  readonly children: readonly Group[];
}

export type Store = ReturnType<typeof createStore>;

const blank = {
  parentId: 0,
  name: '',
  commonName: '',
  description: '',
  commonDescription: '',
  email: '',
  weight: 0,
  title: '',
  chatTitle: '',
  logo: '',
  hostUrl: '',
} satisfies Omit<Group, 'id'>;

const fieldsOf = (input: GroupInput): GroupInput =>
  Object.fromEntries(
    Object.keys(blank).flatMap((field) => {
      const value = input[field as keyof GroupInput];
      return value === undefined ? [] : [[field, value]];
    }),
  );

function refuse(issues: readonly GroupIssue[], why: 'GROUP_INVALID' | 'GROUP_CHANGED' = 'GROUP_INVALID'): void {
  if (issues.length === 0) return;
  throw new GroupError(why, issues.map(({ field, code }) => `${field}: ${code}`).join(', '), issues);
}
const unknown = (id: number) => new GroupError('GROUP_UNKNOWN', `there is no group ${id}`);

export function createStore(db: Database) {
  const groups = db.table(group);
  const members = db.table(member);

  const lock = (tx: Transaction): Promise<GroupRow[]> =>
    Promise.resolve(db.forUpdate(tx.query.select().from(groups).orderBy(groups.id)));
  const membersOf = async (tx: Transaction, groupId: number) =>
    (
      await tx.query
        .select({ id: members.operatorId })
        .from(members)
        .where(eq(members.groupId, groupId))
        .orderBy(members.operatorId)
    ).map(({ id }) => id);

  /** @throws GroupError */
  function check(rows: readonly GroupRow[], input: GroupInput, id?: number): void {
    const issues = issuesOf(input);
    const { name, parentId } = input;
    const key = name === undefined ? undefined : keyOf(name);
    if (!issues.some(({ field }) => field === 'name') && rows.some((row) => row.nameKey === key && row.id !== id))
      issues.push({ field: 'name', code: 'taken' });
    const parent = parentId === undefined ? undefined : parentIssue(rows, parentId, id);
    if (parent) issues.push({ field: 'parentId', code: parent });
    refuse(issues);
  }
  /** Where there was no row to lock, two may come to the same name at once: the key lets one of them in. */
  async function named<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (db.isUniqueViolation(error)) refuse([{ field: 'name', code: 'taken' }]);
      throw error;
    }
  }
  const keyed = (input: GroupInput) => (input.name === undefined ? {} : { nameKey: keyOf(input.name) });

  async function change(tx: Transaction, one: Group, { add = [], remove = [] }: MemberChange) {
    const original = await membersOf(tx, one.id);
    const gone = original.filter((id) => remove.includes(id) && !add.includes(id));
    const fresh = [...new Set(add)].filter((id) => !original.includes(id));
    if (gone.length > 0)
      await tx.query.delete(members).where(and(eq(members.groupId, one.id), inArray(members.operatorId, gone)));
    if (fresh.length > 0)
      await tx.query.insert(members).values(fresh.map((operatorId) => ({ groupId: one.id, operatorId })));
    if (gone.length + fresh.length === 0) return [];
    const operators = [...original.filter((id) => !gone.includes(id)), ...fresh].toSorted((a, b) => a - b);
    return [{ group: one, original, operators }];
  }

  return {
    /** @throws GroupError */
    async create(input: GroupInput): Promise<Group> {
      const given = { ...blank, ...fieldsOf(tidied(input)) };
      const row = { ...given, nameKey: keyOf(given.name) };
      const id = await named(
        db.transaction(async (tx) => {
          check(await lock(tx), given);
          return (await tx.query.insert(groups).values(row)).insertId;
        }),
      );
      return groupOf({ id, ...row });
    },
    /** @throws GroupError */
    async update(
      id: number,
      input: GroupInput,
      expected: GroupInput = {},
    ): Promise<{ readonly group: Group; readonly original: Group }> {
      const given = fieldsOf(tidied(input));
      const set = { ...given, ...keyed(given) };
      const row = await named(
        db.transaction(async (tx) => {
          const rows = await lock(tx);
          const was = rows.find((one) => one.id === id);
          if (!was) throw unknown(id);
          check(rows, given, id);
          const conflicts = conflictsOf<GroupInput>(groupOf(was), expected, given);
          refuse(
            conflicts.map((field) => ({ field, code: 'changed' })),
            'GROUP_CHANGED',
          );
          if (Object.keys(set).length > 0) await tx.query.update(groups).set(set).where(eq(groups.id, id));
          return was;
        }),
      );
      return { group: groupOf({ ...row, ...set }), original: groupOf(row) };
    },
    /** Group, memberships, and what was below it. */
    remove: (id: number): Promise<Removed | undefined> =>
      db.transaction(async (tx) => {
        const rows = await lock(tx);
        const row = rows.find((one) => one.id === id);
        if (!row) return undefined;
        await tx.query.delete(members).where(eq(members.groupId, id));
        await tx.query.update(groups).set({ parentId: 0 }).where(eq(groups.parentId, id));
        await tx.query.delete(groups).where(eq(groups.id, id));
        return { group: groupOf(row), children: rows.filter(({ parentId }) => parentId === id).map(groupOf) };
      }),
    /** @throws GroupError GROUP_UNKNOWN */
    changeMembers: (groupId: number, wanted: MemberChange): Promise<readonly MembersChanged[]> =>
      db.transaction(async (tx) => {
        const row = (await lock(tx)).find(({ id }) => id === groupId);
        if (!row) throw unknown(groupId);
        return change(tx, groupOf(row), wanted);
      }),
    /** Groups that are not there (any more) are passed over. */
    changeGroupsOf: (operatorId: number, { add = [], remove = [] }: MemberChange): Promise<readonly MembersChanged[]> =>
      db.transaction(async (tx) => {
        const changed: MembersChanged[] = [];
        for (const row of await lock(tx)) {
          const wanted = add.includes(row.id) ? 'add' : remove.includes(row.id) ? 'remove' : undefined;
          if (wanted) changed.push(...(await change(tx, groupOf(row), { [wanted]: [operatorId] })));
        }
        return changed;
      }),
    /** The operator is gone. */
    forget: (operatorId: number): Promise<readonly MembersChanged[]> =>
      db.transaction(async (tx) => {
        const changed: MembersChanged[] = [];
        for (const row of await lock(tx)) changed.push(...(await change(tx, groupOf(row), { remove: [operatorId] })));
        return changed;
      }),
  };
}
