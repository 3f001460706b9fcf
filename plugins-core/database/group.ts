/**
 * The gate of a SQLite connection. Transactions that wait at the same time are committed together: one BEGIN IMMEDIATE,
 * a SAVEPOINT for each, one COMMIT, and only then does anybody learn his result. Reads wait while a group is open, since
 * what they would see could still be taken back.
 */
import { failure, reasonOf } from './failure.ts';
import type { Faults } from './faults.ts';

/** What the gate needs of a connection. All of it is synchronous. */
export interface Connection {
  exec(sql: string): void;
  readonly inTransaction: boolean;
}

/** The group that a transaction belongs to; `broken` says that nothing of it can be kept. */
export interface Group {
  broken: unknown;
}

interface Member {
  work(group: Group): Promise<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}
type Outcome = () => void;

const lost = (error: unknown) =>
  failure(
    'DATABASE_ROLLED_BACK',
    `The database could not keep the change: ${reasonOf(error)}. Nothing of it was stored; check disk space and permissions.`,
    error,
  );

export interface Gate {
  /** Runs as soon as no group is open: at once, most of the time. */
  read<T>(run: () => T): Promise<T>;
  /** Runs as one transaction of a group; settles after the group's COMMIT. */
  write<T>(work: (group: Group) => Promise<T>): Promise<T>;
  /** Nobody else until `work` ends; no transaction is opened for it. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Settles when everything that was asked for before is done. */
  close(): Promise<void>;
}

/** A transaction that never ends would stop everybody: after this time (ms) its group is given up. */
const patience = 10_000;
// The real ones, also in a test that lets time pass by itself.
const { setImmediate: soon, setTimeout: later, clearTimeout: never } = globalThis;

function startPatience(): { over: Promise<never>; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const stuck = 'A transaction did not end within 10 s; inside it may be nothing but statements';
    timer = later(() => reject(failure('DATABASE_STUCK', stuck)), patience);
  });
  over.catch(() => {});
  return { over, end: () => never(timer) };
}

/** More transactions than this are not committed together, so that readers get their turn. */
const groupLimit = 128;

export function createGate(connection: Connection, faults: Faults): Gate {
  const members: Member[] = [];
  const readers: (() => void)[] = [];
  const exclusive: (() => Promise<void>)[] = [];
  const idle: (() => void)[] = [];
  let scheduled = false;
  let busy = false;
  let closed = false;

  const refuseWhenClosed = () => {
    if (closed) throw failure('DATABASE_CLOSED', 'The database is closed: the server is stopping.');
  };

  function schedule(): void {
    if (scheduled || busy) return;
    scheduled = true;
    // After the input that is ready now: whoever arrives in the same turn shares the group, and an idle server waits for nobody.
    soon(() => {
      scheduled = false;
      void drain();
    });
  }

  async function drain(): Promise<void> {
    if (busy) return;
    busy = true;
    for (const work of exclusive.splice(0)) await work();
    const outcomes = members.length > 0 ? await commitGroup() : [];
    busy = false;
    for (const settle of outcomes) settle();
    for (const read of readers.splice(0)) read();
    if (members.length > 0 || exclusive.length > 0) schedule();
    else for (const tell of idle.splice(0)) tell();
  }

  async function commitGroup(): Promise<Outcome[]> {
    const group: Group = { broken: undefined };
    const taken: { member: Member; outcome: Outcome }[] = [];
    try {
      connection.exec('begin immediate');
    } catch (error) {
      return members.splice(0).map((member) => () => member.reject(lost(error)));
    }
    const { over, end } = startPatience();
    // Those who arrive while the group runs may still join it.
    for (let member = members.shift(); member; member = taken.length < groupLimit ? members.shift() : undefined) {
      taken.push({ member, outcome: await runMember(member, group, over) });
      if (group.broken !== undefined) break;
    }
    end();
    if (group.broken === undefined) commit(group);
    if (group.broken === undefined) return taken.map(({ outcome }) => outcome);
    return taken.map(
      ({ member }) =>
        () =>
          member.reject(lost(group.broken)),
    );
  }

  async function runMember(member: Member, group: Group, over: Promise<never>): Promise<Outcome> {
    try {
      connection.exec('savepoint member');
    } catch (error) {
      breakUp(group, error);
      return () => member.reject(error);
    }
    try {
      const value = await Promise.race([member.work(group), over]);
      if (group.broken === undefined) connection.exec('release member');
      return () => member.resolve(value);
    } catch (error) {
      // Told only after COMMIT as well: he may have failed because of what an earlier member wrote.
      if ((error as { code?: unknown } | null)?.code === 'DATABASE_STUCK') breakUp(group, error);
      else if (group.broken === undefined) undo(group);
      return () => member.reject(error);
    }
  }

  function undo(group: Group): void {
    try {
      connection.exec('rollback to member');
      connection.exec('release member');
    } catch (error) {
      breakUp(group, error);
    }
  }

  function commit(group: Group): void {
    try {
      faults.beforeCommit?.();
      connection.exec('commit');
    } catch (error) {
      breakUp(group, error);
      return;
    }
    faults.afterCommit?.();
  }

  function breakUp(group: Group, error: unknown): void {
    group.broken ??= error;
    if (connection.inTransaction) connection.exec('rollback');
  }

  return {
    read: (run) =>
      new Promise((resolve, reject) => {
        refuseWhenClosed();
        const answer = () => {
          try {
            resolve(run());
          } catch (error) {
            reject(error);
          }
        };
        if (busy) readers.push(answer);
        else answer();
      }),
    write: <T>(work: (group: Group) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        refuseWhenClosed();
        members.push({ work, resolve: (value) => resolve(value as T), reject });
        schedule();
      }),
    alone: <T>(work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        refuseWhenClosed();
        exclusive.push(() => work().then(resolve, reject));
        schedule();
      }),
    close: () =>
      new Promise((resolve) => {
        closed = true;
        idle.push(resolve);
        schedule();
      }),
  };
}
