import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newcomer, startedIn, type Caller } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { eachDialect } from '../../database/testing.ts';
import { survey, type SurveyWorld } from './world.ts';

const here = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

eachDialect((dialect) => {
  let world: SurveyWorld;
  beforeAll(async () => {
    world = await survey(dialect);
    const fields: readonly Record<string, string>[] = [
      { name: 'Order', label: 'Order number', required: 'on', maxlength: '8', label_en: 'Your order' },
      { name: 'topic', label: 'Topic', kind: 'choice', options: 'Delivery\r\nReturn <b>\r\n' },
      { name: 'terms', label: 'I am of age', kind: 'checkbox', required: 'on' },
      { name: 'plan', label: 'Plan', kind: 'hidden', maxlength: '4' },
    ];
    for (const field of fields) expect((await world.field(field)).status).toBe(302);
  });
  afterAll(() => world?.server.stop());

  const good = { order: '4711', topic: 'Delivery', terms: '1', plan: 'gold plated' };

  describe('fields of the administrator', () => {
    it('take no name that pages use for something else', async () => {
      expect((await world.field({ name: 'user_id', label: 'Number' })).status).toBe(422);
    });

    it('are asked in their order, in the visitor’s language, with what the page knows', async () => {
      const fields = { order: '123456789', topic: 'Nonsense', terms: 'yes', plan: 'gold plated', other: 'x' };
      const form = await world.form(newcomer(), { fields });
      expect(form?.fields).toEqual([
        {
          name: 'order',
          kind: 'text',
          label: 'Your order',
          required: true,
          maxLength: 8,
          options: [],
          value: '12345678',
        },
        {
          name: 'topic',
          kind: 'choice',
          label: 'Topic',
          required: false,
          maxLength: 20,
          options: ['Delivery', 'Return <b>'],
          value: '',
        },
        {
          name: 'terms',
          kind: 'checkbox',
          label: 'I am of age',
          required: true,
          maxLength: 20,
          options: [],
          value: '1',
        },
        { name: 'plan', kind: 'hidden', label: 'Plan', required: false, maxLength: 4, options: [], value: 'gold' },
      ]);
    });

    it('are told to operators, at the beginning and beside the conversation', async () => {
      const begun = startedIn(await world.process(newcomer(), { fields: { ...good, topic: 'Return <b>' } }));
      const line = (await world.told(begun.threadId)).find(({ plugin }) => plugin === 'survey');
      expect(line?.kind).toBe(3);
      expect(line?.message.split('\n')).toEqual([
        'Your order: 4711',
        'Topic: Return &lt;b&gt;',
        'I am of age: yes',
        'Plan: gold',
      ]);
      expect(line?.data).toMatchObject({ answers: [{ name: 'order', value: '4711' }, {}, {}, {}] });
    });

    it('are tested on the server', async () => {
      const refusal = async (fields: object) => world.process(newcomer(), { fields: { ...good, ...fields } });
      expect(await refusal({})).toMatchObject({ errorCode: 0 });
      expect(await refusal({ order: '' })).toMatchObject({
        errorCode: 133,
        errorMessage: 'Your order: this is needed.',
      });
      expect(await refusal({ order: '123456789' })).toMatchObject({ errorCode: 133 });
      expect(await refusal({ topic: 'Nonsense' })).toMatchObject({ errorCode: 133 });
      expect(await refusal({ terms: '' })).toMatchObject({ errorCode: 133 });
      expect(await refusal({ topic: '' })).toMatchObject({ errorCode: 0 });
      expect(await refusal({ order: { $gt: '' } })).toMatchObject({ errorCode: 3 });
      const named = Object.fromEntries([['__proto__', 'x'], ...Object.entries(good)]);
      expect(await refusal(named)).toMatchObject({ errorCode: 0 });
    });

    it('come from embed code and query without a survey, too; what does not fit is left out', async () => {
      const begun = startedIn(
        await world.open(newcomer(), { operator_code: 'ann', fields: { plan: 'gold', topic: 'x' } }),
      );
      const line = (await world.told(begun.threadId)).find(({ plugin }) => plugin === 'survey');
      expect(line?.message).toBe('Plan: gold');
      const page = await world.server.page('/chat?field-plan=blue&field-order=77', { who: newcomer(), headers: here });
      expect(await page.text()).toMatch(/"name":"order"[^}]*"value":"77"/);
    });

    it('ask nothing of a client that does not know them', async () => {
      expect(await world.process(newcomer(), { name: 'Guest' })).toMatchObject({ next: 'chat', errorCode: 0 });
    });
  });

  describe('their page', () => {
    const list = (who: Caller) => world.server.page('/operator/survey-fields', { who });

    it('shows them in order, and moves them', async () => {
      const names = async () =>
        [...(await (await list({ operator: ann })).text()).matchAll(/<code[^>]*>(\w+)<\/code>/g)].map(
          ([, name]) => name,
        );
      expect(await names()).toEqual(['order', 'topic', 'terms', 'plan']);
      const post = (path: string, fields: Record<string, string> = { csrf_token: 'csrf-of-the-test' }) =>
        world.server.page(`/operator/survey-fields${path}`, {
          who: { operator: ann },
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(fields).toString(),
        });
      expect((await post('/2/move/up')).status).toBe(302);
      expect(await names()).toEqual(['topic', 'order', 'terms', 'plan']);
      expect((await post('/2/move/up')).status).toBe(302);
      expect((await post('/2/move/down', {})).status).toBe(400);
      expect((await post('/2/move/down')).status).toBe(302);
      expect(await names()).toEqual(['order', 'topic', 'terms', 'plan']);
      expect((await post('/99/move/down')).status).toBe(404);
    });

    it('keeps what was typed when something is wrong, and says what', async () => {
      const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
        [{ name: '', label: 'L' }, /give it a name/],
        [{ name: '7up', label: 'L' }, /begins with a letter/],
        [{ name: 'ok', label: '' }, /write the question/],
        [{ name: 'order', label: 'L' }, /Another question has this name/],
        [{ name: 'ok', label: 'L', kind: 'colour' }, /choose one of these/],
        [{ name: 'ok', label: 'L', maxlength: '0' }, /whole number from 1/],
        [{ name: 'ok', label: 'L', kind: 'choice', options: 'one' }, /at least two/],
        [{ name: 'ok', label: 'L', kind: 'choice', options: 'one\none' }, /there twice/],
        [{ name: 'ok', label: '<i>Kept</i>', label_en: 'x'.repeat(201) }, /&lt;i&gt;Kept/],
      ];
      for (const [fields, sentence] of wrong) {
        const answer = await world.field(fields);
        expect(answer.status).toBe(422);
        expect(await answer.text()).toMatch(sentence);
      }
    });

    const post = (path: string, fields: Record<string, string>) =>
      world.server.page(`/operator/survey-fields${path}`, {
        who: { operator: ann },
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...fields, csrf_token: 'csrf-of-the-test' }).toString(),
      });
    const get = async (path: string) =>
      (await world.server.page(`/operator/survey-fields${path}`, { who: { operator: ann } })).text();
    /** Adds a question. @returns the beginning of its addresses */
    async function add(name: string, more: Record<string, string> = {}): Promise<string> {
      expect((await world.field({ name, label: `The ${name}`, ...more })).status).toBe(302);
      const path = new RegExp(`/operator/survey-fields(/\\d+)/delete">[^]{0,300}?Delete “The ${name}”`);
      return path.exec(await get(''))![1]!;
    }

    it('changes a field and takes it away; the address of the original asks before', async () => {
      const path = await add('gone');
      const changed = { name: 'gone', label: 'Going', kind: 'hidden', maxlength: '9', options: '', required: 'on' };
      expect((await post(`${path}/edit`, changed)).status).toBe(302);
      expect((await world.form())?.fields.at(-1)).toMatchObject({ name: 'gone', kind: 'hidden', required: false });
      expect(await get(`${path}/delete`)).toContain('Delete “Going”?');
      expect((await world.form())?.fields.map(({ name }) => name)).toContain('gone');
      expect((await post(`${path}/delete`, {})).headers.get('location')).toMatch(/done=deleted&undo=\d+$/);
      expect((await world.form())?.fields.map(({ name }) => name)).not.toContain('gone');
      expect((await post(`${path}/delete`, {})).status).toBe(404);
    });

    it('is nobody else’s', async () => {
      for (const path of ['', '/add', '/1/edit', '/1/delete'])
        expect((await world.server.page(`/operator/survey-fields${path}`)).status).not.toBe(200);
    });
  });

  describe('without scripts', () => {
    const form = async (who: Caller, query = '') =>
      (await world.server.page(`/chat${query}`, { who, headers: here })).text();
    const send = (who: Caller, fields: Record<string, string>, origin = 'http://localhost') =>
      world.server.page('/chat/survey?locale=en', {
        who,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: new URLSearchParams(fields).toString(),
      });

    it('the same questions stand in a plain form', async () => {
      await world.set({ surveyaskmail: true, surveyaskmessage: true });
      const html = await form(newcomer(), '?name=Zo%C3%AB&info=vip&field-order=7');
      const plain = /<noscript>(.*?)<\/noscript>/s.exec(html)?.[1] ?? '';
      expect(plain).toMatch(/action="\/chat\/survey\?locale&#x3D;en"/);
      expect(plain).toMatch(/name="name"[^>]*value="Zoë"/);
      expect(plain).toMatch(/name="info" value="vip"/);
      expect(plain).toMatch(/name="field-order"[^>]*value="7"/);
      expect(plain).toMatch(/name="message"/);
      expect(plain).toMatch(/<option value="Delivery">/);
    });

    it('what is wrong stands beside what was typed, and what is right begins the conversation', async () => {
      const who = newcomer();
      const typed = {
        name: 'Zoë <3',
        email: 'zoe',
        message: 'Hello\r\nthere',
        'field-order': '123456789',
        'field-topic': 'Delivery',
        info: 'vip',
        url: 'https://shop/',
      };
      const refused = await send(who, typed);
      expect(refused.status).toBe(422);
      const html = await refused.text();
      expect(html).toMatch(/name="name"[^>]*value="Zoë &lt;3"/);
      expect(html).toMatch(/name="email"[^>]*value="zoe"[^>]*aria-invalid/);
      expect(html).toMatch(/value="123456789"/);
      expect(html).toMatch(/<option value="Delivery" selected>/);
      expect(html).toContain('I am of age: this is needed.');
      expect(html).toMatch(/Hello\nthere<\/textarea>/);

      const begun = await send(who, { ...typed, email: 'zoe@example.com', 'field-order': '4711', 'field-terms': '1' });
      expect(begun.status).toBe(303);
      const [, id] = /^\/chat\/(\d+)\/\d+/.exec(begun.headers.get('location') ?? '') ?? [];
      const told = await world.told(Number(id));
      expect(told.at(-1)).toMatchObject({ kind: 1, message: 'Hello\nthere', name: 'Zoë <3' });
      expect(told.map(({ message }) => message).join('\n')).toMatch(/Your order: 4711/);
    });

    it('a form from elsewhere begins nothing', async () => {
      expect((await send(newcomer(), {}, 'https://evil.example')).status).toBe(403);
    });

    it('consent is a box that has to be ticked', async () => {
      await world.set({ enableprivacypolicy: true, privacypolicy: 'https://shop.example/privacy' });
      const good = { 'field-order': '1', 'field-terms': '1' };
      const refused = await send(newcomer(), good);
      expect(await refused.text()).toContain('Please agree to the privacy policy first.');
      expect((await send(newcomer(), { ...good, consent: 'on' })).status).toBe(303);
    });
  });
});
