import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { threads, visitors, threadsVisible } from '../../chat/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { definePlugin } from '../../../kernel/index.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn, tokenIn } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { banCreated, banDeleted, bans } from '../api.ts';

const day = 86_400_000;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Hides what came from this page from everybody who is not an administrator. */
const curtain = definePlugin({
  id: 'curtain',
  needs: { operators },
  setup(ctx) {
    ctx.on(threadsVisible, (list, { operator }) =>
      list.filter(({ referrer }) => !referrer.includes('secret') || ctx.use.operators.can(operator, 'admin')),
    );
  },
});

async function begin(env: Record<string, string> = {}, enabled = true) {
  const kernel = await createTestKernel({ plugins: ['bans', 'users', 'admin', curtain], env });
  ends.push(() => kernel.dispose());
  if (enabled) await kernel.service(settings).change({ enableban: true }, 'test');
  const logIn = async (login = 'bob', permissions: readonly string[] = []) => {
    const account = { login, name: login, email: `${login}@example.com`, password: 'battery staple', permissions };
    await kernel.service(operators).create(account);
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password: account.password });
    return browser;
  };
  return { kernel, logIn, bans: kernel.service(bans), visit: visitOf(kernel) };
}

/** Starts a conversation as somebody from an address. */
const visitOf = (kernel: TestKernel) => async (remote: string, url?: string) => {
  const visitor = await kernel
    .service(visitors)
    .bySecret(Buffer.from(remote.padEnd(32)).toString('base64url').slice(0, 43));
  const { thread } = await kernel.service(threads).start(visitor, { remote, userAgent: 'test', url });
  return thread!;
};

const fields = { address: '192.0.2.7', days: '15', comment: 'spam' };
const add = '/operator/ban/add';

const journey = (env: () => Promise<Record<string, string>>) => {
  it('make a ban, show it, change it and lift it', async () => {
    const { logIn, bans: service } = await begin(await env());
    const browser = await logIn();
    const made = await browser.submit(add, fields);
    expect([made.status, made.headers.get('location')]).toEqual([302, '/operator/ban?done=saved']);
    const [stored] = await service.list({ offset: 0, limit: 1 });
    expect(stored).toMatchObject({ address: '192.0.2.7', userId: '', comment: 'spam' });
    expect(Math.round((stored!.till - stored!.createdAt) / day)).toBe(15);
    const list = await (await browser.get('/operator/ban?done=saved')).text();
    for (const text of ['192.0.2.7', 'spam', 'bob', 'The ban is saved.']) expect(list).toContain(text);

    const page = `/operator/ban/${stored!.id}/edit`;
    const form = await (await browser.get(page)).text();
    for (const text of ['value="192.0.2.7"', 'value="15"', 'spam</textarea>']) expect(form).toContain(text);
    expect((await browser.submit(page, { ...fields, comment: 'still spam' })).status).toBe(302);
    // The days were not touched, so the end is where it was.
    expect(await service.byId(stored!.id)).toEqual({ ...stored, comment: 'still spam' });
    expect((await browser.submit(page, { ...fields, days: '0' })).status).toBe(302);
    expect((await service.byId(stored!.id))?.till).toBe(0);

    const question = `/operator/ban/${stored!.id}/delete`;
    expect(await (await browser.get(question)).text()).toContain('Lift this ban?');
    expect(await service.count()).toBe(1);
    expect((await browser.submit(question, {})).headers.get('location')).toBe('/operator/ban?done=lifted&undo=1');
    expect(await service.count()).toBe(0);
    for (const path of [page, question]) {
      expect((await browser.get(path)).status).toBe(404);
      const token = tokenIn(await (await browser.get(add)).text());
      expect((await browser.post(path, { csrf_token: token, ...fields })).status).toBe(404);
    }
  });

  it('lift at once, and bring back the ban that was there', async () => {
    const { kernel, logIn, bans: service } = await begin(await env());
    const browser = await logIn();
    const stored = await service.create({ address: '192.0.2.7', comment: '<b>', till: Date.now() + day }, 7);
    const lift = async () => {
      const html = await (await browser.get('/operator/ban')).text();
      const answer = await browser.post(`/operator/ban/${stored.id}/delete`, { csrf_token: tokenIn(html) });
      return (await browser.get(answer.headers.get('location')!)).text();
    };
    const undo = (html: string) => {
      const [, path = ''] = /action="(\/operator\/undo\/\d+)"/.exec(html) ?? [];
      return browser.post(path, { csrf_token: tokenIn(html) });
    };
    const lifted = await lift();
    expect(lifted).toContain('The ban is lifted.');
    expect(service.match({ remote: '192.0.2.7' })).toBeUndefined();
    const back = (await undo(lifted)).headers.get('location')!;
    expect(back).toBe('/operator/ban?done=restored');
    expect(await (await browser.get(back)).text()).toContain('The ban holds again.');
    expect(await service.byId(stored.id)).toEqual(stored);
    expect(service.match({ remote: '192.0.2.7' })).toEqual(stored);
    expect(kernel.calls(banDeleted)).toEqual([[{ id: stored.id }]]);
    expect(kernel.calls(banCreated)).toEqual([[{ ban: stored }], [{ ban: stored }]]);

    const again = await lift();
    await service.create({ address: '192.0.2.7', comment: 'anew', till: 0 }, 1);
    const taken = (await undo(again)).headers.get('location')!;
    expect(taken).toBe('/operator/ban?done=taken');
    expect(await (await browser.get(taken)).text()).toContain('the same is banned anew by now');
    expect(await service.list({ offset: 0, limit: 9 })).toMatchObject([{ comment: 'anew' }]);
  });

  it('lose nobody’s change when two change one ban at once', async () => {
    const { logIn, bans: service } = await begin(await env());
    const [bob, eve] = [await logIn(), await logIn('eve')];
    const stored = await service.create({ address: '192.0.2.7', comment: 'spam', till: Date.now() + 15 * day }, 1);
    const path = `/operator/ban/${stored.id}/edit`;
    const [his, hers] = await Promise.all([bob, eve].map(async (who) => fieldsIn(await (await who.get(path)).text())));
    expect((await bob.post(path, { ...his!, comment: 'more spam' })).status).toBe(302);
    expect((await eve.post(path, { ...hers!, address: '192.0.2.0/24' })).status).toBe(302);
    const both = { ...stored, comment: 'more spam', address: '192.0.2.0/24' };
    expect(await service.byId(stored.id)).toEqual(both);

    const late = await bob.post(path, { ...his!, address: '192.0.2.9', days: '0', comment: 'less' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toContain('Somebody else changed this while you did.');
    expect(html).toMatch(/id="mb-address-error">[^]{0,400}?Changed meanwhile to “192.0.2.0\/24”/);
    expect(html).toMatch(/id="mb-comment-error">[^]{0,400}?Changed meanwhile to “more spam”/);
    expect(html).not.toContain('mb-days-error');
    expect(fieldsIn(html)).toMatchObject({ address: '192.0.2.9', days: '0', comment: 'less' });
    expect(await service.byId(stored.id)).toEqual(both);
    expect((await bob.post(path, fieldsIn(html))).status).toBe(302);
    expect(await service.byId(stored.id)).toEqual({ ...stored, address: '192.0.2.9', till: 0, comment: 'less' });

    const days = await eve.post(path, { ...hers!, days: '30' });
    expect(days.status).toBe(409);
    expect(await days.text()).toMatch(/id="mb-days-error">[^]{0,400}?Changed meanwhile to “0”/);
  });

  it('keep what was typed for a ban that somebody lifted meanwhile', async () => {
    const { logIn, bans: service } = await begin(await env());
    const browser = await logIn();
    const { id } = await service.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 1);
    const shown = fieldsIn(await (await browser.get(`/operator/ban/${id}/edit`)).text());
    await service.delete(id);
    const answer = await browser.post(`/operator/ban/${id}/edit`, { ...shown, comment: 'typed' });
    expect(answer.status).toBe(404);
    const html = await answer.text();
    expect(html).toContain('Somebody lifted this ban while you changed it.');
    expect(
      (await browser.post(/<form class="mb-form" method="post" action="([^"]*)"/.exec(html)![1]!, fieldsIn(html)))
        .status,
    ).toBe(302);
    expect(await service.list({ offset: 0, limit: 9 })).toMatchObject([{ address: '192.0.2.7', comment: 'typed' }]);
  });
};

describe('the pages of bans on SQLite', () => {
  journey(async () => ({}));

  it('are closed to strangers and to forms from elsewhere', async () => {
    const { kernel, logIn, bans: service } = await begin();
    const stranger = createBrowser(kernel);
    const { id } = await service.create({ address: '192.0.2.7', comment: 'spam', till: 0 }, 1);
    const browser = await logIn();
    const token = tokenIn(await (await browser.get(add)).text());
    for (const path of ['/operator/ban', add, `/operator/ban/${id}/edit`, `/operator/ban/${id}/delete`])
      expect((await stranger.get(path)).status, path).toBe(302);
    for (const path of [add, `/operator/ban/${id}/edit`, `/operator/ban/${id}/delete`]) {
      expect((await stranger.post(path, { csrf_token: token, ...fields })).status, path).toBe(403);
      expect((await browser.post(path, fields)).status, path).toBe(400);
      const foreign = { origin: 'https://evil.example' };
      expect((await browser.post(path, { csrf_token: token, ...fields }, foreign)).status, path).toBe(403);
    }
    expect(await service.list({ offset: 0, limit: 9 })).toMatchObject([{ id, comment: 'spam' }]);
  });

  it.each([
    [{ address: '' }, 'Enter an address or a range.'],
    [{ address: '192.0.2.7/33' }, 'This is no address and no range.'],
    [{ address: '1'.repeat(256) }, 'Use at most 255 characters.'],
    [{ by: 'visitor', visitor: '' }, 'Enter the number of a visitor.'],
    [{ by: 'visitor', visitor: 'a b' }, 'This is no number of a visitor'],
    [{ by: 'visitor', visitor: 'a'.repeat(33) }, 'Use at most 32 characters.'],
    [{ days: '' }, 'Enter a number of days, 0 for ever.'],
    [{ days: 'soon' }, 'Enter a whole number from 0 to 36500.'],
    [{ days: '36501' }, 'Enter a whole number from 0 to 36500.'],
    [{ days: '-1' }, 'Enter a whole number from 0 to 36500.'],
    [{ comment: '' }, 'Say why, so that other operators know.'],
    [{ comment: 'x'.repeat(256) }, 'Use at most 255 characters.'],
  ])('say beside the field what is wrong with %j, and keep what was typed', async (wrong, sentence) => {
    const { logIn, bans: service } = await begin();
    const browser = await logIn();
    const typed: Record<string, string> = { ...fields, comment: 'a <b> & "c"', ...wrong };
    const answer = await browser.submit(add, typed);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(sentence);
    expect(html).toContain('aria-invalid="true"');
    if (typed['comment']!.startsWith('a')) expect(html).toContain('a &lt;b&gt; &amp; &quot;c&quot;</textarea>');
    expect(html).toContain(`value="${typed['days']}"`);
    expect(await service.count()).toBe(0);
  });

  it('say everything that is wrong at once', async () => {
    const { logIn } = await begin();
    const html = await (await (await logIn()).submit(add, { address: '', days: '', comment: '' })).text();
    for (const text of ['Enter an address or a range.', 'Enter a number of days', 'Say why'])
      expect(html).toContain(text);
  });

  it('name the ban that is in the way', async () => {
    const { logIn, bans: service } = await begin();
    const browser = await logIn();
    const { id } = await service.create({ address: '192.0.2.0/24', comment: 'spam', till: 0 }, 1);
    const answer = await browser.submit(add, { ...fields, address: '192.0.2.9/24' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(`192.0.2.0/24 is banned already (ban ${id}, which still holds)`);
    expect(html).toContain(`href="/operator/ban/${id}/edit"`);
  });

  it('ask once more before many are banned, or whoever asks', async () => {
    const { logIn, bans: service } = await begin();
    const browser = await logIn();
    for (const [address, sentence] of [
      ['0.0.0.0/0', 'every address there is'],
      ['::/0', 'every address there is'],
      ['10.0.0.0/8', 'very many addresses'],
      ['2001:db8::/32', 'very many addresses'],
      ['127.0.0.1', 'Your own address'],
    ] as const) {
      const asked = await browser.submit(add, { ...fields, address });
      expect(asked.status, address).toBe(422);
      const html = await asked.text();
      expect(html, address).toContain(sentence);
      expect(html, address).toContain('Please read the warning below.');
      expect(html, address).toContain(`name="confirm" value="${address}"`);
      expect(await service.count()).toBe(0);
    }
    // What was confirmed for one range does not hold for another.
    expect((await browser.submit(add, { ...fields, address: '0.0.0.0/0', confirm: '10.0.0.0/8' })).status).toBe(422);
    expect((await browser.submit(add, { ...fields, address: '10.0.0.0/8', confirm: '10.0.0.0/8' })).status).toBe(302);
    const [made] = await service.list({ offset: 0, limit: 1 });
    const again = { ...fields, address: '10.0.0.0/8', comment: 'changed' };
    expect((await browser.submit(`/operator/ban/${made!.id}/edit`, again)).status).toBe(302);
    expect((await browser.submit(`/operator/ban/${made!.id}/edit`, { ...again, address: '0.0.0.0/0' })).status).toBe(
      422,
    );
  });

  it('begin with the visitor of a conversation, for fifteen days', async () => {
    const { logIn, visit, bans: service } = await begin();
    const browser = await logIn();
    const thread = await visit('192.0.2.44');
    const page = `${add}?thread=${thread.id}`;
    const html = await (await browser.get(page)).text();
    for (const value of ['192.0.2.44', thread.userId, '15']) expect(html).toContain(`value="${value}"`);
    const typed = { ...fields, by: 'visitor', visitor: thread.userId, address: '192.0.2.44' };
    const refused = await browser.submit(page, { ...typed, comment: '' });
    expect(await refused.text()).toContain(`action="${page.replace('=', '&#x3D;')}"`);
    expect((await browser.submit(page, typed)).status).toBe(302);
    const [made] = await service.list({ offset: 0, limit: 1 });
    expect(made).toMatchObject({ address: '', userId: thread.userId });
    const again = await (await browser.get(page)).text();
    expect(again).toContain('This visitor is banned already');
    expect(again).toContain(`/operator/ban/${made!.id}/edit`);
  });

  it('know no conversation that is out of the operator’s sight', async () => {
    const { logIn, visit } = await begin();
    const [bob, ann] = [await logIn(), await logIn('ann', ['admin'])];
    const hidden = await visit('192.0.2.44', 'https://shop.example/secret');
    const texts = await Promise.all(
      [hidden.id, 999_999, 'x', '12345678901'].map(async (id) => {
        const answer = await bob.get(`${add}?thread=${id}`);
        expect(answer.status).toBe(404);
        return answer.text();
      }),
    );
    const plain = texts.map((html) => html.replaceAll(/nonce="[^"]*"/g, ''));
    expect(new Set(plain).size).toBe(1);
    expect(plain[0]).not.toContain('192.0.2.44');
    const token = tokenIn(await (await bob.get(add)).text());
    expect((await bob.post(`${add}?thread=${hidden.id}`, { csrf_token: token, ...fields })).status).toBe(404);
    expect((await ann.get(`${add}?thread=${hidden.id}`)).status).toBe(200);
  });

  it('list page by page, the ended ones marked', async () => {
    const { kernel, logIn, bans: service } = await begin();
    const browser = await logIn();
    for (let last = 1; last <= 51; last += 1)
      await service.create(
        { address: `192.0.2.${last}`, comment: `<i>${last}</i>`, till: last === 51 ? Date.now() + 5 : 0 },
        1,
      );
    await expect.poll(() => service.match({ remote: '192.0.2.51' })).toBeUndefined();
    const first = await (await browser.get('/operator/ban')).text();
    expect(first).toContain('&lt;i&gt;51&lt;/i&gt;');
    expect(first).toContain('Ended');
    expect(first).not.toContain('192.0.2.1<');
    for (const page of ['2', '99'])
      expect(await (await browser.get(`/operator/ban?page=${page}`)).text()).toContain('192.0.2.1<');
    expect((await browser.get('/operator/ban?page=x')).status).toBe(200);
    expect(await (await browser.get(`/operator/ban/51/edit`)).text()).toContain('This ban has ended.');
    await kernel.service(settings).change({ enableban: false }, 'test');
    const off = await (await browser.get('/operator/ban')).text();
    expect(off).toContain('Bans are switched off');
    expect(off).not.toContain('href="/operator/settings');
  });

  it('are in the navigation only while bans are switched on', async () => {
    const { kernel, logIn } = await begin({}, false);
    const browser = await logIn('ann', ['admin']);
    const entry = 'class="mb-nav__item" href="/operator/ban"';
    expect(await (await browser.get('/operator')).text()).not.toContain(entry);
    expect(await (await browser.get('/operator/ban')).text()).toContain('href="/operator/settings?group&#x3D;bans"');
    await kernel.service(settings).change({ enableban: true }, 'test');
    expect(await (await browser.get('/operator')).text()).toContain(entry);
  });
});

describe.skipIf(missingDialect('mysql'))('the pages of bans on MariaDB', () => {
  journey(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  });
});
