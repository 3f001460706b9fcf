import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKernel, PluginError } from '../index.ts';
import { readCandidate } from '../loader.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'test/fixtures/one-copy/main.mjs');
const run = promisify(execFile);

const meet = (name: string) => `((globalThis.met ??= {})['${name}'] = PluginError);\n`;
const manifest = (entry: string) => ({
  name: 'mibew-plugin-outside',
  version: '1.0.0',
  type: 'module',
  engines: { mibew: '*' },
  mibew: { id: 'outside', plugin: entry },
});

/** An installation far from the product: a configuration file and a plugin that both import the kernel. */
async function install(entry: 'plugin.ts' | 'plugin.js'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mibew-one-'));
  await mkdir(join(dir, 'outside'));
  await mkdir(join(dir, 'data'));
  await writeFile(join(dir, 'data/plugins.json'), '{ "hello": true }');
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(dir, 'mibew.config.ts'),
    `import { defineConfig, PluginError } from 'mibew/kernel';\n${meet('config')}export default defineConfig({ pluginFolders: ['outside'] as string[] });\n`,
  );
  await writeFile(join(dir, 'outside/package.json'), JSON.stringify(manifest(`./${entry}`)));
  await writeFile(
    join(dir, 'outside', entry),
    `import { definePlugin, PluginError } from 'mibew/kernel';\n${meet('outside plugin')}export default definePlugin({ id: 'outside' });\n`,
  );
  // A second copy of the package beside the plugin, as npm would leave one there.
  await mkdir(join(dir, 'outside/node_modules'));
  await symlink(root, join(dir, 'outside/node_modules/mibew'));
  return dir;
}

let dir = '';
let built = '';
beforeEach(() => {
  dir = built = '';
});
afterEach(async () => {
  for (const folder of [dir, built]) if (folder) await rm(folder, { recursive: true, force: true });
});

const everybody = { config: true, 'outside plugin': true, outside: 'active', hello: 'active', own: true };

describe('there is one copy of the kernel', () => {
  it('under tsx', async () => {
    dir = await install('plugin.ts');
    const args = ['--import', 'tsx', main, join(root, 'kernel/index.ts'), dir];
    const { stdout } = await run(process.execPath, args, { cwd: root, env: clean() });
    expect(JSON.parse(stdout)).toMatchObject(everybody);
  });

  it('under the test runner', async () => {
    dir = await install('plugin.ts');
    await rm(join(dir, 'outside/node_modules'), { recursive: true });
    const candidate = readCandidate(join(dir, 'outside'), false);
    const kernel = await createKernel({ dir, env: {}, plugins: [candidate] });
    const report = await kernel.boot();
    expect(report.plugins).toMatchObject([{ id: 'outside', status: 'active', problems: [] }]);
    const { met } = globalThis as { met?: Record<string, unknown> };
    expect(met).toEqual({ config: PluginError, 'outside plugin': PluginError });
    await kernel.stop();
  });

  it('in the built server', async () => {
    dir = await install('plugin.js');
    built = await mkdtemp(join(root, 'dist-test-'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    // The compiler settings of the product; what does not compile is the business of another check.
    const flags = [
      '-p',
      'tsconfig.build.json',
      '--outDir',
      built,
      '--noCheck',
      '--incremental',
      'false',
      '--declaration',
      'false',
    ];
    await run(process.execPath, [tsc, ...flags], { cwd: root }).catch(() => {});
    const { stdout } = await run(process.execPath, [main, join(built, 'kernel/index.js'), dir], {
      cwd: root,
      env: clean(),
    });
    expect(JSON.parse(stdout)).toMatchObject(everybody);
  });

  it('or none: a second one refuses to be evaluated', async () => {
    const script = `await import('./kernel/errors.ts'); await import('./kernel/errors.ts?second').catch((error) => console.log(error.code));`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout } = await run(process.execPath, args, { cwd: root, env: clean() });
    expect(stdout.trim()).toBe('KERNEL_TWICE');
  });
});

/** The environment of an ordinary process: no test runner in it. */
function clean(): NodeJS.ProcessEnv {
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}
