/** MySQL and MariaDB: a pool of connections, each with its own compiled statements. */
import type { Pool, PoolConnection, QueryError, ResultSetHeader } from 'mysql2';
import { createPool } from 'mysql2';
import type { Address } from './address.ts';
import { describeAddress } from './address.ts';
import type { Written } from './api.ts';
import { collation } from './columns.ts';
import type { Driver, RawConnection } from './driver.ts';
import { failure, reasonOf } from './failure.ts';
import { faults } from './faults.ts';
import type { Send, Statement, Value } from './statement.ts';
import { nothingWritten } from './statement.ts';

export interface MysqlOptions {
  readonly address: Extract<Address, { dialect: 'mysql' }>;
  /** Connections for chats; more than 20 gained nothing. */
  readonly connections?: number;
}

const [duplicateKey, lockTimeout, deadlock] = [1062, 1205, 1213] as const;
/** How often a transaction that lost a deadlock is run again before its caller hears of it. */
const attempts = 20;

/** A transaction sees what others have committed, as on SQLite; and neither the server's mode nor its clock matters. */
const session = [
  'set session transaction isolation level read committed',
  `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'`,
  `set session time_zone = '+00:00'`,
  'set session innodb_lock_wait_timeout = 10',
];

const errno = (error: unknown): number | undefined => (error as Partial<QueryError> | null)?.errno;
const isContention = (error: unknown): boolean => errno(error) === deadlock || errno(error) === lockTimeout;
/** The connection is gone, or never was; what the server answers itself has a number of its own and is not fatal. */
const isLost = (error: unknown): boolean => {
  const { fatal, code } = (error ?? {}) as Partial<QueryError>;
  return fatal === true || code === 'EPIPE' || code === 'ECONNRESET';
};

/** A connection that had died while nobody used it: nothing of the transaction was done. */
class Stale extends Error {
  constructor(cause: unknown) {
    super('the connection was gone', { cause });
  }
}

export function createMysql({ address, connections = 20 }: MysqlOptions): Driver {
  const { host, port, user, password, database, socketPath } = address;
  const openPool = (connectionLimit: number, preparation: readonly string[]): Pool => {
    const pool = createPool({
      ...(socketPath ? { socketPath } : { host, port }),
      user,
      password,
      database,
      connectionLimit,
      charset: collation,
      connectTimeout: 5000,
      maxPreparedStatements: 500,
      supportBigNumbers: true,
    });
    // The first thing in the queue of a fresh connection; where it fails the statement that follows must not run.
    pool.on('connection', (connection) => {
      for (const statement of preparation) {
        connection.query(statement, (error) => error && connection.destroy());
      }
      connection.on('error', () => {});
    });
    return pool;
  };
  const pool = openPool(connections, session);
  // Transactions have connections of their own, where one begins with its first statement: a round trip less than saying so.
  const transacting = openPool(connections, [...session, 'set session autocommit = 0']);
  let slow: Pool | undefined;
  let closed = false;

  const unreachable = (error: unknown) =>
    failure(
      'DATABASE_UNREACHABLE',
      `The database ${describeAddress(address)} cannot be reached: ${reasonOf(error) || (error as QueryError).code}. Start it or correct MIBEW_DATABASE; nothing was changed.`,
      error,
    );

  const take = (from: Pool): Promise<PoolConnection> =>
    new Promise((resolve, reject) => {
      if (closed) throw failure('DATABASE_CLOSED', 'The database is closed: the server is stopping.');
      from.getConnection((error, connection) => (error ? reject(unreachable(error)) : resolve(connection)));
    });

  function release(connection: PoolConnection, error?: unknown): void {
    if (isLost(error)) connection.destroy();
    else connection.release();
  }

  const query = (connection: PoolConnection, text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      connection.query(text, (error) => (error ? reject(error) : resolve()));
    });

  function run(connection: PoolConnection, statement: Statement, values: Value[], one: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { sql, named } = statement;
      connection.execute({ sql, values, rowsAsArray: !named }, (error, result) => {
        if (error) {
          if (statement.ignoresDuplicates && error.errno === duplicateKey) resolve(nothingWritten);
          else reject(error);
          return;
        }
        try {
          resolve(answer(statement, result, one));
        } catch (mapping) {
          reject(mapping);
        }
      });
    });
  }

  /** On its own, a statement is repeated when it met a deadlock, and a read when its connection had died meanwhile. */
  async function alone(from: Pool, statement: Statement, values: Value[], one: boolean): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const connection = await take(from);
      try {
        const result = await run(connection, statement, values, one);
        release(connection);
        return result;
      } catch (error) {
        release(connection, error);
        const again = isContention(error) || (isLost(error) && statement.kind === 'read');
        if (!again || attempt >= attempts) throw isLost(error) ? unreachable(error) : error;
        await pause(attempt);
      }
    }
  }

  async function attemptOnce<T>(work: (send: Send) => Promise<T>): Promise<T> {
    const connection = await take(transacting);
    let broken: unknown;
    let answered = false;
    const send: Send = async (statement, params, one = false) => {
      if (broken) throw broken;
      try {
        const result = await run(connection, statement, statement.fill(params), one);
        answered = true;
        return result as never;
      } catch (error) {
        // The server has ended the transaction; what follows would be committed by itself.
        if (isContention(error) || isLost(error)) broken = error;
        throw error;
      }
    };
    try {
      const value = await work(send);
      if (broken) throw broken;
      faults.beforeCommit?.();
      await query(connection, 'commit');
      faults.afterCommit?.();
      release(connection);
      return value;
    } catch (error) {
      const lost = isLost(error) || isLost(broken);
      if (
        lost ||
        !(await query(connection, 'rollback').then(
          () => true,
          () => false,
        ))
      )
        connection.destroy();
      else release(connection);
      if (lost && !answered) throw new Stale(broken ?? error);
      throw broken ?? error;
    }
  }

  async function transaction<T>(work: (send: Send) => Promise<T>): Promise<T> {
    let stale = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(work);
      } catch (thrown) {
        // Every idle connection may have died while the database was away; each is met once.
        if (thrown instanceof Stale && stale++ <= connections) continue;
        const error = thrown instanceof Stale ? thrown.cause : thrown;
        if (!isContention(error) || attempt >= attempts) throw isLost(error) ? unreachable(error) : error;
        await pause(attempt);
      }
    }
  }

  /** The servers agree on what is exact, but not on its name. */
  async function exactCollation(raw: RawConnection): Promise<string> {
    const [server] = await raw.execute<{ version: string }>('select version() as version');
    const version = server?.version ?? '';
    if (/mariadb/i.test(version)) return 'utf8mb4_nopad_bin';
    return Number.parseInt(version, 10) >= 8 ? 'utf8mb4_0900_bin' : collation;
  }

  const lockName = `mibew:${database}`.slice(0, 64);

  return {
    dialect: 'mysql',
    send: async (statement, params, one = false) =>
      (await alone(pool, statement, statement.fill(params), one)) as never,
    transaction,
    background: async (statement, params, one = false) => {
      slow ??= openPool(4, [...session, 'set session transaction read only']);
      return (await alone(slow, statement, statement.fill(params), one)) as never;
    },
    isUniqueViolation: (error) => errno(error) === duplicateKey,
    locked: async (work) => {
      const connection = await take(pool);
      const raw: RawConnection = {
        execute: (text, values = []) =>
          new Promise((resolve, reject) => {
            connection.query({ sql: text, values: [...values] }, (error, result) => {
              if (error) reject(error);
              else resolve((Array.isArray(result) ? result : []) as never);
            });
          }),
      };
      try {
        const [row] = await raw.execute<{ held: number | null }>('select get_lock(?, 60) as held', [lockName]);
        if (row?.held !== 1) {
          throw failure(
            'MIGRATION_LOCKED',
            'Another server has been migrating the database for a minute; wait for it, then start again.',
          );
        }
        const exact = await exactCollation(raw);
        return await work({
          execute: (text, values) =>
            raw.execute(/^create table/i.test(text) ? text.replace(`=${collation}`, `=${exact}`) : text, values),
        });
      } finally {
        // With the connection goes the lock.
        connection.destroy();
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      const ends = [pool, transacting, slow].map(
        (some) => new Promise<void>((resolve) => (some ? some.end(() => resolve()) : resolve())),
      );
      await Promise.all(ends);
    },
  };
}

function answer(statement: Statement, result: unknown, one: boolean): unknown {
  if (statement.kind === 'write') {
    const { affectedRows, insertId } = result as ResultSetHeader;
    return { affected: affectedRows, insertId } satisfies Written;
  }
  const rows = Array.isArray(result) ? (result as unknown[]) : [];
  if (one) return rows.length > 0 ? statement.row(rows[0]) : undefined;
  return rows.map((row) => statement.row(row));
}

/** Long enough, and uneven enough, that two who met once do not meet again. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(5 * 2 ** attempt, 300)));
