import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { db } from '../../database/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
import { field } from '../tables.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const root = '/operator/survey-fields';
const blank = { kind: 'text', maxlength: '20', options: '' };

const suite = (env: () => Promise<Record<string, string>>) => {
  async function begin() {
    const kernel = await createTestKernel({ plugins: ['survey'], env: await env() });
    ends.push(() => kernel.dispose());
    const account = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'battery staple' };
    await kernel.service(operators).create({ ...account, permissions: ['admin'] });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login: 'ann', password: account.password });
    const { csrf_token = '' } = fieldsIn(await (await browser.get(`${root}/add`)).text());
    const get = async (path: string) => (await browser.get(`${root}${path}`)).text();
    const post = (path: string, fields: Record<string, string>) =>
      browser.post(`${root}${path}`, { ...fields, csrf_token });
    const rows = kernel.service(db);
    const list = () => {
      const t = rows.table(field);
      return rows.query.select().from(t).orderBy(t.weight, t.id);
    };
    /** Adds a question. @returns the beginning of its addresses */
    async function add(name: string, more: Record<string, string> = {}): Promise<string> {
      expect((await post('/add', { ...blank, name, label: `The ${name}`, ...more })).status).toBe(302);
      return `/${(await list()).find((one) => one.name === name)!.id}`;
    }
    return { browser, post, get, add, list };
  }

  it('brings back what was deleted, where it was, unless another one has its name', async () => {
    const { browser, post, get, add, list } = await begin();
    const path = await add('lost', { kind: 'choice', options: 'a\nb', label_en: 'In English', required: 'on' });
    await add('after');
    const before = await list();
    const undo = async () => {
      const done = (await post(`${path}/delete`, {})).headers.get('location')!;
      const html = await get(done.slice(done.indexOf('?')));
      expect(html).toContain('Deleted.');
      return /action="(\/operator\/undo\/\d+)"/.exec(html)![1]!;
    };
    const restore = async (action: string) => (await browser.submit('/operator/survey-fields/add', {}, action)).headers;
    expect((await restore(await undo())).get('location')).toBe('/operator/survey-fields?done=restored');
    expect(await get('?done=restored')).toContain('The question is back.');
    expect(await list()).toEqual(before);
    const action = await undo();
    await add('lost');
    expect((await restore(action)).get('location')).toBe('/operator/survey-fields?done=taken');
    expect(await get('?done=taken')).toContain('Not brought back: another question has its name by now.');
  });

  it('loses nobody’s change when two change one question at once', async () => {
    const { post, get, add } = await begin();
    const path = await add('both', { label_en: 'English' });
    const shown = fieldsIn(await get(`${path}/edit`));
    const { required: _, ...plain } = shown;
    expect((await post(`${path}/edit`, { ...plain, label: 'Hers', label_en: 'Hers too' })).status).toBe(302);
    expect((await post(`${path}/edit`, { ...plain, maxlength: '7', required: 'on' })).status).toBe(302);
    const now = fieldsIn(await get(`${path}/edit`));
    expect(now).toMatchObject({ label: 'Hers', label_en: 'Hers too', maxlength: '7', required: 'on' });

    const late = await post(`${path}/edit`, { ...plain, label: 'His', label_en: 'His too', name: 'his' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toContain('Somebody else changed this while you did.');
    expect(html).toMatch(/id="mb-label-error">[^]{0,400}?Changed meanwhile to “Hers”/);
    expect(html).toMatch(/id="mb-label_en-error">[^]{0,400}?Changed meanwhile to “Hers too”/);
    const again = fieldsIn(html);
    expect(again).toMatchObject({ label: 'His', label_en: 'His too', name: 'his', maxlength: '7', required: 'on' });
    expect((await post(`${path}/edit`, again)).status).toBe(302);
    expect(fieldsIn(await get(`${path}/edit`))).toMatchObject({ label: 'His', name: 'his', maxlength: '7' });
  });

  it('drops no choices in silence because another kind was chosen meanwhile', async () => {
    const { post, get, add } = await begin();
    const path = await add('kinds', { kind: 'choice', options: 'a\nb' });
    const shown = fieldsIn(await get(`${path}/edit`));
    expect((await post(`${path}/edit`, { ...shown, kind: 'text' })).status).toBe(302);
    const late = await post(`${path}/edit`, { ...shown, options: 'a\nb\nc' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toMatch(/id="mb-kind-error">[^]{0,400}?Changed meanwhile to/);
    expect(html).toContain('a\nb\nc</textarea>');
  });

  it('moves a question past the one that was seen there, once, and says when the order is another one', async () => {
    const { post, get, add, list } = await begin();
    const [one, two, three] = [await add('one'), await add('two'), await add('three')];
    const id = (path: string) => path.slice(1);
    const names = async () => (await list()).map(({ name }) => name);
    expect(await get('')).toContain(`name="past" value="${id(two)}"`);
    for (let time = 0; time < 2; time += 1) {
      expect((await post(`${three}/move/up`, { past: id(two) })).headers.get('location')).not.toContain('done');
      expect(await names()).toEqual(['one', 'three', 'two']);
    }
    const late = await post(`${two}/move/up`, { past: id(one) });
    expect(late.headers.get('location')).toContain('done=order');
    expect(await get('?done=order')).toContain('Nothing was moved: somebody else changed the order meanwhile.');
    expect(await names()).toEqual(['one', 'three', 'two']);
  });

  it('keeps what was typed for a question that somebody deleted meanwhile', async () => {
    const { post, get, add, list } = await begin();
    const path = await add('away');
    const shown = fieldsIn(await get(`${path}/edit`));
    await post(`${path}/delete`, {});
    const answer = await post(`${path}/edit`, { ...shown, label: 'Typed <b>' });
    expect(answer.status).toBe(404);
    const html = await answer.text();
    expect(html).toContain('Somebody deleted this question while you changed it.');
    expect(html).toContain('action="/operator/survey-fields/add"');
    expect((await post('/add', fieldsIn(html))).status).toBe(302);
    expect((await list()).at(-1)).toMatchObject({ name: 'away', label: 'Typed <b>' });
  });

  it('keeps what was typed when there are as many questions as there may be', async () => {
    const { post, add } = await begin();
    for (let count = 0; count < 30; count += 1) await add(`more${count}`);
    const answer = await post('/add', { ...blank, name: 'many', label: 'One too many' });
    expect(answer.status).toBe(409);
    const html = await answer.text();
    expect(html).toContain('a survey has at most 30 questions');
    expect(html).toContain('value="One too many"');
  });
};

describe('the pages of questions on SQLite', () => suite(async () => ({})));

const missing = missingDialect('mysql');
describe.skipIf(missing)(`the pages of questions on MariaDB${missing ? ` (${missing})` : ''}`, () =>
  suite(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  }),
);
