/** SQLite: one synchronous connection behind the gate, and a second one for reading on a thread of its own. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import Libsql from 'libsql';
import type { Written } from './api.ts';
import type { Driver, RawConnection } from './driver.ts';
import { failure, reasonOf } from './failure.ts';
import { faults } from './faults.ts';
import type { Group } from './group.ts';
import { createGate } from './group.ts';
import { createReader } from './reader.ts';
import type { Send, Statement, Value } from './statement.ts';

export interface SqliteOptions {
  readonly file: string;
  /** Starts the thread of `reader.worker.ts`, with the file as its data. */
  readonly startReader: (file: string) => Worker;
}

type Connection = InstanceType<typeof Libsql>;
type Native = ReturnType<Connection['prepare']>;

/** How many compiled statements a connection keeps; queries with long lists of values would fill it for ever. */
const cacheLimit = 500;

function open(file: string): Connection {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const connection = new Libsql(file, { timeout: 5000 });
    connection.pragma('journal_mode = WAL');
    // An acknowledged message is on disk.
    connection.pragma('synchronous = FULL');
    // A file of another program is found out now, not at the first chat.
    connection.prepare('select count(*) from sqlite_master').all();
    // So is one that cannot be written, or that another program keeps for itself.
    connection.exec('begin immediate');
    connection.exec('rollback');
    return connection;
  } catch (error) {
    throw failure(
      'DATABASE_UNREACHABLE',
      `The database file ${file} cannot be opened: ${reasonOf(error)}. Check the path in MIBEW_DATABASE, the permissions of its folder, and whether another program uses it; nothing was changed.`,
      error,
    );
  }
}

export function createSqlite(options: SqliteOptions): Driver {
  const connection = open(options.file);
  const gate = createGate(connection, faults);
  const reader = createReader(() => options.startReader(options.file));
  // libsql's `get` gives what an `all` of the same statement found before, when it finds nothing itself: neither follows the other.
  const compiled = { one: new Map<string, Native>(), all: new Map<string, Native>() };

  function native({ sql, named }: Statement, one: boolean): Native {
    const known = one ? compiled.one : compiled.all;
    const key = named ? `named ${sql}` : sql;
    let statement = known.get(key);
    if (!statement) {
      if (known.size >= cacheLimit) known.delete(known.keys().next().value as string);
      statement = connection.prepare(sql);
      if (statement.reader && !named) statement.raw(true);
      known.set(key, statement);
    }
    return statement;
  }

  function run(statement: Statement, values: Value[], one: boolean): unknown {
    const prepared = native(statement, one);
    if (statement.kind === 'write') {
      const { changes, lastInsertRowid } = prepared.run(values);
      const insertId = statement.inserts && changes > 0 ? Number(lastInsertRowid) : 0;
      return { affected: changes, insertId } satisfies Written;
    }
    if (one) {
      const row = prepared.get(values);
      return row === undefined ? undefined : statement.row(row);
    }
    return prepared.all(values).map((row) => statement.row(row));
  }

  function runInGroup(group: Group, statement: Statement, values: Value[], one: boolean): unknown {
    if (group.broken !== undefined) throw group.broken;
    try {
      return run(statement, values, one);
    } catch (error) {
      // Disk full, I/O error: SQLite has rolled the whole group back by itself, and what follows would commit at once.
      if (!connection.inTransaction) group.broken = error;
      throw error;
    }
  }

  const sender =
    (group: Group): Send =>
    async (statement, params, one = false) =>
      runInGroup(group, statement, statement.fill(params), one) as never;

  const send: Send = async (statement, params, one = false) => {
    const values = statement.fill(params);
    const result =
      statement.kind === 'read'
        ? await gate.read(() => run(statement, values, one))
        : await gate.write(async (group) => runInGroup(group, statement, values, one));
    return result as never;
  };

  const raw: RawConnection = {
    async execute(sql, values = []) {
      const statement = connection.prepare(sql);
      if (statement.reader) return statement.all([...values]) as never;
      statement.run([...values]);
      return [];
    },
  };

  return {
    dialect: 'sqlite',
    send,
    transaction: (work) => gate.write((group) => work(sender(group))),
    background: async (statement, params, one = false) => {
      const rows = await reader.rows(statement.sql, statement.fill(params), statement.named);
      const mapped = rows.map((row) => statement.row(row));
      return (one ? mapped[0] : mapped) as never;
    },
    isUniqueViolation: (error) =>
      error instanceof Error &&
      'code' in error &&
      (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY'),
    locked: (work) =>
      gate.alone(async () => {
        connection.exec('begin immediate');
        try {
          const value = await work(raw);
          connection.exec('commit');
          return value;
        } catch (error) {
          if (connection.inTransaction) connection.exec('rollback');
          throw error;
        } finally {
          compiled.one.clear();
          compiled.all.clear();
        }
      }),
    close: async () => {
      await gate.close();
      await reader.close();
      connection.close();
    },
  };
}
