/** Drizzle's builders over our own way of running statements, less what only one dialect knows. */
import type { Query as Compiled, SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { AnyMySqlTable, SelectedFieldsOrdered } from 'drizzle-orm/mysql-core';
import { MySqlDatabase, MySqlDialect } from 'drizzle-orm/mysql-core';
import { BaseSQLiteDatabase, SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import type { Dialect, Query } from './api.ts';
import type { Send, StatementKind } from './statement.ts';
import { Statement } from './statement.ts';

const dialects = { sqlite: new SQLiteAsyncDialect(), mysql: new MySqlDialect() };

/** Compiles an expression that no builder made. */
export function compile(dialect: Dialect, send: Send, expression: SQL, kind: StatementKind): Statement {
  return new Statement(send, dialects[dialect].sqlToQuery(expression), kind);
}

const isRead = /^\s*(select|with|values|explain|show|pragma)\b/i;

/** Compiles SQL that somebody wrote himself; its rows are objects by column name. */
export function compileRaw(dialect: Dialect, send: Send, expression: SQL): Statement {
  const compiled = dialects[dialect].sqlToQuery(expression);
  return new Statement(send, compiled, isRead.test(compiled.sql) ? 'read' : 'change', undefined, { named: true });
}

type Builders = MySqlDatabase<never, never>;
type Inserting = ReturnType<Builders['insert']>;
interface Writing {
  onConflictDoUpdate(conflict: unknown): unknown;
  onConflictDoNothing(): unknown;
  onDuplicateKeyUpdate(conflict: unknown): unknown;
}

function builders(dialect: Dialect, send: Send, ignoresDuplicates: boolean): Builders {
  // The one thing that drizzle asks of a session; both dialects pass the SQL first and the selected fields second.
  const prepareQuery = (compiled: Compiled, fields?: SelectedFieldsOrdered) =>
    new Statement(send, compiled, fields ? 'read' : 'write', fields, { ignoresDuplicates });
  const session = { prepareQuery, prepareOneTimeQuery: prepareQuery } as never;
  return dialect === 'mysql'
    ? new MySqlDatabase(dialects.mysql, session, undefined, 'default')
    : (new BaseSQLiteDatabase('async', dialects.sqlite, session, undefined) as unknown as Builders);
}

/** Queries of a dialect that run through `send`. */
export function createQuery(dialect: Dialect, send: Send): Query {
  const plain = builders(dialect, send, false);
  const ignoring = dialect === 'mysql' ? builders(dialect, send, true) : plain;
  const insert = (table: AnyMySqlTable, row: unknown, through = plain) =>
    (through.insert(table) as Inserting).values(row as never) as unknown as Writing;
  const query = {
    select: plain.select.bind(plain),
    selectDistinct: plain.selectDistinct.bind(plain),
    $with: plain.$with,
    insert: (table: AnyMySqlTable) => plain.insert(table),
    update: (table: AnyMySqlTable) => plain.update(table),
    delete: (table: AnyMySqlTable) => plain.delete(table),
    upsert: (table: AnyMySqlTable, row: unknown, { target, set }: { target: readonly unknown[]; set: unknown }) =>
      dialect === 'mysql'
        ? insert(table, row).onDuplicateKeyUpdate({ set })
        : insert(table, row).onConflictDoUpdate({ target, set }),
    insertIgnore: (table: AnyMySqlTable, row: unknown) =>
      dialect === 'mysql' ? insert(table, row, ignoring) : insert(table, row).onConflictDoNothing(),
    count: async (table: AnyMySqlTable, condition?: SQL) => {
      const [row] = await plain
        .select({ count: sql<number>`count(*)`.mapWith(Number) })
        .from(table)
        .where(condition);
      return row?.count ?? 0;
    },
  };
  return query as unknown as Query;
}
