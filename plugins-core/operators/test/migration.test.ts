import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';

eachDialect((dialect, open) => {
  it('keeps what operators were when the status came', async () => {
    const db = await open();
    const folder = fileURLToPath(new URL(`../migrations/${dialect}/`, import.meta.url));
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
    async function apply(names: readonly string[]) {
      for (const name of names) {
        const statements = (await readFile(folder + name, 'utf8')).split('--> statement-breakpoint');
        await db.driver.locked(async (connection) => {
          for (const statement of statements) await connection.execute(statement);
        });
      }
    }
    const at = files.indexOf('0002_status.sql');
    await apply(files.slice(0, at));
    for (const [name, away] of [
      ['ann', 0],
      ['bob', 1],
    ] as const) {
      await db.rows(sql`insert into operators_operator
        (login, login_key, name, common_name, email, email_key, password_hash, permissions, disabled, away, created_at)
        values (${name}, ${name}, ${name}, ${name}, ${name}, ${name}, 'x', '[]', 0, ${away}, 1)`);
    }
    await apply(files.slice(at));
    expect(await db.rows(sql`select name, status from operators_operator order by name`)).toEqual([
      { name: 'ann', status: 'available' },
      { name: 'bob', status: 'away' },
    ]);
  });
});
