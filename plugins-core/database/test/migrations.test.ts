import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import type { Dialect } from '../api.ts';
import type { Driver } from '../driver.ts';
import { generate } from '../generate.ts';
import { migrate } from '../migrations.ts';
import { connect, eachDialect } from '../testing.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-test-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A plugin folder with the given migrations, each a list of statements. */
async function owner(dialect: Dialect, migrations: Record<string, readonly string[]>, id = 'shop') {
  const root = await temporary();
  const folder = join(root, 'migrations', dialect);
  await mkdir(folder, { recursive: true });
  const write = (name: string, statements: readonly string[]) =>
    writeFile(join(folder, `${name}.sql`), statements.join('\n--> statement-breakpoint\n'));
  for (const [name, statements] of Object.entries(migrations)) await write(name, statements);
  return { id, root, write };
}
const createItem = 'create table shop_item (id int not null primary key, name varchar(20) not null)';
const createOrder = 'create table shop_order (id int not null primary key)';
const addPrice = 'alter table shop_item add column price int not null default 5';

/** A driver whose process dies at a statement, before or after it ran: nothing of what follows happens. */
function dying(driver: Driver, at: (text: string) => boolean, when: 'before' | 'after'): Driver {
  return {
    ...driver,
    locked: (work) =>
      driver.locked((connection) =>
        work({
          execute: async (text, values) => {
            if (at(text) && when === 'before') throw new Error('killed');
            const rows = await connection.execute(text, values);
            if (at(text) && when === 'after') throw new Error('killed');
            return rows as never;
          },
        }),
      ),
  };
}

eachDialect((dialect, open) => {
  const items = (db: { rows: (statement: ReturnType<typeof sql>) => Promise<object[]> }) =>
    db.rows(sql`select * from shop_item`);

  it('apply each file once, in order, and only what is new later', async () => {
    const db = await open();
    const plugin = await owner(dialect, { '0000_items': [createItem, createOrder], '0001_price': [addPrice] });
    expect(await migrate(db.driver, plugin)).toEqual(['0000_items', '0001_price']);
    expect(await migrate(db.driver, plugin)).toEqual([]);
    await plugin.write('0002_first', [`insert into shop_item (id, name) values (1, 'tea')`]);
    expect(await migrate(db.driver, plugin)).toEqual(['0002_first']);
    expect(await items(db)).toEqual([{ id: 1, name: 'tea', price: 5 }]);
  });

  it('keep one ledger for each plugin', async () => {
    const db = await open();
    await migrate(db.driver, await owner(dialect, { '0000_first': [createItem] }));
    await migrate(db.driver, await owner(dialect, { '0000_first': ['create table other_item (id int)'] }, 'other'));
    expect(await db.rows(sql`select plugin, name, done, total from database_migration order by plugin`)).toEqual([
      { plugin: 'other', name: '0000_first', done: 1, total: 1 },
      { plugin: 'shop', name: '0000_first', done: 1, total: 1 },
    ]);
  });

  it('happen once when several servers start at the same time', async () => {
    const db = await open();
    const plugin = await owner(dialect, { '0000_items': [createItem, createOrder, addPrice] });
    const program = fileURLToPath(new URL('migrating.process.ts', import.meta.url));
    const start = () =>
      promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), program, db.url, plugin.root]);
    const applied = await Promise.all([start(), start(), start()]);
    expect(applied.map(({ stdout }) => stdout.trim()).toSorted()).toEqual(['', '', '0000_items']);
    expect(await items(db)).toEqual([]);
  });

  it('go on where they stopped, once the cause is gone', async () => {
    const db = await open();
    const broken = [createItem, 'create table nonsense', createOrder];
    const plugin = await owner(dialect, { '0000_items': broken });
    await expect(migrate(db.driver, plugin)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(
        /^Migration 0000_items of plugin shop stopped at statement 2 of 3: .*go/,
      ) as string,
    });
    await expect(migrate(db.driver, plugin)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    await plugin.write('0000_items', [createItem, addPrice, createOrder]);
    expect(await migrate(db.driver, plugin)).toEqual(['0000_items']);
    expect(await items(db)).toEqual([]);
    expect(await db.rows(sql`select * from shop_order`)).toEqual([]);
  });

  it('go on after a kill at any moment', async () => {
    const moments: [string, (text: string) => boolean][] = [
      ['the statement', (text) => text === addPrice],
      ['the note that it starts', (text) => /set started = 2/.test(text)],
      ['the note that it is done', (text) => /set done = 2/.test(text)],
    ];
    for (const [, at] of moments) {
      for (const when of ['before', 'after'] as const) {
        const db = await open();
        const plugin = await owner(dialect, { '0000_items': [createItem, addPrice, createOrder] });
        await expect(migrate(dying(db.driver, at, when), plugin)).rejects.toThrow('killed');
        expect(await migrate(db.driver, plugin)).toEqual(['0000_items']);
        expect(await items(db)).toEqual([]);
        expect(await db.rows(sql`select done, total from database_migration`)).toEqual([{ done: 3, total: 3 }]);
      }
    }
  });

  it('refuse a file that was edited after it had been applied', async () => {
    const db = await open();
    const plugin = await owner(dialect, { '0000_items': [createItem] });
    await migrate(db.driver, plugin);
    await plugin.write('0000_items', [createOrder]);
    await expect(migrate(db.driver, plugin)).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('refuse a database of a newer version', async () => {
    const db = await open();
    await migrate(db.driver, await owner(dialect, { '0000_items': [createItem], '0001_price': [addPrice] }));
    const older = await owner(dialect, { '0000_items': [createItem] });
    await expect(migrate(db.driver, older)).rejects.toMatchObject({ code: 'MIGRATION_UNKNOWN' });
  });

  it('are asked for where a plugin has tables and no migration', async () => {
    const db = await open();
    const plugin = { id: 'shop', root: await temporary() };
    await expect(migrate(db.driver, plugin)).rejects.toMatchObject({
      code: 'MIGRATION_MISSING',
      message: expect.stringContaining('mibew db generate shop') as string,
    });
  });

  it('are written from declared tables, and make exactly those', async () => {
    const root = await temporary();
    const declare = (columns: string) =>
      writeFile(
        join(root, 'tables.ts'),
        `import { defineTable } from ${JSON.stringify(new URL('../api.ts', import.meta.url).href)};
         export const item = defineTable('shop_item', c => ({ id: c.id(), ${columns} }), { unique: { name: ['name'] } });`,
      );
    await declare('name: c.str(20).notNull()');
    const first = await generate(root, 'first');
    expect(first.map((file) => file.slice(root.length + 1))).toEqual([
      'migrations/sqlite/0000_first.sql',
      'migrations/mysql/0000_first.sql',
    ]);
    expect(await readFile(first[1] ?? '', 'utf8')).toContain('COLLATE=utf8mb4_bin');
    expect(await generate(root, 'again')).toEqual([]);
    const db = await open();
    expect(await migrate(db.driver, { id: 'shop', root })).toEqual(['0000_first']);
    await db.rows(sql`insert into shop_item (name) values ('tea')`);
    expect(await items(db)).toEqual([{ id: 1, name: 'tea' }]);
    const second = connect(db.url);
    await expect(second.rows(sql`insert into shop_item (name) values ('tea')`)).rejects.toSatisfy(db.isUniqueViolation);
    await second.close();
  });
});

describe('files of migrations', () => {
  it('have the same meaning with the line ends of Windows', async () => {
    const root = await temporary();
    await mkdir(join(root, 'migrations', 'sqlite'), { recursive: true });
    const file = join(root, 'migrations', 'sqlite', '0000_first.sql');
    const db = connect(`sqlite:${join(root, 'a.db')}`);
    cleanUp.push(db.close);
    await writeFile(file, 'create table a\n(n int);\n--> statement-breakpoint\ncreate table b (n int);\n');
    await migrate(db.driver, { id: 'shop', root });
    await writeFile(file, 'create table a\r\n(n int);\r\n--> statement-breakpoint\r\ncreate table b (n int);\r\n');
    expect(await migrate(db.driver, { id: 'shop', root })).toEqual([]);
  });
});
