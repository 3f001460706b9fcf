/**
 * The database as other plugins see it: tables declared once, queries written once, two dialects behind them.
 * Conditions and expressions (`eq`, `and`, `sql`, …) come from `drizzle-orm`.
 */
import type { BuildColumns } from 'drizzle-orm/column-builder';
import type {
  AnyMySqlColumn,
  AnyMySqlTable,
  MySqlColumnBuilderBase,
  MySqlDatabase,
  MySqlQueryResultHKT,
  MySqlTableWithColumns,
  PreparedQueryHKTBase,
} from 'drizzle-orm/mysql-core';
import type { Placeholder, SQL, SQLWrapper } from 'drizzle-orm';
import { definePoint, defineService } from '../../kernel/tokens.ts';
import type { Columns } from './columns.ts';

export type { Columns } from './columns.ts';
export type Dialect = 'sqlite' | 'mysql';

type ColumnMap = Record<string, MySqlColumnBuilderBase>;
type ColumnName<Map> = Extract<keyof Map, string>;

/** Keys of a table; columns by their names in the declaration. `unique` and `index` are name → columns. */
export interface TableKeys<Name extends string = string> {
  readonly primary?: readonly Name[];
  readonly unique?: Readonly<Record<string, readonly Name[]>>;
  readonly index?: Readonly<Record<string, readonly Name[]>>;
}

/** A declared table. `db.table(spec)` makes the table of the running dialect from it. */
export interface TableSpec<Name extends string = string, Map extends ColumnMap = ColumnMap> {
  readonly name: Name;
  readonly columns: (columns: Columns) => Map;
  readonly keys: TableKeys;
}
/** A table of any shape. */
export interface AnyTable {
  readonly name: string;
  readonly columns: (columns: Columns) => ColumnMap;
  readonly keys: TableKeys;
}

/** The drizzle table behind a declaration, typed as MySQL on both dialects. */
export type TableOf<Spec> =
  Spec extends TableSpec<infer Name, infer Map>
    ? MySqlTableWithColumns<{
        name: Name;
        schema: undefined;
        columns: BuildColumns<Name, Map, 'mysql'>;
        dialect: 'mysql';
      }>
    : never;
/** A row as it is read: `Row<typeof message>`. */
export type Row<Spec> = TableOf<Spec>['$inferSelect'];
/** A row as it is inserted: columns with a default may be absent. */
export type NewRow<Spec> = TableOf<Spec>['$inferInsert'];

/**
 * Declares a table. Its full name is `<plugin>_<noun>`; columns are named in camelCase here and in snake_case in SQL.
 * No foreign keys across plugins: keep the id.
 *
 * @example
 * export const message = defineTable('chat_message', c => ({
 *   threadId: c.ref().notNull(), seq: c.int().notNull(), body: c.text().notNull(), createdAt: c.time().notNull(),
 * }), { primary: ['threadId', 'seq'] });
 * type Message = Row<typeof message>;
 */
export function defineTable<const Name extends string, Map extends ColumnMap>(
  name: Name,
  columns: (columns: Columns) => Map,
  keys: TableKeys<ColumnName<Map>> = {},
): TableSpec<Name, Map> {
  return { name, columns, keys };
}

/** What a write did. `insertId` is the number that the database gave to an inserted row, else 0. */
export interface Written {
  readonly affected: number;
  readonly insertId: number;
}
interface WrittenHKT extends MySqlQueryResultHKT {
  readonly type: Written;
}

/** Anything that `await` runs and `db.prepare` compiles. */
export interface Runnable<Result> extends PromiseLike<Result>, SQLWrapper {}
/** A write, before or without its condition. */
export interface WriteWhere extends Runnable<Written> {
  where(condition: SQL | undefined): Runnable<Written>;
}
/** Columns to change: values, expressions, or placeholders. */
export type Changes<Insert extends Record<string, unknown>> = {
  readonly [Name in keyof Insert]?: Insert[Name] | SQL | Placeholder;
};
/** A row to insert: columns with a default may be absent. */
export type NewValues<Insert extends Record<string, unknown>> = {
  readonly [Name in keyof Insert]: Insert[Name] | SQL | Placeholder;
};
/** A drizzle table that takes rows of a kind. */
export type TableFor<Insert extends Record<string, unknown>> = AnyMySqlTable & { readonly $inferInsert: Insert };
/** What to do where a row with the same key exists already. */
export interface Conflict<Insert extends Record<string, unknown>> {
  /** The columns of the primary or unique key that may be hit. */
  readonly target: readonly AnyMySqlColumn[];
  /** Columns to change in the row that exists. */
  readonly set: Changes<Insert>;
}

/**
 * Ordinary drizzle queries, less what only one dialect knows.
 *
 * @example
 * const t = db.table(message);
 * const rows = await db.query.select().from(t).where(eq(t.threadId, id)).orderBy(t.seq).limit(50);
 * const { affected } = await db.query.update(t).set({ body: '' }).where(eq(t.threadId, id));
 */
export interface Query extends Pick<
  MySqlDatabase<WrittenHKT, PreparedQueryHKTBase>,
  'select' | 'selectDistinct' | '$with'
> {
  count(table: AnyMySqlTable, condition?: SQL): Promise<number>;
  insert<Insert extends Record<string, unknown>>(
    table: TableFor<Insert>,
  ): { values(rows: NewValues<Insert> | readonly NewValues<Insert>[]): Runnable<Written> };
  update<Insert extends Record<string, unknown>>(table: TableFor<Insert>): { set(values: Changes<Insert>): WriteWhere };
  delete(table: AnyMySqlTable): WriteWhere;
  /** Inserts, or changes the row that has the key already. `affected` tells nothing about which. */
  upsert<Insert extends Record<string, unknown>>(
    table: TableFor<Insert>,
    row: NewValues<Insert>,
    conflict: Conflict<Insert>,
  ): Runnable<Written>;
  /** Inserts unless a row with the same key exists: `affected` is 1 or 0. Other errors are still thrown. */
  insertIgnore<Insert extends Record<string, unknown>>(
    table: TableFor<Insert>,
    row: NewValues<Insert>,
  ): Runnable<Written>;
}

/** Values of the placeholders of a prepared statement, by name. */
export type Params = Readonly<Record<string, unknown>>;

/** A compiled select. Inside a transaction: `tx.all(statement, params)`. */
export interface PreparedRead<Item> {
  readonly kind: 'read';
  all(params?: Params): Promise<Item[]>;
  first(params?: Params): Promise<Item | undefined>;
}
/** A compiled write. Inside a transaction: `tx.run(statement, params)`. */
export interface PreparedWrite {
  readonly kind: 'write';
  run(params?: Params): Promise<Written>;
}
/** A compiled `column = column + 1`. Inside a transaction: `tx.next(statement, params)`. */
export interface PreparedIncrement {
  readonly kind: 'increment';
  /** @returns the new value, or undefined when no row met the condition */
  next(params?: Params): Promise<number | undefined>;
}
/** What `prepare` makes of a query: a read of a select, a write of anything else. */
export type Prepared<Built> =
  Built extends PromiseLike<infer Result>
    ? Result extends readonly (infer Item)[]
      ? PreparedRead<Item>
      : PreparedWrite
    : never;

/** A transaction. Nothing but statements runs inside: no hook, no network, no hashing. */
export interface Transaction {
  readonly query: Query;
  all<Item>(statement: PreparedRead<Item>, params?: Params): Promise<Item[]>;
  first<Item>(statement: PreparedRead<Item>, params?: Params): Promise<Item | undefined>;
  run(statement: PreparedWrite, params?: Params): Promise<Written>;
  next(statement: PreparedIncrement, params?: Params): Promise<number | undefined>;
  /** Raw SQL, rows as objects by column name. */
  rows<Item extends object>(statement: SQL): Promise<Item[]>;
}

/** One column of one row that counts up. */
export interface Increment<Insert extends Record<string, unknown>> {
  readonly column: AnyMySqlColumn;
  readonly where: SQL | undefined;
  /** Further columns to change; `next` is the new value of the counter, as an expression. */
  set?(next: SQL<number>): Changes<Insert>;
}

/**
 * The database.
 *
 * A placeholder is `sql.placeholder('name')` wherever a value stands; inside an expression it is
 * `db.param(column, 'name')` if the column encodes its values (json, bool).
 *
 * @example
 * const t = db.table(thread), m = db.table(message);
 * const nextSeq = db.increment(t, { column: t.lastSeq, where: eq(t.id, sql.placeholder('id')) });
 * const insert = db.prepare(q => q.insert(m).values({ threadId: sql.placeholder('id'), seq: sql.placeholder('seq'), … }));
 * const seq = await db.transaction(async tx => {
 *   const seq = await tx.next(nextSeq, { id });
 *   await tx.run(insert, { id, seq, body });
 *   return seq;
 * });
 */
export interface Database {
  readonly dialect: Dialect;
  table<Spec extends AnyTable>(spec: Spec): TableOf<Spec>;
  /** Each statement on its own; inside a transaction use `tx.query`. */
  readonly query: Query;
  /** All or nothing; resolves after COMMIT. Rejecting rolls back. Deadlocks on MySQL run `work` again. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Compiles once; for everything that runs often. Make it at setup, not per call. */
  prepare<Built extends Runnable<unknown>>(build: (query: Query) => Built): Prepared<Built>;
  /** A counter without gaps: adds one and gives the new value in one statement. */
  increment<Insert extends Record<string, unknown>>(
    table: TableFor<Insert>,
    counter: Increment<Insert>,
  ): PreparedIncrement;
  /** A named placeholder encoded as its column is, for expressions. */
  param(column: AnyMySqlColumn, name: string): SQL;
  /** Raw SQL, rows as objects by column name. */
  rows<Item extends object>(statement: SQL): Promise<Item[]>;
  /** Reads that may take long (search, statistics, export): never in the way of a chat. */
  background<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /** Locks the rows that a select of a transaction gives, where the dialect needs that. */
  forUpdate<Built>(select: Built): Built;
  readonly isUniqueViolation: (error: unknown) => boolean;
}

/** What {@link Database.background} offers. */
export interface Reader {
  readonly query: Pick<Query, 'select' | 'selectDistinct' | '$with' | 'count'>;
  rows<Item extends object>(statement: SQL): Promise<Item[]>;
}

/** A value or a named placeholder for it. */
export type OrPlaceholder<T> = T | Placeholder;

export const db = defineService<Database>('db');

/**
 * Tables of a plugin. Its migrations are `migrations/{sqlite,mysql}/NNNN_name.sql` below its root, written by
 * `mibew db generate <plugin>` and applied before its setup.
 *
 * @example
 * definePlugin({ id: 'chat', contributes: [tables([thread, message])] });
 */
export const tables = definePoint<readonly AnyTable[]>('db.tables', { required: true });
