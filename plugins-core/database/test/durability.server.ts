/** A small server for the durability test: stores one row per transaction and says so once it is stored. */
import { writeSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { createDatabase } from '../database.ts';
import { createSqlite } from '../sqlite.ts';

const [file, synchronous] = process.argv.slice(2) as [string, 'FULL' | 'OFF'];
const startReader = (): never => {
  throw new Error('nobody reads here');
};
const db = createDatabase(createSqlite({ file, synchronous, startReader }));
await db.rows(sql`create table t (n integer primary key, body text)`);

async function client(first: number): Promise<void> {
  for (let n = first; n < first + 5; n++) {
    await db.transaction((tx) => tx.rows(sql`insert into t values (${n}, ${'x'.repeat(500)}) returning n`));
    writeSync(1, `stored ${n}\n`);
  }
}
await Promise.all([client(0), client(100), client(200)]);
await db.close();
