import { afterEach, describe, expect, it, vi } from 'vitest';
import { definePlugin, listening } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, tokenIn } from '../../operators/test/browser.ts';
import { figure, notice } from '../api.ts';

const ann = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
const bob = { login: 'bob', name: 'Bob', email: 'bob@example.com', password: 'battery staple' };

const tea = definePlugin({
  id: 'tea',
  needs: { operators },
  contributes: [
    figure({ label: 'tea.cups', weight: 5, value: () => 42 }),
    notice(() => ({ kind: 'warning', text: 'tea.cold' })),
  ],
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}, dataDir?: string) {
  const kernel = await createTestKernel({
    plugins: ['admin', tea, 'demo'],
    env,
    ...(dataDir !== undefined && { dataDir }),
  });
  ends.push(() => kernel.dispose());
  /** Starts to listen, as the server does. @returns what it prints */
  const listen = async (address = 'http://localhost') => {
    const lines: string[] = [];
    await kernel.call(listening, { address, print: (line) => void lines.push(line) });
    const link = /(\/operator\/setup\/[\w-]{43})/.exec(lines.join('\n'))?.[1];
    return { lines, link };
  };
  const logIn = async (who: typeof ann, permissions: readonly string[]) => {
    await kernel.service(operators).create({ ...who, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login: who.login, password: who.password });
    return browser;
  };
  return { kernel, listen, logIn, browser: createBrowser(kernel), operators: kernel.service(operators) };
}

const suite = (env: () => Promise<Record<string, string>>) => {
  it('makes the first administrator, logs him in, and dies', async () => {
    const { listen, browser, operators: service } = await begin(await env());
    const { link } = await listen();
    const form = await browser.get(link!);
    expect(form.status).toBe(200);
    const made = await browser.submit(link!, ann);
    expect([made.status, made.headers.get('location')]).toEqual([302, '/operator']);
    expect((await service.byLogin('ann'))?.permissions).toEqual([
      'admin',
      'takeover',
      'viewthreads',
      'modifyprofile',
      'statistics',
    ]);
    expect(await (await browser.get('/operator')).text()).toContain('Good to see you, Ann.');
    expect((await browser.get(link!)).status).toBe(404);
    expect((await listen()).link).toBeUndefined();
  });

  it('makes one administrator when two send the form at once', async () => {
    const { kernel, listen, operators: service } = await begin(await env());
    const { link } = await listen();
    const forms = await Promise.all(
      [ann, bob].map(async (form) => {
        const browser = createBrowser(kernel);
        return { browser, form: { csrf_token: tokenIn(await (await browser.get(link!)).text()), ...form } };
      }),
    );
    const answers = await Promise.all(forms.map(({ browser, form }) => browser.post(link!, form)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(302);
    expect(statuses).toContain(404);
    expect(await service.list()).toHaveLength(1);
  });
};

describe('the set-up link on SQLite', () => {
  suite(async () => ({}));

  it('says at the start page where the link is, while there is no administrator', async () => {
    const { browser, operators: service } = await begin();
    const before = await browser.get('/operator');
    expect(before.status).toBe(200);
    expect(await before.text()).toContain('it printed a link');
    await service.create({ ...ann, permissions: ['admin'] });
    const after = await browser.get('/operator');
    expect([after.status, after.headers.get('location')]).toEqual([302, '/operator/login']);
  });

  it('is dead when a newer one was made, after an hour, and once the command line made an administrator', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { listen, browser, operators: service } = await begin();
    const first = (await listen()).link!;
    const second = (await listen()).link!;
    expect((await browser.get(first)).status).toBe(404);
    expect((await browser.get(second)).status).toBe(200);
    vi.setSystemTime(Date.now() + 60 * 60_000);
    expect((await browser.get(second)).status).toBe(404);
    const third = (await listen()).link!;
    const token = tokenIn(await (await browser.get(third)).text());
    await service.create({ ...bob, permissions: ['admin'] });
    expect((await browser.post(third, { csrf_token: token, ...ann })).status).toBe(404);
    expect(await service.list()).toHaveLength(1);
  });

  it('keeps what was typed and says what is wrong beside each field', async () => {
    const { listen, browser, operators: service } = await begin();
    const { link } = await listen();
    const answer = await browser.submit(link!, { ...ann, login: 'an n', password: 'short' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('value="an n"');
    expect(html).toContain('value="ann@example.com"');
    expect(html).toContain('Use at least 8 characters.');
    expect(html).not.toContain('value="short"');
    expect(await service.list()).toEqual([]);
    expect((await browser.post(link!, ann)).status).toBe(400);
    expect(await service.list()).toEqual([]);
  });

  it('is not to be guessed: wrong ones look like dead ones, and soon nobody is asked any more', async () => {
    const { listen, browser } = await begin();
    const { link } = await listen();
    const wrong = `/operator/setup/${'A'.repeat(43)}`;
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) statuses.push((await browser.get(wrong)).status);
    expect(statuses.slice(0, 11)).toEqual(Array<number>(11).fill(404));
    expect(statuses[11]).toBe(429);
    expect((await browser.get(link!)).status).toBe(429);
  });

  it('is nowhere in the database as it is', async () => {
    const { kernel, listen } = await begin();
    const token = (await listen()).link!.split('/').at(-1)!;
    const { readdir, readFile } = await import('node:fs/promises');
    const files = await readdir(kernel.dataDir);
    expect(files).toContain('mibew.db');
    for (const file of files.filter((name) => name.startsWith('mibew.db')))
      expect((await readFile(`${kernel.dataDir}/${file}`)).includes(token)).toBe(false);
  });
});

describe.skipIf(missingDialect('mysql'))('the set-up link on MariaDB', () => {
  suite(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  });
});

describe('the first start', () => {
  it('switches the demo page on where no public address is set, and never again', async () => {
    const { kernel, listen } = await begin();
    await kernel.disable('demo');
    const { lines } = await listen();
    expect(lines.join('\n')).toContain('http://localhost/demo');
    expect((await kernel.request('/demo')).status).toBe(200);
    await kernel.disable('demo');
    expect((await listen()).lines.join('\n')).not.toContain('/demo');
    expect((await kernel.request('/demo')).status).toBe(404);
  });

  it('leaves the demo page off where a public address is set', async () => {
    const { kernel, listen } = await begin({ MIBEW_PUBLIC_URL: 'https://chat.example.com/mibew' });
    await kernel.disable('demo');
    const { lines } = await listen('https://chat.example.com/mibew');
    expect(lines.join('\n')).toContain('https://chat.example.com/mibew/operator/setup/');
    expect((await kernel.request('/mibew/demo')).status).toBe(404);
  });
});

describe('the pages of administrators', () => {
  it('send the bare address to the start page', async () => {
    const { browser } = await begin();
    const response = await browser.get('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/operator']);
  });

  it('show figures to everybody, notices and plugins to administrators', async () => {
    const { logIn } = await begin();
    const administrator = await (await (await logIn(ann, ['admin'])).get('/operator')).text();
    expect(administrator).toContain('42');
    expect(administrator).toContain('tea.cold');
    expect(administrator).toContain('/operator/plugin');
    const operator = await (await (await logIn(bob, [])).get('/operator')).text();
    expect(operator).toContain('42');
    expect(operator).not.toContain('tea.cold');
    expect(operator).not.toContain('/operator/plugin');
  });

  it('are closed to operators without the permission and to strangers', async () => {
    const { logIn, browser } = await begin();
    const operator = await logIn(bob, ['takeover']);
    for (const path of ['/operator/plugin', '/operator/settings', '/operator/plugin/demo/disable']) {
      expect((await operator.get(path)).status, path).toBe(403);
      expect((await browser.get(path)).status, path).toBe(302);
    }
    for (const path of ['/operator/settings', '/operator/plugin/demo/disable'])
      for (const who of [operator, browser]) expect((await who.post(path, {})).status, path).toBe(403);
  });

  it('show a page for an address that does not exist, and redirect a slash too many', async () => {
    const { browser } = await begin();
    const page = await browser.get('/operator/nothing');
    expect(page.status).toBe(404);
    expect(await page.text()).toContain('<h1');
    const json = await browser.get('/operator/nothing', { accept: 'application/json' });
    expect(await json.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect((await browser.get('/operator/login/')).headers.get('location')).toBe('/operator/login');
  });

  it('switch a plugin after showing what that would do', async () => {
    const { kernel, logIn } = await begin();
    const browser = await logIn(ann, ['admin']);
    const list = await (await browser.get('/operator/plugin')).text();
    expect(list).toContain('href="/operator/plugin/demo/disable"');
    expect(list).not.toContain('/operator/plugin/operators/disable"');
    expect((await browser.get('/operator/plugin/demo/disable')).status).toBe(200);
    expect((await kernel.request('/demo')).status).toBe(200);
    expect((await browser.post('/operator/plugin/demo/disable', {})).status).toBe(400);
    expect((await browser.submit('/operator/plugin/demo/disable', {})).status).toBe(302);
    expect((await kernel.request('/demo')).status).toBe(404);
    expect((await browser.submit('/operator/plugin/demo/enable', {})).status).toBe(302);
    expect((await kernel.request('/demo')).status).toBe(200);
  });

  it('refuse to switch off what is essential, and what does not exist', async () => {
    const { logIn } = await begin();
    const browser = await logIn(ann, ['admin']);
    expect(await (await browser.get('/operator/plugin/operators/disable')).text()).toContain('PLUGIN_ESSENTIAL');
    const refused = await browser.submit('/operator/plugin/demo/disable', {}, '/operator/plugin/operators/disable');
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('PLUGIN_ESSENTIAL');
    expect((await browser.get('/operator/plugin/nothing/enable')).status).toBe(404);
  });
});
