import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import Libsql from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { db } from '../api.ts';
import { databaseCommands } from '../commands.ts';
import { createTestUrl, missingDialect } from '../testing.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});
const temporary = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mibew-test-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

describe('the database plugin', () => {
  it('opens a file in the data folder unless told otherwise', async () => {
    await using t = await createTestKernel({ plugins: ['database'] });
    expect(t.kernel.service(db).dialect).toBe('sqlite');
    const [file] = await t.kernel.service(db).rows<{ file: string }>(sql`pragma database_list`);
    expect(file?.file).toBe(join(t.dataDir, 'mibew.db'));
  });

  it.skipIf(missingDialect('mysql'))('opens what MIBEW_DATABASE names', async () => {
    const { url, drop } = await createTestUrl('mysql');
    cleanUp.push(drop);
    await using t = await createTestKernel({ plugins: ['database'], env: { MIBEW_DATABASE: url } });
    expect(t.kernel.service(db).dialect).toBe('mysql');
  });

  it('says what is wrong with an address', async () => {
    const wrong = ['nonsense', 'postgres://a@b/c', 'mysql://root@localhost', 'sqlite:', 'sqlite::memory:'];
    for (const url of [...wrong, 'mysql://ann:100%@localhost/chat']) {
      await using t = await createTestKernel({ plugins: ['database'], env: { MIBEW_DATABASE: url }, mayFail: true });
      expect(t.problems('database'), url).toEqual(['CONFIG_INVALID']);
      const [problem] = t.report().plugins.flatMap(({ problems }) => problems);
      expect(problem?.message).toMatch(/^url: .*; write sqlite:data\/mibew\.db or .*\(MIBEW_DATABASE\)$/);
      expect(problem?.message).not.toContain('100%');
    }
  });

  it('says so when nothing answers, without the password', async () => {
    const env = { MIBEW_DATABASE: 'mysql://ann:secret@127.0.0.1:1/chat' };
    await using t = await createTestKernel({ plugins: ['database'], env, mayFail: true });
    expect(t.problems('database')).toEqual(['DATABASE_UNREACHABLE']);
    const [problem] = t.report().plugins.flatMap(({ problems }) => problems);
    expect(problem?.message).toContain('mysql://ann@127.0.0.1:1/chat');
    expect(problem?.message).not.toContain('secret');
  });

  it('says which file it is that another program keeps for itself', async () => {
    const file = join(await temporary(), 'mibew.db');
    const other = new Libsql(file);
    other.pragma('journal_mode = WAL');
    other.exec('begin immediate');
    const env = { MIBEW_DATABASE: `sqlite:${file}` };
    await using t = await createTestKernel({ plugins: ['database'], env, mayFail: true });
    other.exec('rollback');
    other.close();
    expect(t.problems('database')).toEqual(['DATABASE_UNREACHABLE']);
    const [problem] = t.report().plugins.flatMap(({ problems }) => problems);
    expect(problem?.message).toContain(`${file} cannot be opened: database is locked`);
  });

  it('leaves a file alone that is no database', async () => {
    const file = join(await temporary(), 'letter.txt');
    await writeFile(file, 'Dear Ann, this is no database, whatever its name says. '.repeat(30));
    await using t = await createTestKernel({
      plugins: ['database'],
      env: { MIBEW_DATABASE: `sqlite:${file}` },
      mayFail: true,
    });
    expect(t.problems('database')).toEqual(['DATABASE_UNREACHABLE']);
  });
});

describe('the commands', () => {
  async function run(t: TestKernel, name: string, args: Record<string, string> = {}) {
    const lines: string[] = [];
    const command = databaseCommands(t.kernel, t.service(db)).find((one) => one.name === name);
    const code = await command?.run({ args, stdin: async () => '', print: (line) => void lines.push(line) });
    return { code, text: lines.join('\n') };
  }

  it('list what is applied', async () => {
    await using t = await createTestKernel({ plugins: ['settings'] });
    expect(await run(t, 'db migrate')).toEqual({
      code: 0,
      text: expect.stringMatching(/^settings +0000_values\nsettings +0001_changes$/) as string,
    });
  });

  it('write nothing when no table changed, and know which plugins there are', async () => {
    await using t = await createTestKernel({ plugins: ['settings'] });
    expect(await run(t, 'db generate', { plugin: 'settings' })).toEqual({ code: 0, text: 'No table changed.' });
    expect((await run(t, 'db generate', { plugin: 'nobody' })).code).toBe(1);
  });
});
