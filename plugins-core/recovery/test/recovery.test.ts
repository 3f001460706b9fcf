import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { db } from '../../database/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { mailer, mailTemplate, type Mail } from '../../mailer/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, tokenIn, type Browser } from '../../operators/test/browser.ts';
import { link } from '../tables.ts';

const password = 'correct horse';
const fresh = { password: 'battery staple', passwordConfirm: 'battery staple' };
const path = '/operator/password-recovery';
const minute = 60_000;
const ends: (() => Promise<void>)[] = [];
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin({ delivers = true, publicUrl = 'https://chat.example/mibew', env = {} } = {}) {
  const sent: Mail[] = [];
  const root = new URL('../../../', import.meta.url).pathname;
  const definition = definePlugin({
    id: 'mailer',
    provides: [mailer],
    async setup(ctx) {
      await ctx.collect(mailTemplate, () => () => {});
      ctx.provide(mailer, {
        delivers,
        send: async (mail) => ({ id: sent.push(mail), created: true }),
        state: async () => undefined,
      });
    },
  });
  const kernel = await createTestKernel({
    plugins: ['recovery', { definition, manifest: { id: 'mailer', version: '1.0.0', root } }],
    env: { ...env, ...(publicUrl && { MIBEW_PUBLIC_URL: publicUrl }) },
  });
  ends.push(() => kernel.dispose());
  const base = publicUrl ? '/mibew' : '';
  const service = kernel.service(operators);
  const bob = await service.create({ login: 'bob', name: 'Bob', email: 'bob@example.com', password });
  /** Requests come to the address that the installation has. */
  const at = { request: (where: string, init?: RequestInit) => kernel.request(base + where, init) };
  const browser = (): Browser => createBrowser(at);
  const origin = { origin: publicUrl ? new URL(publicUrl).origin : 'http://localhost' };
  const submit = async (who: Browser, page: string, fields: Record<string, string>, action = page) => {
    const html = await (await who.get(page)).text();
    return who.post(action, { csrf_token: tokenIn(html), ...fields }, origin);
  };
  const ask = async (loginoremail: string, who = browser()) => {
    const answer = await submit(who, path, { loginoremail });
    return [answer.status, await answer.text()] as const;
  };
  const links = () => sent.map(({ values }) => values['link']!.replace(/^https:\/\/chat\.example\/mibew/, ''));
  const logIn = async (word: string) =>
    (await submit(browser(), '/operator/login', { login: 'bob', password: word })).status;
  const reset = (link: string, fields: Record<string, string> = fresh) => {
    const query = new URL(link, 'http://here').searchParams;
    const named = { id: query.get('id')!, token: query.get('token')! };
    return submit(browser(), link, { ...named, ...fields }, `${path}/reset`);
  };
  return { kernel, service, bob, browser, submit, sent, ask, links, logIn, reset };
}

const suite = (env: () => Promise<Record<string, string>>) => {
  it('mails a link that sets a new password once, and ends the sessions', async () => {
    const { ask, sent, links, browser, logIn, reset, service, bob } = await begin({ env: await env() });
    const [status] = await ask('BOB');
    expect(status).toBe(200);
    await expect
      .poll(() => sent)
      .toMatchObject([{ template: 'password_recovery', to: 'bob@example.com', values: { name: 'Bob' } }]);
    expect(sent[0]!.values['link']).toMatch(
      /^https:\/\/chat\.example\/mibew\/operator\/password-recovery\/reset\?id=\d+&token=[0-9a-f]{64}$/,
    );
    const [link] = links();
    expect(await (await browser().get(link!)).text()).toContain('For bob.');
    const done = await reset(link!);
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Your password is set')]);
    expect([await logIn(password), await logIn(fresh.password)]).toEqual([200, 302]);
    const dead = await browser().get(link!);
    expect(dead.status).toBe(404);
    // Where another one can be asked for.
    expect(await dead.text()).toMatch(/used already[^]*name="loginoremail"/);
    expect((await service.byId(bob.id))?.disabled).toBe(false);
  });

  it('sets one password where the same link is used twice at the same moment', async () => {
    const { ask, links, reset } = await begin({ env: await env() });
    await ask('bob@example.com');
    await expect.poll(() => links()).toHaveLength(1);
    const answers = await Promise.all([reset(links()[0]!), reset(links()[0]!)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
  });
};

describe('a forgotten password on SQLite', () => {
  suite(async () => ({}));

  it('is answered the same, whether or not there is somebody, and sends nothing to who may not come in', async () => {
    const { ask, sent, service, bob, kernel } = await begin();
    const plain = ([status, html]: readonly [number, string]) => [status, html.replaceAll(/nonce="[^"]*"/g, '')];
    const known = plain(await ask('bob'));
    expect(plain(await ask('nobody'))).toEqual(known);
    await service.setDisabled(bob.id, true);
    expect(plain(await ask('bob'))).toEqual(known);
    await kernel.disable('recovery');
    expect(sent).toHaveLength(1);
  });

  it('has a link that dies after an hour, with a newer one, a new password, another address, and its owner', async () => {
    const { ask, links, browser, service, bob } = await begin();
    let count = 0;
    const fetch = async () => {
      vi.setSystemTime(Date.now() + 181 * minute);
      await ask('bob');
      await expect.poll(() => links().length).toBe((count += 1));
      return links().at(-1)!;
    };
    const isAlive = async (link: string) => (await browser().get(link)).status === 200;
    const first = await fetch();
    vi.setSystemTime(Date.now() + 59 * minute);
    expect(await isAlive(first)).toBe(true);
    vi.setSystemTime(Date.now() + minute);
    expect(await isAlive(first)).toBe(false);
    const second = await fetch();
    expect([await isAlive(first), await isAlive(second)]).toEqual([false, true]);
    await service.setPassword(bob.id, 'another password');
    expect(await isAlive(second)).toBe(false);
    const third = await fetch();
    await service.update(bob.id, { name: 'Bert' });
    expect(await isAlive(third)).toBe(true);
    await service.update(bob.id, { email: 'bert@example.com' });
    expect(await isAlive(third)).toBe(false);
    const fourth = await fetch();
    await service.remove(bob.id);
    expect(await isAlive(fourth)).toBe(false);
  });

  it('says at the field what is wrong with the new password, and the link stays good', async () => {
    const { ask, links, reset, logIn } = await begin();
    await ask('bob');
    await expect.poll(() => links()).toHaveLength(1);
    for (const [fields, words] of [
      [{ password: 'short', passwordConfirm: 'short' }, 'Use at least 8 characters.'],
      [{ password: 'battery staple', passwordConfirm: 'battery' }, 'The two passwords are not the same.'],
      [{ password: '', passwordConfirm: '' }, 'This is needed.'],
    ] as const) {
      const answer = await reset(links()[0]!, fields);
      expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(words)]);
    }
    expect((await reset(links()[0]!)).status).toBe(200);
    expect(await logIn(fresh.password)).toBe(302);
  });

  it('keeps no token, and takes none that is not complete', async () => {
    const { ask, links, browser, kernel } = await begin();
    await ask('bob');
    await expect.poll(() => links()).toHaveLength(1);
    const token = new URL(links()[0]!, 'http://here').searchParams.get('token')!;
    const rows = await kernel.service(db).query.select().from(kernel.service(db).table(link));
    expect(JSON.stringify(rows)).not.toContain(token);
    for (const query of ['', '?id=1', `?id=x&token=${token}`, '?id=1&token=XYZ', `?id=1234567890&token=${token}`])
      expect((await browser().get(`${path}/reset${query}`)).status, query).toBe(400);
    expect((await browser().get(`${path}/reset?id=1&token=${'0'.repeat(64)}`)).status).toBe(404);
  });

  it('fills nobody’s mailbox, and makes asking and guessing slow', async () => {
    const { ask, sent, browser, kernel } = await begin();
    const statuses = [];
    for (let n = 0; n < 13; n += 1) statuses.push((await ask('bob'))[0]);
    expect(statuses.filter((status) => status === 200)).toHaveLength(11);
    expect(statuses.at(-1)).toBe(429);
    const guesses = [];
    for (let n = 0; n < 13; n += 1) guesses.push((await browser().get(`${path}/reset?id=1&token=${n}${n}`)).status);
    expect([guesses[0], guesses.at(-1)]).toEqual([404, 429]);
    await kernel.disable('recovery');
    expect(sent).toHaveLength(4);
  });

  it('is offered only where a link can be sent, and to an address that no request can forge', async () => {
    const on = await begin();
    expect(await (await on.browser().get('/operator/login')).text()).toContain(`href="/mibew${path}"`);
    for (const options of [{ delivers: false }, { publicUrl: '' }]) {
      const off = await begin(options);
      const login = await (await off.browser().get('/operator/login')).text();
      expect(login).not.toContain(path);
      expect(login).toContain('An administrator can set a new one.');
      const html = await (await off.browser().get(path)).text();
      expect(html).toContain('cannot send such a link');
      const answer = await off.submit(off.browser(), '/operator/login', { loginoremail: 'bob' }, path);
      expect(answer.status).toBe(409);
      expect(off.sent).toEqual([]);
    }
  });
});

const missing = missingDialect('mysql');
describe.skipIf(missing !== undefined)(`a forgotten password on MySQL${missing ? ` (${missing})` : ''}`, () => {
  suite(async () => {
    const database = await createTestUrl('mysql');
    ends.push(database.drop);
    return { MIBEW_DATABASE: database.url };
  });
});
