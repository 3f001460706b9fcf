import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  connect,
  createTables,
  createTestUrl,
  missingDialect,
  type TestDatabase,
} from '../../plugins-core/database/testing.ts';
import type { AnyTable, Dialect } from '../../plugins-core/database/api.ts';
import { difference } from '../../plugins-core/database/generate.ts';
import { createTestKernel, describePlugin } from './index.ts';

const folder = fileURLToPath(new URL('../../plugins-core/', import.meta.url));
const ids = readdirSync(folder).toSorted();
const load = async (id: string, file: string): Promise<Record<string, unknown>> => {
  const path = `${folder}${id}/${file}`;
  return existsSync(path) ? ((await import(pathToFileURL(path).href)) as Record<string, unknown>) : {};
};

describe.each(ids)('%s', (id) => describePlugin(id));

const isTable = (value: unknown): value is AnyTable =>
  typeof value === 'object' && value !== null && 'columns' in value && 'keys' in value && 'name' in value;
const tablesOf = async (id: string) => Object.values(await load(id, 'tables.ts')).filter(isTable);

/** Of SQLite itself, and of whoever applies migrations. */
const bookkeeping = /^sqlite_|migration/;

/** What a database consists of, whatever the order in which it was made. */
async function schemaOf({ driver }: TestDatabase): Promise<string[]> {
  const rows = (statement: string) =>
    driver.locked((connection) => connection.execute<Record<string, unknown>>(statement));
  const found =
    driver.dialect === 'sqlite'
      ? [
          ...(await rows(`select m.name as "table", c.name as "column", c.type, c."notnull", c.dflt_value, c.pk
            from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'`)),
          ...(await rows(`select m.name as "table", i.name as "index", i."unique", group_concat(c.name) as columns
            from sqlite_master m join pragma_index_list(m.name) i join pragma_index_info(i.name) c
            where m.type = 'table' group by m.name, i.name, i."unique"`)),
        ]
      : [
          ...(await rows(`select table_name as \`table\`, column_name, column_type, is_nullable, column_default,
            collation_name, extra from information_schema.columns where table_schema = database()`)),
          ...(await rows(`select table_name as \`table\`, index_name, non_unique,
            group_concat(column_name order by seq_in_index) as columns from information_schema.statistics
            where table_schema = database() group by table_name, index_name, non_unique`)),
        ];
  return found
    .flatMap((row) => (bookkeeping.test(String(row['table'])) ? [] : Object.values(row).join(' ')))
    .toSorted();
}

describe.each(['sqlite', 'mysql'] as const)('migrations on %s', (dialect: Dialect) => {
  const missing = missingDialect(dialect);

  it.each(ids)('of %s lead to what its tables declare', async (id) => {
    const snapshot = `${folder}${id}/migrations/${dialect}/snapshot.json`;
    const before = existsSync(snapshot) ? (JSON.parse(readFileSync(snapshot, 'utf8')) as object) : undefined;
    expect((await difference(dialect, before, await tablesOf(id))).statements).toEqual([]);
  });

  it.skipIf(missing)(`make the very tables that tests use${missing ? ` (skipped: ${missing})` : ''}`, async () => {
    const [product, declared] = [await createTestUrl(dialect), await createTestUrl(dialect)];
    try {
      const t = await createTestKernel({ plugins: ids, config: { plugins: { database: { url: product.url } } } });
      await t.dispose();
      const [migrated, made] = [connect(product.url), connect(declared.url)];
      await createTables(made.driver, (await Promise.all(ids.map(tablesOf))).flat());
      const schemas = [await schemaOf(migrated), await schemaOf(made)];
      await Promise.all([migrated.close(), made.close()]);
      expect(schemas[0]!.length).toBeGreaterThan(50);
      expect(schemas[0]).toEqual(schemas[1]);
    } finally {
      await product.drop();
      await declared.drop();
    }
  });
});

interface Contract {
  readonly processor: { readonly name: string };
  readonly functions: Readonly<Record<string, { readonly input: v.ObjectSchema<v.ObjectEntries, undefined> }>>;
}
const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'processor' in value && 'functions' in value;

describe('RPC functions', async () => {
  const contracts = (await Promise.all(ids.map((id) => load(id, 'api.ts')))).flatMap((api) =>
    Object.values(api).filter(isContract),
  );
  const functions = contracts.flatMap(({ processor, functions: all }) =>
    Object.entries(all).map(([name, { input }]) => ({ name: `${processor.name}.${name}`, input })),
  );

  it('are there', () => {
    expect(functions.length).toBeGreaterThan(10);
  });

  it.each(functions)('$name stands in the protocol reference', ({ name }) => {
    const [processor, own] = name.split('.');
    const page = readFileSync(fileURLToPath(new URL('../../docs/reference/protocol.md', import.meta.url)), 'utf8');
    const functionsOf = page.split(`## Functions of the \`${processor}\` processor`)[1]?.split('\n## ')[0];
    expect(functionsOf).toContain(`| \`${own}\``);
  });

  it.each(functions)('$name takes no argument of a kind that it does not know', ({ input }) => {
    const keys = Object.keys(input.entries);
    const accepted = keys.filter((key) => {
      const { issues } = v.safeParse(input, { [key]: [{ nested: [null] }] });
      return !issues?.some((issue) => v.getDotPath(issue)?.split('.')[0] === key);
    });
    expect(accepted).toEqual([]);
  });
});
