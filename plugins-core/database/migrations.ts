/**
 * Brings the tables of a plugin up to date: `migrations/<dialect>/NNNN_name.sql` in order, each statement noted in the
 * ledger when it is done. MySQL commits with every change of a table, so a migration can stop half way there; the
 * note lets the next start go on where it stopped.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collation } from './columns.ts';
import type { Driver, RawConnection } from './driver.ts';
import { failure, reasonOf } from './failure.ts';

/** Whose migrations, and where. */
export interface Owner {
  readonly id: string;
  readonly root: string;
}
interface File {
  readonly name: string;
  readonly hash: string;
  readonly statements: readonly string[];
}
interface Entry {
  readonly name: string;
  readonly hash: string;
  readonly started: number;
  readonly done: number;
  readonly total: number;
}

const ledger = (dialect: Driver['dialect']) => `create table if not exists database_migration (
  plugin varchar(64) not null, name varchar(120) not null, hash varchar(64) not null,
  started int not null, done int not null, total int not null, primary key (plugin, name)
)${dialect === 'mysql' ? ` engine=InnoDB default charset=utf8mb4 collate=${collation}` : ''}`;

/** Table, column, index already there, or already gone: what a statement meets that was done but not noted. */
const alreadyDone = new Set([1050, 1051, 1060, 1061, 1068, 1091]);

async function readFiles(folder: string): Promise<File[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    names = [];
  }
  return Promise.all(
    names.map(async (file) => {
      const text = (await readFile(join(folder, file), 'utf8')).replace(/\r\n/g, '\n');
      const statements = text.split('--> statement-breakpoint').map((statement) => statement.trim());
      const hash = createHash('sha256').update(text).digest('hex');
      return { name: file.replace(/\.sql$/, ''), hash, statements: statements.filter((statement) => statement !== '') };
    }),
  );
}

/** @returns names of the migrations that were applied now */
export async function migrate(driver: Driver, owner: Owner): Promise<string[]> {
  const files = await readFiles(join(owner.root, 'migrations', driver.dialect));
  if (files.length === 0) {
    throw failure(
      'MIGRATION_MISSING',
      `Plugin ${owner.id} declares tables and ships no migration for ${driver.dialect}; write it with: mibew db generate ${owner.id}.`,
    );
  }
  return driver.locked(async (connection) => {
    await connection.execute(ledger(driver.dialect));
    const entries = await connection.execute<Entry>(
      'select name, hash, started, done, total from database_migration where plugin = ?',
      [owner.id],
    );
    refuseUnknown(owner, entries, files);
    const applied: string[] = [];
    for (const file of files) {
      const entry = entries.find(({ name }) => name === file.name);
      if (entry && entry.done === entry.total && entry.hash === file.hash) continue;
      refuseChanged(owner, entry, file);
      await apply(connection, driver.dialect, owner, file, entry);
      applied.push(file.name);
    }
    return applied;
  });
}

function refuseUnknown(owner: Owner, entries: readonly Entry[], files: readonly File[]): void {
  const unknown = entries.find((entry) => !files.some(({ name }) => name === entry.name));
  if (!unknown) return;
  throw failure(
    'MIGRATION_UNKNOWN',
    `The database knows migration ${unknown.name} of plugin ${owner.id}, this version does not: it was written by a newer one. Install that version again.`,
  );
}

function refuseChanged(owner: Owner, entry: Entry | undefined, file: File): void {
  // A half-applied one may be corrected behind the statements that are done.
  if (!entry || entry.hash === file.hash || entry.done < entry.total) return;
  throw failure(
    'MIGRATION_CHANGED',
    `Migration ${file.name} of plugin ${owner.id} was edited after it had been applied. Put the file back as it was and write a new migration.`,
  );
}

async function apply(
  connection: RawConnection,
  dialect: Driver['dialect'],
  owner: Owner,
  file: File,
  entry: Entry | undefined,
): Promise<void> {
  const total = file.statements.length;
  const key = [owner.id, file.name];
  const note = (column: 'started' | 'done', value: number) =>
    connection.execute(`update database_migration set ${column} = ${value} where plugin = ? and name = ?`, key);
  if (entry) {
    await connection.execute('update database_migration set hash = ?, total = ? where plugin = ? and name = ?', [
      file.hash,
      total,
      ...key,
    ]);
  } else {
    await connection.execute('insert into database_migration values (?, ?, ?, 0, 0, ?)', [...key, file.hash, total]);
  }
  for (let index = entry?.done ?? 0; index < total; index++) {
    const uncertain = (entry?.started ?? 0) > index;
    await note('started', index + 1);
    try {
      if (dialect === 'mysql') await connection.execute('start transaction');
      await connection.execute(file.statements[index] as string);
    } catch (error) {
      if (!uncertain || !alreadyDone.has((error as { errno?: number }).errno ?? 0)) {
        throw failure('MIGRATION_FAILED', stopped(owner, file, dialect, index, error), error);
      }
    }
    await note('done', index + 1);
    if (dialect === 'mysql') await connection.execute('commit');
  }
}

function stopped({ id }: Owner, { name, statements }: File, dialect: string, index: number, error: unknown): string {
  const kept =
    dialect === 'sqlite' || index === 0
      ? 'Nothing of it was kept'
      : `What stands before is done and noted (${index} of ${statements.length})`;
  return `Migration ${name} of plugin ${id} stopped at statement ${index + 1} of ${statements.length}: ${reasonOf(error)}. ${kept}; remove the cause and start again, it goes on from there.`;
}
