/** The `db` service over the driver of a dialect. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { is, SQL, sql } from 'drizzle-orm';
import type { AnyMySqlColumn, MySqlSelect } from 'drizzle-orm/mysql-core';
import type {
  Database,
  Increment,
  Params,
  PreparedIncrement,
  PreparedRead,
  PreparedWrite,
  TableFor,
  Transaction,
} from './api.ts';
import type { Driver } from './driver.ts';
import { isBuilt } from '../../kernel/place.ts';
import { failure } from './failure.ts';
import { createKit } from './kit.ts';
import { compile, compileRaw, createQuery } from './query.ts';
import type { Send, Statement } from './statement.ts';

/** Which statement is behind what `prepare` gave out, on whatever connection it runs. */
const behind = new WeakMap<object, Statement>();
const statementOf = (prepared: object): Statement => {
  const statement = behind.get(prepared);
  if (!statement)
    throw failure('DATABASE_PARAM_INVALID', 'Not a prepared statement: pass what db.prepare or db.increment gave.');
  return statement;
};

const param = (column: AnyMySqlColumn, name: string): SQL => sql`${sql.param(sql.placeholder(name), column)}`;

export function createDatabase(driver: Driver): Database & { readonly close: () => Promise<void> } {
  const { dialect } = driver;
  const kit = createKit(dialect);
  // Following every promise of the process shows in the profile of every request, so that built servers go without: there a
  // transaction that waits for itself is rolled back when its time is over, with an error that names it.
  const insideTransaction = isBuilt ? undefined : new AsyncLocalStorage<true>();

  /** Would wait for the very transaction that waits for it, or write beside it. */
  function refuseInside(): void {
    if (!insideTransaction?.getStore()) return;
    throw failure(
      'DATABASE_NESTED',
      'Inside a transaction only the transaction itself may be used: take `tx` where `db` was called, or wait until it is over.',
    );
  }

  const outer: Send = async (statement, params, one) => {
    refuseInside();
    return driver.send(statement, params, one);
  };

  function prepared<Made extends object>(statement: Statement, made: Made): Made {
    behind.set(made, statement);
    return made;
  }

  function prepare(statement: Statement): PreparedRead<unknown> | PreparedWrite {
    if (statement.kind === 'write') {
      return prepared(statement, { kind: 'write', run: (params?: Params) => outer(statement, params) });
    }
    return prepared(statement, {
      kind: 'read',
      all: (params?: Params) => outer<unknown[]>(statement, params),
      first: (params?: Params) => outer(statement, params, true),
    });
  }

  async function next(send: Send, statement: Statement, params?: Params): Promise<number | undefined> {
    if (statement.kind === 'change') {
      const row = await send<number[] | undefined>(statement, params, true);
      return row?.[0];
    }
    const { affected, insertId } = await send<{ affected: number; insertId: number }>(statement, params);
    return affected > 0 ? insertId : undefined;
  }

  function open(through: Send): { tx: Transaction; end: () => void } {
    let over = false;
    const send: Send = async (statement, params, one) => {
      if (over) throw failure('DATABASE_TRANSACTION_OVER', 'The transaction is over: await every statement inside it.');
      return through(statement, params, one);
    };
    let query: Transaction['query'] | undefined;
    const tx: Transaction = {
      get query() {
        return (query ??= createQuery(dialect, send));
      },
      all: (statement, params) => send(statementOf(statement), params),
      first: (statement, params) => send(statementOf(statement), params, true),
      run: (statement, params) => send(statementOf(statement), params),
      next: (statement, params) => next(send, statementOf(statement), params),
      rows: (expression) => send(compileRaw(dialect, send, expression)),
    };
    return { tx, end: () => void (over = true) };
  }

  function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return driver.transaction(async (send) => {
      const { tx, end } = open(send);
      try {
        return await (insideTransaction ? insideTransaction.run(true, work, tx) : work(tx));
      } finally {
        end();
      }
    });
  }

  function increment<Insert extends Record<string, unknown>>(
    table: TableFor<Insert>,
    counter: Increment<Insert>,
  ): PreparedIncrement {
    const { column, where } = counter;
    const columns = table as unknown as Record<string, AnyMySqlColumn>;
    const raised = sql<number>`${column} + 1`;
    const others = Object.entries(counter.set?.(raised) ?? {}).map(([key, value]) => {
      const target = columns[key] as AnyMySqlColumn;
      const bound = is(value, SQL) ? value : sql.param(value, target);
      return sql`${sql.identifier(target.name)} = ${bound}`;
    });
    const name = sql.identifier(column.name);
    // The counter comes last: MySQL assigns from left to right, and what stands before still sees the old value.
    const assign = (value: SQL) => sql.join([...others, sql`${name} = ${value}`], sql`, `);
    const condition = where ? sql` where ${where}` : sql``;
    const expression =
      dialect === 'mysql'
        ? sql`update ${table} set ${assign(sql`last_insert_id(${raised})`)}${condition}`
        : sql`update ${table} set ${assign(raised)}${condition} returning ${name}`;
    const statement = compile(dialect, outer, expression, dialect === 'mysql' ? 'write' : 'change');
    return prepared(statement, {
      kind: 'increment',
      next: (params?: Params) => next(outer, statement, params),
    });
  }

  return {
    dialect,
    table: kit,
    query: createQuery(dialect, outer),
    transaction: async (work) => {
      refuseInside();
      return transaction(work);
    },
    prepare: (build) => {
      const built = build(createQuery(dialect, outer)) as unknown as { prepare(): Statement };
      return prepare(built.prepare()) as never;
    },
    increment,
    param,
    rows: (expression) => outer(compileRaw(dialect, outer, expression)),
    background: async (work) => {
      refuseInside();
      return work({
        query: createQuery(dialect, driver.background),
        rows: (expression) => driver.background(compileRaw(dialect, driver.background, expression)),
      });
    },
    forUpdate: (select) => (dialect === 'mysql' ? ((select as unknown as MySqlSelect).for('update') as never) : select),
    isUniqueViolation: driver.isUniqueViolation,
    close: driver.close,
  };
}
