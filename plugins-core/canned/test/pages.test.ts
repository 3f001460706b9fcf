import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { threads, visitors } from '../../chat/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn, tokenIn } from '../../operators/test/browser.ts';
import { canned } from '../api.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}, optional: readonly string[] = ['groups']) {
  const kernel = await createTestKernel({ plugins: ['canned', ...optional], env });
  ends.push(() => kernel.dispose());
  const logIn = async (login = 'ann', permissions: readonly string[] = ['admin']) => {
    const account = { login, name: login, email: `${login}@example.com`, password: 'battery staple', permissions };
    const operator = await kernel.service(operators).create(account);
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password: account.password });
    return { browser, operator };
  };
  return { kernel, logIn, canned: kernel.service(canned) };
}

const page = '/operator/canned-message';
const add = `${page}/add`;
const fields = { title: 'Opening hours', message: 'We are here\r\nfrom 9 to 5.', lang: 'en', group: '0' };

const journey = (env: () => Promise<Record<string, string>>) => {
  it('write a message, find it, change it and delete it', async () => {
    const { logIn, canned: service } = await begin(await env());
    const { browser } = await logIn();
    const made = await browser.submit(add, fields);
    expect([made.status, made.headers.get('location')]).toEqual([302, `${page}?lang=en&done=saved`]);
    const list = await (await browser.get(`${page}?lang=en&done=saved`)).text();
    for (const text of ['Opening hours', 'from 9 to 5.', 'The message is saved.', 'Hello'])
      expect(list).toContain(text);
    const stored = (await service.list({ locale: 'en' }, { offset: 0, limit: 99 })).find(
      ({ title }) => title === 'Opening hours',
    )!;
    expect(stored.body).toBe('We are here\nfrom 9 to 5.');

    const edit = `${page}/${stored.id}/edit`;
    expect(await (await browser.get(edit)).text()).toContain('value="Opening hours"');
    expect((await browser.submit(edit, { ...fields, title: 'Hours' })).status).toBe(302);
    expect((await service.byId(stored.id))?.title).toBe('Hours');

    const question = `${page}/${stored.id}/delete`;
    expect(await (await browser.get(question)).text()).toContain('Delete this message?');
    const deleted = (await browser.submit(question, {})).headers.get('location')!;
    expect(deleted).toMatch(/^\/operator\/canned-message\?lang=en&done=deleted&undo=\d+$/);
    expect(await service.byId(stored.id)).toBeUndefined();
    const token = tokenIn(await (await browser.get(add)).text());
    for (const path of [edit, question]) {
      expect((await browser.get(path)).status).toBe(404);
      expect((await browser.post(path, { csrf_token: token, ...fields })).status).toBe(404);
    }
  });

  it('delete at once, and bring back what was there under its number', async () => {
    const { logIn, canned: service } = await begin(await env());
    const { browser } = await logIn();
    const stored = await service.create({ locale: 'en', groupId: 0, title: '<b>"', body: 'one\ntwo' });
    const list = await (await browser.get(`${page}?lang=en`)).text();
    const remove = `${page}/${stored.id}/delete`;
    expect(list).toContain(`<form method="post" action="${remove}">`);
    const answer = await browser.post(remove, { csrf_token: tokenIn(list) });
    const next = await (await browser.get(answer.headers.get('location')!)).text();
    expect(next).toContain('The message is deleted.');
    expect(next).not.toContain(remove);
    const undo = /action="(\/operator\/undo\/\d+)">[^]*?>Undo</.exec(next)![1]!;
    const back = await browser.post(undo, { csrf_token: tokenIn(next) });
    expect([back.status, back.headers.get('location')]).toEqual([302, `${page}?lang=en&done=restored`]);
    const after = await (await browser.get(back.headers.get('location')!)).text();
    expect(after).toContain('The message is back.');
    expect(after).not.toContain('/operator/undo/');
    expect(await service.byId(stored.id)).toEqual(stored);
    expect((await browser.post(undo, { csrf_token: tokenIn(next) })).status).toBe(404);
    expect(await (await browser.get(answer.headers.get('location')!)).text()).not.toContain('/operator/undo/');
  });

  it('lose nobody’s change when two change one message at once', async () => {
    const { kernel, logIn, canned: service } = await begin(await env());
    const { id: groupId } = await kernel.service(groups).create({ name: 'Sales' });
    const [{ browser: ann }, { browser: eve }] = [await logIn(), await logIn('eve')];
    const { id } = await service.create({ locale: 'en', groupId: 0, title: 'Hello', body: 'one\ntwo' });
    const path = `${page}/${id}/edit`;
    const [hers, his] = await Promise.all([ann, eve].map(async (who) => fieldsIn(await (await who.get(path)).text())));
    expect((await ann.submit(path, { ...hers!, title: 'Hi' })).status).toBe(302);
    expect((await eve.submit(path, { ...his!, group: String(groupId) })).status).toBe(302);
    expect(await service.byId(id)).toEqual({ id, locale: 'en', groupId, title: 'Hi', body: 'one\ntwo' });

    const late = await eve.submit(path, { ...his!, title: 'Good day', message: 'three' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toContain('Somebody else changed this while you did.');
    expect(html).toMatch(/id="mb-title-error">[^]{0,400}?Changed meanwhile to “Hi”/);
    expect(fieldsIn(html)).toMatchObject({ title: 'Good day', message: 'three', group: String(groupId) });
    expect(await service.byId(id)).toMatchObject({ title: 'Hi', body: 'one\ntwo' });
    expect((await eve.post(path, fieldsIn(html))).status).toBe(302);
    expect(await service.byId(id)).toMatchObject({ title: 'Good day', body: 'three', groupId });
  });

  it('lose nobody’s change while somebody mends his mistakes', async () => {
    const { logIn, canned: service } = await begin(await env());
    const { browser } = await logIn();
    const { id } = await service.create({ locale: 'en', groupId: 0, title: 'Hello', body: 'one' });
    const path = `${page}/${id}/edit`;
    const shown = fieldsIn(await (await browser.get(path)).text());
    await service.update(id, { title: 'Hi' });
    const wrong = await browser.post(path, { ...shown, message: '' });
    expect(wrong.status).toBe(422);
    const mended = { ...fieldsIn(await wrong.text()), message: 'two' };
    expect((await browser.post(path, mended)).status).toBe(302);
    expect(await service.byId(id)).toMatchObject({ title: 'Hi', body: 'two' });
  });

  it('keep what was typed for a message that somebody deleted meanwhile', async () => {
    const { logIn, canned: service } = await begin(await env());
    const { browser } = await logIn();
    const { id } = await service.create({ locale: 'en', groupId: 0, title: 'Hello', body: 'one' });
    const shown = fieldsIn(await (await browser.get(`${page}/${id}/edit`)).text());
    await service.delete(id);
    const answer = await browser.post(`${page}/${id}/edit`, { ...shown, title: 'Typed' });
    expect(answer.status).toBe(404);
    const html = await answer.text();
    expect(html).toContain('Somebody deleted this message while you changed it.');
    expect(html).toContain(`action="${add}"`);
    expect((await browser.post(add, fieldsIn(html))).status).toBe(302);
    expect((await service.list({ locale: 'en' }, { offset: 0, limit: 99 })).map(({ title }) => title)).toContain(
      'Typed',
    );
  });
};

describe('the pages of canned messages on SQLite', () => {
  journey(async () => ({}));

  it('are for administrators and their own forms alone', async () => {
    const { kernel, logIn, canned: service } = await begin();
    const stranger = createBrowser(kernel);
    const { browser: bob } = await logIn('bob', ['takeover']);
    const { browser: ann } = await logIn();
    const [{ id } = { id: 0 }] = await service.list({ locale: 'en' }, { offset: 0, limit: 1 });
    const before = await service.count({ locale: 'en' });
    const token = tokenIn(await (await ann.get(add)).text());
    for (const path of [page, add, `${page}/${id}/edit`, `${page}/${id}/delete`]) {
      expect((await stranger.get(path)).status, path).toBe(302);
      expect((await bob.get(path)).status, path).toBe(403);
    }
    for (const path of [add, `${page}/${id}/edit`, `${page}/${id}/delete`]) {
      for (const who of [stranger, bob])
        expect((await who.post(path, { csrf_token: token, ...fields })).status, path).toBe(403);
      expect((await ann.post(path, fields)).status, path).toBe(400);
      const foreign = { origin: 'https://evil.example' };
      expect((await ann.post(path, { csrf_token: token, ...fields }, foreign)).status, path).toBe(403);
    }
    expect(await service.count({ locale: 'en' })).toBe(before);
  });

  it.each([
    [{ title: '' }, 'Enter a title.'],
    [{ title: 'x'.repeat(101) }, 'Use at most 100 characters.'],
    [{ message: '' }, 'Enter the text.'],
    [{ message: 'x'.repeat(1025) }, 'Use at most 1024 characters.'],
    [{ lang: 'tlh' }, 'Choose one of the languages.'],
    [{ group: '77' }, 'There is no such group; choose another.'],
    [{ group: 'sales' }, 'There is no such group; choose another.'],
  ])('say beside the field what is wrong with %j, and keep what was typed', async (wrong, sentence) => {
    const { logIn, canned: service } = await begin();
    const { browser } = await logIn();
    const before = await service.count({ locale: 'en' });
    const typed = { ...fields, title: '<b>"', message: '<i>', ...wrong };
    const answer = await browser.submit(add, typed);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(sentence);
    expect(html).toContain('aria-invalid="true"');
    if (typed.title === '<b>"') expect(html).toContain('value="&lt;b&gt;&quot;"');
    if (typed.message === '<i>') expect(html).toContain('&lt;i&gt;</textarea>');
    expect(await service.count({ locale: 'en' })).toBe(before);
  });

  it('show one group, or every one, page by page', async () => {
    const { kernel, logIn, canned: service } = await begin();
    const { browser } = await logIn();
    const sales = await kernel.service(groups).create({ name: 'Sales' });
    await service.create({ locale: 'en', groupId: sales.id, title: 'Of sales', body: 'x' });
    const of = async (query: string) => (await browser.get(`${page}?lang=en&${query}`)).text();
    expect(await of(`group=${sales.id}`)).toContain('Of sales');
    expect(await of(`group=${sales.id}`)).not.toContain('>Goodbye<');
    expect(await of('group=0')).not.toContain('Of sales');
    expect(await of('group=')).toContain('Of sales');
    expect((await browser.get(`${page}?lang=nonsense&group=x&page=y`)).status).toBe(200);
    for (let index = 0; index < 51; index += 1)
      await service.create({ locale: 'en', groupId: 0, title: `Title ${index}`, body: 'x' });
    expect(await of('page=2')).toContain('aria-current="page">2<');

    await kernel.service(groups).remove(sales.id);
    expect(await of('page=1')).toContain('A group that is gone');
    const [left] = await service.list({ locale: 'en', groupId: sales.id }, { offset: 0, limit: 1 });
    const edit = `${page}/${left!.id}/edit`;
    const kept = { ...fields, group: String(sales.id) };
    expect((await browser.submit(edit, kept)).status).toBe(302);
  });

  it('ask for no group where nobody knows of groups', async () => {
    const { logIn } = await begin({}, []);
    const { browser } = await logIn();
    expect(await (await browser.get(add)).text()).not.toContain('name="group"');
    const { group: _, ...rest } = fields;
    expect((await browser.submit(add, rest)).status).toBe(302);
    const list = await (await browser.get(page)).text();
    expect(list).toContain('Opening hours');
    expect(list).not.toContain('name="group"');
  });
});

describe.skipIf(missingDialect('mysql'))('the pages of canned messages on MariaDB', () => {
  journey(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  });
});

describe('a conversation', () => {
  it('offers its operator what is canned, and nobody else', async () => {
    const { kernel, logIn } = await begin({}, []);
    const [{ browser: ann, operator }, { browser: eve }] = [await logIn(), await logIn('eve', ['viewthreads'])];
    const secret = 'c'.repeat(43);
    const visitor = await kernel.service(visitors).bySecret(secret);
    const { thread } = await kernel
      .service(threads)
      .start(visitor, { name: 'Carl', remote: '192.0.2.7', userAgent: '' });
    await kernel.service(threads).take(thread!.id, operator);
    const at = { threadId: thread!.id, token: thread!.token };
    const options = async (headers: Record<string, string>, user: boolean) => {
      const answer = await kernel.request('/thread/update', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          signature: '',
          proto: '1.0',
          async: true,
          requests: [
            {
              token: 't',
              functions: [
                { function: 'options', arguments: { ...at, user, references: {}, return: { options: 'options' } } },
              ],
            },
          ],
        }),
      });
      const body = (await answer.json()) as {
        requests: [{ functions: [{ arguments: { options: { messageForm: Record<string, unknown> } } }] }];
      };
      return body.requests[0].functions[0].arguments.options.messageForm;
    };
    const cookies = ({ cookies: kept }: typeof ann) => ({
      cookie: [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
      origin: 'http://localhost',
    });
    const form = await options(cookies(ann), false);
    expect(form['predefinedAnswers']).toContainEqual({ short: 'Hello', full: 'Hello, Carl! How can I help you?' });
    expect(form['maxLength']).toBeGreaterThan(0);
    expect(await options(cookies(eve), false)).not.toHaveProperty('predefinedAnswers');
    expect(await options({ 'x-mibew-visitor': secret }, true)).not.toHaveProperty('predefinedAnswers');
  });
});
