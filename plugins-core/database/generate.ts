/**
 * Writes the next migration of a plugin, from what its `tables.ts` exports and the snapshot of the last one.
 * Also a program of its own: `node --import tsx plugins-core/database/generate.ts <folder of the plugin> [name]`.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyTable, Dialect } from './api.ts';
import { collation } from './columns.ts';
import { createKit } from './kit.ts';

const separator = '\n--> statement-breakpoint\n';

function isTable(value: unknown): value is AnyTable {
  return typeof value === 'object' && value !== null && 'columns' in value && 'keys' in value && 'name' in value;
}

async function readTables(root: string): Promise<AnyTable[]> {
  const module: Record<string, unknown> = await import(pathToFileURL(join(root, 'tables.ts')).href);
  return Object.values(module).filter(isTable);
}

async function readSnapshot(folder: string): Promise<object | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'snapshot.json'), 'utf8')) as object;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The statements that lead from a snapshot to the declared tables. */
export async function difference(dialect: Dialect, before: object | undefined, tables: readonly AnyTable[]) {
  const kit = createKit(dialect);
  const schema = Object.fromEntries(tables.map((table) => [table.name, kit(table) as unknown]));
  const tool = await import('drizzle-kit/api');
  if (dialect === 'sqlite') {
    const empty = await tool.generateSQLiteDrizzleJson({});
    const after = await tool.generateSQLiteDrizzleJson(schema);
    return { after, statements: await tool.generateSQLiteMigration((before as typeof empty) ?? empty, after) };
  }
  const empty = await tool.generateMySQLDrizzleJson({});
  const after = await tool.generateMySQLDrizzleJson(schema);
  const statements = await tool.generateMySQLMigration((before as typeof empty) ?? empty, after);
  return { after, statements: statements.map(withCollation) };
}

/** The database's own default is not ours to rely on. */
function withCollation(statement: string): string {
  return statement.startsWith('CREATE TABLE')
    ? statement.replace(/\);?\s*$/, `) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=${collation};`)
    : statement;
}

/** Writes one file per dialect that changed. @returns the files written */
export async function generate(root: string, name = 'change'): Promise<string[]> {
  const tables = await readTables(root);
  const written: string[] = [];
  for (const dialect of ['sqlite', 'mysql'] as const) {
    const folder = join(root, 'migrations', dialect);
    const { after, statements } = await difference(dialect, await readSnapshot(folder), tables);
    if (statements.length === 0) continue;
    await mkdir(folder, { recursive: true });
    const number = (await readdir(folder)).filter((file) => file.endsWith('.sql')).length;
    const file = join(folder, `${String(number).padStart(4, '0')}_${name}.sql`);
    await writeFile(file, `${statements.map((statement) => statement.trim()).join(separator)}\n`);
    await writeFile(join(folder, 'snapshot.json'), `${JSON.stringify(after, null, 2)}\n`);
    written.push(file);
  }
  return written;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [root, name] = process.argv.slice(2);
  if (!root) throw new Error('Name the folder of the plugin, e.g. plugins-core/chat.');
  const files = await generate(resolve(root), name);
  process.stdout.write(files.length > 0 ? `${files.join('\n')}\n` : 'No table changed.\n');
}
