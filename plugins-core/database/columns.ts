/** The column vocabulary, as each dialect makes it. The MySQL side gives the types; the SQLite side is cast to them. */
import * as mysql from 'drizzle-orm/mysql-core';
import * as sqlite from 'drizzle-orm/sqlite-core';

/**
 * The collation of every table and text column on MySQL and MariaDB: compares code points, as SQLite does. Migrations
 * name it; a server that has one which minds spaces at the end as well gets that one (see `mysql.ts`).
 */
export const collation = 'utf8mb4_bin';

// longtext, never the database's own json type: MariaDB hands that back parsed, MySQL reorders its keys.
const mysqlJson = mysql.customType<{ data: unknown; driverData: string }>({
  dataType: () => 'longtext',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (text): unknown => JSON.parse(text),
});

const sqliteJson = sqlite.customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (text): unknown => JSON.parse(text),
});

export const mysqlColumns = {
  /** Own number of the row, given by the database. */
  id: () => mysql.bigint({ mode: 'number' }).autoincrement().primaryKey(),
  /** Number of a row elsewhere. */
  ref: () => mysql.bigint({ mode: 'number' }),
  /** Text of at most `length` characters, compared exactly. */
  str: (length: number) => mysql.varchar({ length }),
  /** Machine text of at most `length` characters: secrets, hashes, names of settings. Anything may be asked for. */
  key: (length: number) => mysql.varchar({ length }),
  /** Text of any length. Cannot be indexed. */
  text: () => mysql.longtext(),
  /** Whole number of 32 bits. */
  int: () => mysql.int(),
  bool: () => mysql.boolean(),
  /** One of a few fixed words. */
  oneOf: <const Values extends readonly [string, ...string[]]>(_values: Values) =>
    mysql.varchar({ length: 32 }).$type<Values[number]>(),
  /** Anything that JSON can carry. */
  json: <T>() => mysqlJson().$type<T>(),
  /** A moment: milliseconds since 1970, UTC. */
  time: () => mysql.bigint({ mode: 'number' }),
};

export type Columns = typeof mysqlColumns;

export const sqliteColumns = {
  id: () => sqlite.integer().primaryKey({ autoIncrement: true }),
  ref: () => sqlite.integer(),
  str: () => sqlite.text(),
  key: () => sqlite.text(),
  text: () => sqlite.text(),
  int: () => sqlite.integer(),
  bool: () => sqlite.integer({ mode: 'boolean' }),
  oneOf: () => sqlite.text(),
  json: () => sqliteJson(),
  time: () => sqlite.integer(),
};
