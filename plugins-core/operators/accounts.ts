/** Accounts: who there is, and the changes of them. */
import { eq, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../database/api.ts';
import { OperatorError, type NewOperator, type Operator, type OperatorIssue, type Status } from './api.ts';
import type { Changes } from './changes.ts';
import type { Passwords } from './passwords.ts';
import { accountIssues, accountOf, keyOf, passwordIssues, type Account } from './rules.ts';
import { guard, operator, type OperatorRow } from './tables.ts';

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
}

export type Accounts = ReturnType<typeof createAccounts>;

const isAdministrator = (row: { readonly permissions: readonly string[] }) => row.permissions.includes('admin');

export function createAccounts(db: Database, changes: Changes, passwords: Passwords, events: AccountEvents) {
  const table = db.table(operator);
  const lock = db.table(guard);
  const readAll = db.prepare((query) => query.select().from(table).orderBy(table.id));
  const lockAdministrators = db.prepare((query) =>
    query
      .update(lock)
      .set({ turns: sql`${lock.turns} + 1` })
      .where(eq(lock.name, 'administrators')),
  );

  const directory = changes.kept<Directory>(async () => {
    const members = (await readAll.all()).map(memberOf);
    return {
      byId: new Map(members.map((member) => [member.operator.id, member])),
      byKey: new Map(members.map((member) => [keyOf(member.operator.login), member])),
    };
  }, 1);
  const read = () => directory('all');

  const taken = async (account: Account): Promise<OperatorIssue[]> => {
    const [login, email] = [keyOf(account.login), keyOf(account.email)];
    // One look at both: between two of them somebody else may come to be.
    const others = await db.query
      .select({ login: table.loginKey, email: table.emailKey })
      .from(table)
      .where(or(eq(table.loginKey, login), eq(table.emailKey, email)));
    return [
      ...(others.some((other) => other.login === login) ? [{ field: 'login', code: 'taken' } as const] : []),
      ...(others.some((other) => other.email === email) ? [{ field: 'email', code: 'taken' } as const] : []),
    ];
  };

  const administrators = async (tx: Transaction) => {
    await tx.run(lockAdministrators);
    return (await tx.all(readAll)).filter(isAdministrator);
  };

  const insert = async (input: NewOperator, first: boolean): Promise<Operator | undefined> => {
    const account = accountOf(input);
    const issues = [...accountIssues(account), ...passwordIssues(input.password)];
    refuse(issues.length > 0 ? issues : await taken(account));
    const row = {
      ...account,
      loginKey: keyOf(account.login),
      emailKey: keyOf(account.email),
      passwordHash: await passwords.hash(input.password),
      createdAt: Date.now(),
    };
    let id: number | undefined;
    try {
      id = await db.transaction(async (tx) => {
        if (isAdministrator(row) && (await administrators(tx)).length > 0 && first) return undefined;
        return (await tx.query.insert(table).values(row)).insertId;
      });
    } catch (error) {
      if (db.isUniqueViolation(error)) refuse(await taken(account));
      throw error;
    }
    if (id === undefined) return undefined;
    changes.changed();
    const { operator: created } = await member(id);
    await events.created(created);
    return created;
  };

  const member = async (id: number): Promise<Member> => {
    const found = (await read()).byId.get(id);
    if (!found) throw new OperatorError('OPERATOR_UNKNOWN', `there is no operator ${id}`);
    return found;
  };

  const update = async (id: number, values: Partial<OperatorRow>, allowed?: (tx: Transaction) => Promise<void>) => {
    const { operator: original } = await member(id);
    await db.transaction(async (tx) => {
      await allowed?.(tx);
      await tx.query.update(table).set(values).where(eq(table.id, id));
    });
    changes.changed();
    await events.updated((await member(id)).operator, original);
  };

  const hasAdministrator = async () => (await readAll.all()).some(isAdministrator);

  return {
    read,
    /** To be called once, before anything else. */
    async prepare() {
      await db.query.insertIgnore(lock, { name: 'administrators' });
    },
    create: async (input: NewOperator) => {
      const created = await insert(input, false);
      if (!created) throw new OperatorError('OPERATOR_UNKNOWN', 'the operator was not created');
      return created;
    },
    async createFirst(input: NewOperator, permissions: readonly string[]) {
      // Asked before the password is hashed as well: a link that is dead must not be a way to make the server work.
      if (await hasAdministrator()) return undefined;
      return insert({ ...input, permissions }, true);
    },
    hasAdministrator,
    async setPassword(id: number, password: string) {
      await member(id);
      refuse(passwordIssues(password));
      await update(id, { passwordHash: await passwords.hash(password) });
    },
    setDisabled: (id: number, disabled: boolean) =>
      update(id, { disabled }, async (tx) => {
        if (!disabled) return;
        const left = (await administrators(tx)).filter((row) => !row.disabled);
        if (left.length === 1 && left[0]?.id === id)
          throw new OperatorError('LAST_ADMINISTRATOR', 'the last administrator cannot be disabled');
      }),
    async setStatus(id: number, status: Status) {
      if ((await member(id)).status === status) return;
      await db.query.update(table).set({ status }).where(eq(table.id, id));
      changes.changed();
    },
  };
}

function refuse(issues: readonly OperatorIssue[]): void {
  if (issues.length === 0) return;
  const list = issues.map(({ field, code }) => `${field}: ${code}`).join(', ');
  throw new OperatorError('OPERATOR_INVALID', list, issues);
}

function memberOf(row: OperatorRow): Member {
  const { id, login, name, commonName, email, permissions, disabled, code, avatar } = row;
  return {
    operator: { id, login, name, commonName, email, permissions, disabled, code, avatar },
    status: row.status,
    passwordHash: row.passwordHash,
  };
}
