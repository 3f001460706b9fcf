import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { greeted, greeter, words } from '../../test/fixtures/plugins/base/api.ts';
import { catalogue, describeError, PluginError } from '../errors.ts';
import { definePlugin, type NeedsShape, type PluginContext } from '../plugin.ts';
import { formatReport } from '../report.ts';
import { createTestKernel, type TestKernelOptions } from '../testing.ts';

const at = (name: string) => fileURLToPath(new URL(`../../test/fixtures/plugins/${name}`, import.meta.url));
const boot = (names: string[], options: TestKernelOptions = {}) =>
  createTestKernel({ plugins: names.map(at), mayFail: true, ...options });

/** Fixture → what it earns, with what has to be there beside it. */
const earned: [fixture: string, code: string, status: string, message: RegExp, others?: string[]][] = [
  ['manifest-invalid', 'MANIFEST_INVALID', 'failed', /mibew\.id: /],
  ['duplicate', 'PLUGIN_DUPLICATE', 'failed', /"base" is also in .*base/, ['base']],
  ['kernel-range', 'KERNEL_RANGE', 'failed', /needs mibew \^9\.0\.0, this is 1\./],
  ['dependency-missing', 'DEPENDENCY_MISSING', 'waiting', /needs nowhere \^1\.0\.0, not installed/],
  ['dependency-too-old', 'DEPENDENCY_TOO_OLD', 'waiting', /needs base \^2\.0\.0, installed 1\.0\.0/, ['base']],
  ['dependency-too-new', 'DEPENDENCY_TOO_NEW', 'waiting', /needs base \^0\.5\.0, installed 1\.0\.0/, ['base']],
  ['cycle-a', 'DEPENDENCY_CYCLE', 'failed', /cycle-a → cycle-b → cycle-a/, ['cycle-b']],
  ['dependency-failed', 'DEPENDENCY_FAILED', 'waiting', /needs setup-failed, which did not start/, ['setup-failed']],
  ['import-failed', 'IMPORT_FAILED', 'failed', /this module cannot be evaluated/],
  ['no-definition', 'IMPORT_FAILED', 'failed', /no definition as its default export/],
  ['config-invalid', 'CONFIG_INVALID', 'failed', /apiKey: .*mibew\.config\.ts -> plugins\["config-invalid"\]\.apiKey/],
  ['service-missing', 'SERVICE_MISSING', 'failed', /"nobody\.home": nobody provides it/],
  ['service-unnamed', 'SERVICE_MISSING', 'failed', /provider "base" is not named in the manifest/, ['base']],
  ['service-conflict', 'SERVICE_CONFLICT', 'failed', /"base\.greeter" is already provided by base/, ['base']],
  ['service-not-provided', 'SERVICE_NOT_PROVIDED', 'failed', /without providing "service-not-provided\.promised"/],
  ['contribution-rejected', 'CONTRIBUTION_REJECTED', 'failed', /"base\.words": a word has letters/, ['base']],
  ['contribution-uncollected', 'CONTRIBUTION_REJECTED', 'failed', /"nobody\.collects": nobody collects it/],
  ['route-conflict', 'ROUTE_CONFLICT', 'failed', /GET \/greet is already taken by base\.greet/, ['base']],
  ['setup-failed', 'SETUP_FAILED', 'failed', /half way through/],
  ['setup-timeout', 'SETUP_TIMEOUT', 'failed', /longer than 0\.05 s/],
];

describe('a plugin that cannot start stays out, and the report says why', () => {
  it.each(earned)('%s earns %s', async (fixture, code, status, message, others = []) => {
    await using t = await boot([...others, fixture], { limits: { setup: fixture === 'setup-timeout' ? 50 : 5_000 } });
    const broken = t.report().plugins.filter(({ root }) => root === at(fixture));
    expect(broken.map((plugin) => [plugin.status, plugin.problems.map((problem) => problem.code)])).toEqual([
      [status, [code]],
    ]);
    expect(broken[0]?.problems[0]?.message).toMatch(message);
    expect(broken[0]?.problems[0]?.hint).not.toBe('');
    expect(broken[0]?.effects).toEqual([]);
    expect(formatReport(t.report())).toMatch(new RegExp(`${status} +\\S+ +${code} `));
    if (others.includes('base')) expect(t.report().plugins.find(({ id }) => id === 'base')?.status).toBe('active');
  });

  it('tells the whole chain to what is missing further down', async () => {
    await using t = await boot(['dependency-missing'], {
      plugins: [
        at('dependency-missing'),
        { definition: { id: 'upper' }, manifest: { plugins: { 'dependency-missing': '*' } } },
        { definition: { id: 'top' }, manifest: { plugins: { upper: '*' } } },
      ],
    });
    const top = t.report().plugins.find(({ id }) => id === 'top')!;
    expect(top.problems[0]).toMatchObject({
      code: 'DEPENDENCY_FAILED',
      message: 'needs upper → dependency-missing → nowhere, which did not start',
    });
  });

  it('names a disabled dependency, and starts the dependent with it', async () => {
    await using t = await boot(['base', 'dependency-disabled']);
    await t.disable('base');
    expect(t.problems('dependency-disabled')).toEqual(['DEPENDENCY_DISABLED']);
    await t.enable('base');
    expect(t.report().plugins.map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('counts a prerelease as satisfying the range of its release', async () => {
    await using t = await createTestKernel({
      plugins: [
        { definition: { id: 'next' }, manifest: { version: '2.0.0-beta.1' } },
        { definition: { id: 'bold' }, manifest: { plugins: { next: '>=1.0.0' } } },
      ],
    });
    expect(t.report().plugins.map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('reports a text from the environment under the name of its variable, without quoting it', async () => {
    await using t = await boot(['config-invalid'], {
      config: { plugins: { 'config-invalid': { apiKey: 'k' } } },
      env: { FIXTURE_RETRIES: 'hunter2' },
    });
    const problem = t.report().plugins[0]?.problems[0];
    expect(problem?.message).toMatch(/^retries: .*\(FIXTURE_RETRIES\)$/);
    expect(problem?.message).not.toContain('hunter2');
  });

  it('reads a number out of a variable', async () => {
    await using t = await boot(['config-invalid'], {
      config: { plugins: { 'config-invalid': { apiKey: 'k' } } },
      env: { FIXTURE_RETRIES: '5' },
    });
    expect(t.report().plugins[0]?.status).toBe('active');
  });
});

describe('a plugin that runs and does something wrong', () => {
  it('is named when its listener throws, and the caller never notices', async () => {
    await using t = await boot(['base', 'hook-failed']);
    await t.service(greeter).greet('Ann');
    expect(t.calls(greeted)).toEqual([['Ann']]);
    expect(t.report().plugins[1]).toMatchObject({
      status: 'active',
      problems: [{ code: 'HOOK_FAILED', message: 'base.greeted: I do not like Ann' }],
    });
  });

  it('is named when an effect cannot be undone, and is stopped all the same', async () => {
    await using t = await boot(['dispose-failed']);
    await t.disable('dispose-failed');
    expect(t.report().plugins[0]).toMatchObject({ status: 'disabled', effects: [] });
    expect(t.problems('dispose-failed')).toEqual(['DISPOSE_FAILED']);
  });

  it('is refused what it asks for after it was stopped', async () => {
    let kept: PluginContext<unknown, NeedsShape> | undefined;
    const late = definePlugin({ id: 'late', setup: (ctx) => void (kept = ctx as typeof kept) });
    await using t = await createTestKernel({ plugins: [late] });
    await t.disable('late');
    expect(() => kept!.contribute(words('x'))).toThrow(PluginError);
    expect(() => kept!.on(greeted, () => {})).toThrow(/used hook base\.greeted after it was stopped/);
    await expect(kept!.effect(() => () => {}, 'a timer')).rejects.toMatchObject({
      code: 'PLUGIN_STOPPED',
      plugin: 'late',
    });
  });
});

describe('the catalogue', () => {
  it('fills its patterns and has a hint for every code', () => {
    for (const code of Object.keys(catalogue)) expect(describeError(code).hint, code).toMatch(/\w.*[.?]$/);
    expect(describeError('DEPENDENCY_MISSING', { chain: 'chat', range: '^1' }).message).toBe(
      'needs chat ^1, not installed',
    );
  });

  it('has a page for every code', () => {
    for (const code of Object.keys(catalogue))
      expect(existsSync(new URL(`../../docs/reference/errors/${code}.md`, import.meta.url)), code).toBe(true);
  });
});
