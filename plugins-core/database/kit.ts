/** Makes the drizzle table of one dialect from a declaration. */
import type { AnyMySqlTable, MySqlColumnBuilderBase } from 'drizzle-orm/mysql-core';
import * as mysql from 'drizzle-orm/mysql-core';
import type { SQLiteColumn, SQLiteColumnBuilderBase } from 'drizzle-orm/sqlite-core';
import * as sqlite from 'drizzle-orm/sqlite-core';
import type { AnyTable, Columns, Dialect, TableOf } from './api.ts';
import { mysqlColumns, sqliteColumns } from './columns.ts';

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Names the columns in snake_case; drizzle would take the keys as they are. */
function named<Builder>(columns: Record<string, Builder>): Record<string, Builder> {
  for (const [key, builder] of Object.entries(columns)) {
    (builder as unknown as { setName(name: string): void }).setName(snake(key));
  }
  return columns;
}

const pick = <Column>(columns: Record<string, Column>, names: readonly string[]): [Column, ...Column[]] => {
  const picked = names.map((name) => columns[name] as Column);
  return picked as [Column, ...Column[]];
};

function mysqlTable(spec: AnyTable): AnyMySqlTable {
  const { primary, unique = {}, index = {} } = spec.keys;
  const columns = named(spec.columns(mysqlColumns)) as Record<string, MySqlColumnBuilderBase>;
  return mysql.mysqlTable(spec.name, columns, (own) => [
    ...(primary ? [mysql.primaryKey({ columns: pick<mysql.AnyMySqlColumn>(own, primary) })] : []),
    ...Object.entries(unique).map(([name, on]) =>
      mysql.uniqueIndex(`${spec.name}_${snake(name)}_key`).on(...pick<mysql.AnyMySqlColumn>(own, on)),
    ),
    ...Object.entries(index).map(([name, on]) =>
      mysql.index(`${spec.name}_${snake(name)}_idx`).on(...pick<mysql.AnyMySqlColumn>(own, on)),
    ),
  ]);
}

function sqliteTable(spec: AnyTable): sqlite.SQLiteTable {
  const { primary, unique = {}, index = {} } = spec.keys;
  const made: Record<string, unknown> = named(spec.columns(sqliteColumns as unknown as Columns));
  return sqlite.sqliteTable(spec.name, made as Record<string, SQLiteColumnBuilderBase>, (own) => [
    ...(primary ? [sqlite.primaryKey({ columns: pick<SQLiteColumn>(own, primary) })] : []),
    ...Object.entries(unique).map(([name, on]) =>
      sqlite.uniqueIndex(`${spec.name}_${snake(name)}_key`).on(...pick<SQLiteColumn>(own, on)),
    ),
    ...Object.entries(index).map(([name, on]) =>
      sqlite.index(`${spec.name}_${snake(name)}_idx`).on(...pick<SQLiteColumn>(own, on)),
    ),
  ]);
}

/** One table per declaration and dialect, however often it is asked for. */
export function createKit(dialect: Dialect): <Spec extends AnyTable>(spec: Spec) => TableOf<Spec> {
  const built = new Map<AnyTable, unknown>();
  return <Spec extends AnyTable>(spec: Spec) => {
    let table = built.get(spec);
    if (!table) {
      table = dialect === 'sqlite' ? sqliteTable(spec) : mysqlTable(spec);
      built.set(spec, table);
    }
    return table as TableOf<Spec>;
  };
}
