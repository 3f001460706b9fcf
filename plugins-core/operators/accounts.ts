/** Accounts: who there is, how somebody joins, and the one way by which accounts change. */
import { eq } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import { OperatorError, type Asked, type NewOperator, type Operator, type OperatorIssue, type Status } from './api.ts';
import type { Changes } from './changes.ts';
import type { Passwords } from './passwords.ts';
import { assertAdministered, assertAdministers, isAdministrator } from './rights.ts';
import { accountIssues, accountOf, keyOf, passwordIssues, takenIssues } from './rules.ts';
import { operator, type OperatorRow } from './tables.ts';
import { createTurn } from './turn.ts';

/** An operator with what only this plugin may know. */
export interface Member {
  readonly operator: Operator;
  /** What he chose. */
  readonly status: Status;
  readonly passwordHash: string;
}

/** Everybody at one moment. */
export interface Directory {
  readonly byId: ReadonlyMap<number, Member>;
  readonly byKey: ReadonlyMap<string, Member>;
}

export interface AccountEvents {
  created(operator: Operator): Promise<void>;
  updated(operator: Operator, original: Operator): Promise<void>;
  deleted(id: number): Promise<void>;
}

/** Which columns are to change, decided with everybody's accounts in view. */
export type Decide = (row: OperatorRow, rows: readonly OperatorRow[]) => Partial<OperatorRow>;
/** Asked before anything else, so that whoever may not do it learns nothing. */
export type Permit = (rows: readonly OperatorRow[]) => void;

export type Accounts = ReturnType<typeof createAccounts>;

/** @param pictureUrl address of a stored picture */
export function createAccounts(
  db: Database,
  changes: Changes,
  passwords: Passwords,
  events: AccountEvents,
  pictureUrl: (file: string) => string = (file) => `/${file}`,
) {
  const table = db.table(operator);
  const turn = createTurn(db);
  const operatorOf = (row: OperatorRow): Operator => {
    const { id, login, name, commonName, email, permissions, disabled, code, avatar } = row;
    const picture = avatar === '' ? '' : pictureUrl(avatar);
    return { id, login, name, commonName, email, permissions, disabled, code, avatar: picture };
  };

  const directory = changes.kept<Directory>(async () => {
    const members = (await turn.all()).map((row): Member => {
      const { status, passwordHash } = row;
      return { operator: operatorOf(row), status, passwordHash };
    });
    return {
      byId: new Map(members.map((member) => [member.operator.id, member])),
      byKey: new Map(members.map((member) => [keyOf(member.operator.login), member])),
    };
  }, 1);
  const read = () => directory('all');

  const insert = async (input: NewOperator, first: boolean, { by }: Asked): Promise<Operator | undefined> => {
    const account = accountOf(input);
    // Asked before the password is hashed, which costs.
    const before = await turn.all();
    assertAdministers(before, by);
    const issues = [...accountIssues(account), ...passwordIssues(input.password)];
    refuse(issues.length > 0 ? issues : takenIssues(account, before));
    const row = {
      ...account,
      loginKey: keyOf(account.login),
      emailKey: keyOf(account.email),
      passwordHash: await passwords.hash(input.password),
      createdAt: Date.now(),
    };
    const id = await db.transaction(async (tx) => {
      const rows = await turn.mine(tx);
      assertAdministers(rows, by);
      if (first && rows.some(isAdministrator)) return undefined;
      refuse(takenIssues(account, rows));
      return (await tx.query.insert(table).values(row)).insertId;
    });
    if (id === undefined) return undefined;
    changes.changed();
    const { operator: created } = await member(id);
    await events.created(created);
    return created;
  };

  const member = async (id: number): Promise<Member> => {
    const found = (await read()).byId.get(id);
    if (!found) throw unknown(id);
    return found;
  };

  const hasAdministrator = async () => (await turn.all()).some(isAdministrator);

  return {
    read,
    all: turn.all,
    prepare: turn.prepare,
    create: async (input: NewOperator, asked: Asked = {}) => {
      const created = await insert(input, false, asked);
      if (!created) throw new OperatorError('OPERATOR_UNKNOWN', 'the operator was not created');
      return created;
    },
    async createFirst(input: NewOperator, permissions: readonly string[]) {
      // Asked before the password is hashed as well: a link that is dead must not be a way to make the server work.
      if (await hasAdministrator()) return undefined;
      return insert({ ...input, permissions }, true, {});
    },
    hasAdministrator,
    /** The one way by which an account changes. @returns the row as it was, and the operator as he is now */
    async change(id: number, permit: Permit, decide: Decide) {
      const done = await db.transaction(async (tx) => {
        const rows = await turn.mine(tx);
        permit(rows);
        const row = rows.find((one) => one.id === id);
        if (!row) throw unknown(id);
        const set = decide(row, rows);
        const changed = { ...row, ...set };
        assertAdministered(
          rows,
          rows.map((one) => (one === row ? changed : one)),
        );
        if (Object.keys(set).length > 0) await tx.query.update(table).set(set).where(eq(table.id, id));
        return { row, set, changed };
      });
      const now = operatorOf(done.changed);
      if (Object.keys(done.set).length > 0) {
        changes.changed();
        await events.updated(now, operatorOf(done.row));
      }
      return { row: done.row, now };
    },
    /** @returns the row that is gone; undefined: there was none */
    async remove(id: number, permit: Permit) {
      const gone = await db.transaction(async (tx) => {
        const rows = await turn.mine(tx);
        permit(rows);
        const row = rows.find((one) => one.id === id);
        if (!row) return undefined;
        assertAdministered(
          rows,
          rows.filter((one) => one !== row),
        );
        await tx.query.delete(table).where(eq(table.id, id));
        return row;
      });
      if (!gone) return undefined;
      changes.changed();
      await events.deleted(id);
      return gone;
    },
    async setStatus(id: number, status: Status) {
      if ((await member(id)).status === status) return;
      await db.query.update(table).set({ status }).where(eq(table.id, id));
      changes.changed();
    },
  };
}

const unknown = (id: number) => new OperatorError('OPERATOR_UNKNOWN', `there is no operator ${id}`);

/** @throws OperatorError */
export function refuse(
  issues: readonly OperatorIssue[],
  why: 'OPERATOR_INVALID' | 'OPERATOR_CHANGED' = 'OPERATOR_INVALID',
): void {
  if (issues.length === 0) return;
  throw new OperatorError(why, issues.map(({ field, code }) => `${field}: ${code}`).join(', '), issues);
}
