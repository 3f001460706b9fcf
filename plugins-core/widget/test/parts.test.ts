import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/plugin.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { type LauncherPart, launcherPart, widget } from '../api.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mibew-part-'));
  writeFileSync(join(folder, 'part.ts'), 'declare const mibewPart: (start: unknown) => void;\nmibewPart("started");\n');
  writeFileSync(join(folder, 'part.css'), '.tea::after { color: var(--mb-accent); content: "</script>" }\n');
});
afterAll(() => rm(folder, { recursive: true }));

const start = (part: Partial<LauncherPart> = {}, mayFail = false) => {
  const definition = definePlugin({
    id: 'tea',
    needs: { widget },
    setup: (ctx) =>
      ctx.contribute(
        launcherPart({
          name: 'tea',
          entry: join(folder, 'part.ts'),
          styles: [join(folder, 'part.css')],
          facts: (locale) => ({ locale, text: '</script>' }),
          ...part,
        }),
      ),
  });
  return createTestKernel({
    plugins: ['widget', { definition, manifest: { plugins: { widget: '*' } } }],
    mayFail,
  });
};

describe('a part of the launcher', () => {
  it('is a script of its own, which hands itself and its styles to the launcher', async () => {
    await using t = await start();
    const response = await t.request('/plugins/widget/part/tea.js');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=60',
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    const source = await response.text();
    expect(source).not.toContain('</script');
    const calls: unknown[][] = [];
    runInNewContext(source, { window: { Mibew: { part: (...args: unknown[]) => calls.push(args) } } });
    expect(calls).toEqual([['tea', 'started', expect.stringContaining('.tea:after')]]);
    runInNewContext(source, { window: {} });
  });

  it('is not sent again to whoever has it', async () => {
    await using t = await start();
    const etag = (await t.request('/plugins/widget/part/tea.js')).headers.get('etag') ?? '';
    const again = await t.request('/plugins/widget/part/tea.js', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('is named in the launcher with its facts, as long as its plugin is there and wants it', async () => {
    await using t = await start();
    const launcher = async () => (await t.request('/mibew.js', { headers: { 'accept-language': 'en' } })).text();
    expect(await launcher()).toContain(String.raw`{"name":"tea","facts":{"locale":"en","text":"\u003c/script>"}}`);
    await t.disable('tea');
    expect(await launcher()).not.toContain('"tea"');
    // Launchers of before ask for it: they would ask again for what does not come.
    const gone = await t.request('/plugins/widget/part/tea.js');
    expect([gone.status, await gone.text(), gone.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
    expect((await t.request('/plugins/widget/part/tea.css')).status).toBe(404);
  });

  it('is served, but not named, while it is not wanted', async () => {
    await using t = await start({ facts: () => undefined });
    expect(await (await t.request('/mibew.js')).text()).not.toContain('"tea"');
    expect((await t.request('/plugins/widget/part/tea.js')).status).toBe(200);
  });

  it('does not take the launcher with it when its facts fail', async () => {
    await using t = await start({
      facts() {
        throw new Error('no tea');
      },
    });
    const response = await t.request('/mibew.js');
    expect(response.status).toBe(200);
    expect(await response.text()).not.toContain('"tea"');
  });

  it.each(['Tea', 'tea.js', '../tea', ''])('is not called "%s"', async (name) => {
    await using t = await start({ name }, true);
    expect(t.problems('tea')).not.toEqual([]);
  });
});
