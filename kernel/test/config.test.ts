import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfigFile, readKernelConfig, type Env, type MibewConfig } from '../config.ts';
import { createKernel } from '../kernel.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mibew-config-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const read = (values: unknown = {}, env: Env = {}) =>
  readKernelConfig({ file: 'mibew.config.ts', values: values as MibewConfig, env }, dir);

describe('the configuration of the kernel', () => {
  it('has a default for everything, and makes a secret that stays', async () => {
    const first = await read();
    expect(first).toMatchObject({ host: '', port: 8080, publicUrl: undefined, base: '', trustedProxies: [] });
    expect(first.data).toBe(join(dir, 'data'));
    expect(first.secret.length).toBeGreaterThanOrEqual(32);
    expect((await read()).secret).toBe(first.secret);
    expect((await stat(join(dir, 'data/secret'))).mode & 0o77).toBe(0);
    expect(await readFile(join(dir, 'data/secret'), 'utf8')).toBe(first.secret);
  });

  it('lets the environment win over the file', async () => {
    const file = { port: 1, host: 'a', publicUrl: 'http://file.example', data: 'x', trustedProxies: ['10.0.0.1'] };
    const env = {
      PORT: '9000',
      HOST: '127.0.0.1',
      MIBEW_PUBLIC_URL: 'https://env.example/mibew/',
      MIBEW_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      MIBEW_DATA: 'elsewhere',
      MIBEW_SECRET: 'x'.repeat(40),
    };
    const config = await read(file, env);
    expect(config).toMatchObject({ port: 9000, host: '127.0.0.1', base: '/mibew', secret: env.MIBEW_SECRET });
    expect(config.publicUrl?.href).toBe('https://env.example/mibew/');
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    expect(config.data).toBe(join(dir, 'elsewhere'));
    expect((await read(file)).port).toBe(1);
  });

  it.each<[unknown, Env, RegExp]>([
    [{ port: 'x' }, {}, /^port: expected a number \(mibew\.config\.ts\)$/],
    [{ prot: 80 }, {}, /^prot: unknown key \(mibew\.config\.ts\)$/],
    [{}, { PORT: '99999' }, /^port: .*65535.*\(PORT\)$/],
    [{}, { PORT: '80a' }, /^port: expected a number \(PORT\)$/],
    [{}, { MIBEW_PUBLIC_URL: 'chat.example' }, /^publicUrl: expected an address.*\(MIBEW_PUBLIC_URL\)$/],
    [{}, { MIBEW_PUBLIC_URL: 'https://a.example/?q' }, /^publicUrl: .*\(MIBEW_PUBLIC_URL\)$/],
    [{}, { MIBEW_PUBLIC_URL: 'https://a:99999/' }, /^publicUrl: expected an address.*\(MIBEW_PUBLIC_URL\)$/],
    [{}, { MIBEW_PUBLIC_URL: 'https://a b/' }, /^publicUrl: expected an address.*\(MIBEW_PUBLIC_URL\)$/],
    [{}, { MIBEW_PUBLIC_URL: 'https://a.example/:x/{.*}' }, /^publicUrl: expected an address.*\(MIBEW_PUBLIC_URL\)$/],
    [
      {},
      { MIBEW_TRUSTED_PROXIES: 'everybody' },
      /^trustedProxies: expected addresses or CIDR ranges \(MIBEW_TRUSTED_PROXIES\)$/,
    ],
    [{ trustedProxies: ['10.0.0.0/99'] }, {}, /^trustedProxies.*: expected addresses or CIDR ranges/],
    [{}, { MIBEW_SECRET: 'short' }, /^secret: expected 32 characters or more \(MIBEW_SECRET\)$/],
    [{ data: '/dev/null/x' }, {}, /^data: /],
  ])('refuses %j with %j, naming key and place', async (values, env, message) => {
    await expect(read(values, env)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the data folder', () => {
  it('is for nobody else on the machine', async () => {
    const { data } = await read();
    expect((await stat(data)).mode & 0o77).toBe(0);
  });

  it('with a secret that was cut off is refused, since everybody can guess an empty one', async () => {
    const { data } = await read();
    await writeFile(join(data, 'secret'), '');
    await expect(read()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `data: ${join(data, 'secret')} holds no secret; put it back, or delete it for a new one`,
    });
  });

  it.each(['{"demo":', 'null', '{"demo":1}'])(
    'with %s for the switches of plugins is refused by name',
    async (text) => {
      await mkdir(join(dir, 'data'));
      const file = join(dir, 'data/plugins.json');
      await writeFile(file, text);
      const kernel = await createKernel({ dir, env: {}, plugins: [], config: {} });
      await expect(kernel.boot()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`${file}: `) as string,
      });
      await kernel.stop();
    },
  );
});

describe('the configuration file', () => {
  it('may be missing', async () => {
    expect(await loadConfigFile(dir)).toEqual({ file: 'mibew.config.ts', values: {} });
  });

  it('gets the kernel that runs', async () => {
    await writeFile(
      join(dir, 'mibew.config.ts'),
      `import { defineConfig } from 'mibew/kernel';\nexport default defineConfig({ port: 81 });\n`,
    );
    const kernel = await createKernel({ dir, env: {}, plugins: [] });
    expect(kernel.config.port).toBe(81);
    await kernel.stop();
  });

  it('is named when it cannot be evaluated', async () => {
    await writeFile(join(dir, 'mibew.config.ts'), `throw new Error('no such luck');\n`);
    await expect(loadConfigFile(dir)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'mibew.config.ts: no such luck',
    });
  });
});
