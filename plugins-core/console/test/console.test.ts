import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands, definePlugin, type Command } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { commandLine } from '../api.ts';
import { readArgs } from '../book.ts';
import { isServed, runRemotely } from '../socket.ts';

const greet: Command = {
  name: 'greet person',
  summary: 'Greets somebody',
  args: {
    name: { type: 'positional', required: true },
    title: { type: 'string', default: 'dear' },
    loud: { type: 'boolean' },
    'password-stdin': { type: 'boolean' },
  },
  async run({ args, stdin, print }) {
    const secret = args['password-stdin'] ? ` (${(await stdin()).trim()})` : '';
    const line = `hello, ${String(args['title'])} ${String(args['name'])}${secret}`;
    print(args['loud'] ? line.toUpperCase() : line);
    return args['loud'] ? 3 : undefined;
  },
};
const greeter = definePlugin({ id: 'greeter', contributes: [commands([greet])] });

const boot = () => createTestKernel({ plugins: ['console', greeter] });

function collector(input = '') {
  const lines: string[] = [];
  const complaints: string[] = [];
  const io = {
    print: (line: string) => void lines.push(line),
    complain: (line: string) => void complaints.push(line),
    stdin: async () => input,
  };
  return { lines, complaints, io };
}

describe('words become a call', () => {
  it('with flags, positions, defaults and standard input', async () => {
    await using t = await boot();
    const { lines, io } = collector('secret\n');
    const line = t.service(commandLine);
    expect(await line.run(['greet', 'person', 'Ann', '--title', 'good', '--password-stdin'], io)).toBe(0);
    expect(await line.run(['greet', 'person', '--loud', 'Bob'], io)).toBe(3);
    expect(lines).toEqual(['hello, good Ann (secret)', 'HELLO, DEAR BOB']);
  });

  it.each([
    [['--nonsense', 'Ann'], /nonsense/],
    [['Ann', 'Bob'], /what is "Bob"/],
    [[], /name is missing/],
    [['Ann', '--title'], /title/],
  ])('refuses %j', (argv, reason) => {
    expect(() => readArgs(greet, argv)).toThrow(reason);
  });

  it('knows only commands that somebody contributed, while he is there', async () => {
    await using t = await boot();
    const { io } = collector();
    const line = t.service(commandLine);
    await expect(line.run(['dance'], io)).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await t.disable('greeter');
    await expect(line.run(['greet', 'person', 'Ann'], io)).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });
});

describe('own commands', () => {
  it('list, plan and switch plugins, and tell what is there', async () => {
    await using t = await boot();
    const { lines, io } = collector();
    const line = t.service(commandLine);
    expect(await line.run(['plugin', 'plan', 'greeter', '--disable'], io)).toBe(0);
    expect(await line.run(['plugin', 'plan', 'ghost'], io)).toBe(1);
    expect(await line.run(['plugin', 'disable', 'greeter'], io)).toBe(0);
    expect(await line.run(['plugin', 'enable', 'greeter'], io)).toBe(0);
    expect(await line.run(['plugin', 'list'], io)).toBe(0);
    expect(await line.run(['doctor'], io)).toBe(0);
    expect(await line.run(['help'], io)).toBe(0);
    const all = lines.join('\n');
    expect(all).toMatch(/PLUGIN_UNKNOWN/);
    expect(all).toMatch(/greeter: disabled[\s\S]*greeter: active/);
    expect(all).toMatch(/active +greeter +1\.0\.0/);
    expect(all).toMatch(/mibew greet person <name> \[--title <text>\]/);
  });
});

describe('the socket in the data folder', () => {
  it('runs a command in the running server, with its input, output, errors and exit code', async () => {
    await using t = await boot();
    expect(await runRemotely(t.dataDir, ['help'], collector().io)).toBeUndefined();
    await t.service(commandLine).serve();
    const { lines, complaints, io } = collector('pw');
    expect(await runRemotely(t.dataDir, ['greet', 'person', 'Ann', '--password-stdin'], io)).toBe(0);
    expect(await runRemotely(t.dataDir, ['greet', 'person', 'Ann', '--loud'], io)).toBe(3);
    expect(await runRemotely(t.dataDir, ['dance'], io)).toBe(1);
    expect(lines).toEqual(['hello, dear Ann (pw)', 'HELLO, DEAR ANN']);
    expect(complaints).toEqual([expect.stringContaining('COMMAND_INVALID')]);
  });

  it('is for nobody else on the machine, and takes the place of one that a crash left behind', async () => {
    await using t = await boot();
    const path = join(t.dataDir, 'mibew.sock');
    await writeFile(path, '');
    await t.service(commandLine).serve();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await isServed(t.dataDir)).toBe(true);
  });

  it('goes to one of two servers that start at the same moment', async () => {
    await using one = await boot();
    await using two = await createTestKernel({ plugins: ['console', greeter], dataDir: one.dataDir });
    const both = await Promise.allSettled([one, two].map((t) => t.service(commandLine).serve()));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ALREADY_RUNNING' } });
    expect(await runRemotely(one.dataDir, ['help'], collector().io)).toBe(0);
  });

  it('is one per data folder, and gone with the server', async () => {
    const t = await boot();
    await t.service(commandLine).serve();
    await expect(t.service(commandLine).serve()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await t.kernel.stop();
    expect(await isServed(t.dataDir)).toBe(false);
    await t.dispose();
  });
});

describe('mibew on the command line', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const children: ChildProcess[] = [];
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mibew-cli-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  function mibew(argv: string[], env: Record<string, string> = {}) {
    const { VITEST: _, NODE_OPTIONS: __, ...rest } = process.env;
    const tsx = import.meta.resolve('tsx');
    const child = spawn(process.execPath, ['--import', tsx, join(root, 'kernel/cli.ts'), ...argv], {
      cwd: dir,
      env: { ...rest, MIBEW_DATA: join(dir, 'data'), HOST: '127.0.0.1', PORT: '0', ...env },
    });
    children.push(child);
    const ended = once(child, 'exit').then(([code]) => code as number);
    let said = '';
    const says = (what: RegExp) =>
      new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (chunk) => {
          said += String(chunk);
          if (what.test(said)) resolve(said);
        });
        child.once('exit', () => reject(new Error(`it ended after: ${said}`)));
      });
    return { child, says, out: text(child.stdout), err: text(child.stderr), ended };
  }

  it('names a wrong variable and ends with 2', async () => {
    const { err, ended } = mibew(['start'], { PORT: 'eighty' });
    expect(await ended).toBe(2);
    expect(await err).toMatch(/^CONFIG_INVALID: port: expected a number \(PORT\)/);
  });

  it('names a wrong value of the file and ends with 2, whatever the command', async () => {
    await writeFile(join(dir, 'mibew.config.ts'), `export default { publicUrl: 'nowhere' };\n`);
    const { err, ended } = mibew(['doctor']);
    expect(await ended).toBe(2);
    expect(await err).toMatch(/publicUrl: expected an address .*\(mibew\.config\.ts\)/);
  });

  it('names the one thing that keeps the product from running, and not what waits for it', async () => {
    const wrong = mibew(['start'], { MIBEW_DATABASE: 'postgres://a@b/c' });
    expect(await wrong.ended).toBe(2);
    expect(await wrong.err).toMatch(/^database: CONFIG_INVALID: url: has the unknown kind "postgres".*MIBEW_DATABASE/m);
    const away = mibew(['operator', 'add', '--login', 'a', '--name', 'a', '--email', 'a@b'], {
      MIBEW_DATABASE: 'mysql://ann@127.0.0.1:1/chat',
    });
    expect(await away.ended).toBe(1);
    const said = (await away.err).split('\n').filter((line) => !line.startsWith('{'));
    expect(said[0]).toMatch(/^database: DATABASE_UNREACHABLE: The database mysql:\/\/ann@127\.0\.0\.1:1\/chat/);
    expect(said.join('\n')).not.toContain('DEPENDENCY_FAILED');
  });

  it('starts, answers a second process, and ends gracefully on a signal', async () => {
    const server = mibew(['start']);
    expect(await server.says(/listens on.*\n/)).toMatch(/^mibew \d+\.\d+\.\d+ listens on http:\/\/127\.0\.0\.1:\d+/m);
    // Nobody reads the lines that come next.
    const unread = expect(server.out).rejects.toThrow('Premature close');
    server.child.stdout.destroy();
    await unread;
    const list = mibew(['plugin', 'list']);
    expect(await list.ended).toBe(0);
    expect(await list.out).toMatch(/active +console/);
    const second = mibew(['start']);
    expect(await second.ended).toBe(1);
    expect(await second.err).toMatch(/ALREADY_RUNNING/);
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});
