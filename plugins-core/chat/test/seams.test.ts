/** What other plugins stand on: what comes before a chat, sight, options, the services for their functions and pages. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { definePlugin, open } from '../../../kernel/index.ts';
import { defineRpc, rpc } from '../../rpc/api.ts';
import { settings } from '../../settings/api.ts';
import * as api from '../api.ts';
import { eve, formOf, newcomer, serve, startedIn, wim, type ChatServer } from './server.ts';
import { ann } from './world.ts';

const outcome = { next: 'survey' as const, options: { surveyForm: { name: '' } } };
const plain = { view: 'views/alert', model: { kind: 'info', text: 'Who are you? <b>' } };

/** A survey of a plugin that the chat has never heard of. */
const surveyRpc = defineRpc(api.threadProcessor, {
  askAway: {
    input: v.object({ name: v.string(), message: v.string() }),
    output: v.object({ next: v.string(), options: v.record(v.string(), v.unknown()) }),
  },
});

describe('plugins around a conversation', () => {
  const how = { survey: false, hidden: new Set<number>() };
  let server: ChatServer;

  const other = definePlugin({
    id: 'other',
    needs: { threads: api.threads, callers: api.callers, pages: api.visitorPages },
    setup(ctx) {
      const { threads, callers, pages } = ctx.use;
      ctx.on(api.beforeStart, ({ stage, requested }) =>
        how.survey && stage === 'open' && !requested ? { ...outcome, plain } : undefined,
      );
      ctx.on(api.threadsVisible, (list) => list.filter(({ id }) => !how.hidden.has(id)));
      ctx.on(api.chatOptions, (options, { side, operator, locale }) => ({
        ...options,
        other: [side, operator?.name, locale],
      }));
      ctx.contribute(
        rpc(surveyRpc, {
          async askAway({ message, name }, call) {
            const visitor = await callers.enroll(call);
            const { next, options } = await threads.start(visitor, { ...callers.input(call, { name }), message });
            return { next, options: { ...options } };
          },
        }),
      );
      ctx.route({
        name: 'answer',
        method: 'POST',
        path: '/answer',
        access: open,
        async handler(context) {
          const form = await pages.form(context);
          if (form instanceof Response) return form;
          try {
            const visitor = await pages.visitor(context);
            const input = { ...pages.input(context), message: form.get('message') ?? '' };
            return await pages.show(context, await threads.start(visitor, input));
          } catch (error) {
            return pages.refuse(context, error);
          }
        },
      });
    },
  });

  beforeAll(async () => {
    server = await serve('sqlite', [other]);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    how.survey = false;
    how.hidden.clear();
  });
  const begin = { return: { next: 'next', options: 'options' } };

  it('may ask something first: `open` shows it, `start` does not, and neither does who asks for an operator', async () => {
    how.survey = true;
    const who = newcomer();
    expect((await server.call(who, ['open', begin])).results[0]).toMatchObject(outcome);
    const page = await server.page('/chat', { who });
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toContain('"startFrom":"survey"');
    expect(/<noscript>[^]*?<\/noscript>/.exec(html)?.[0]).toContain('Who are you? &lt;b&gt;');
    const { results } = await server.call(who, ['open', { ...begin, operator_code: 'ann' }]);
    expect(results[0]).toMatchObject({ next: 'chat' });
    expect((await server.call(newcomer(), ['start', begin])).results[0]).toMatchObject({ next: 'chat' });
    // Whoever has a conversation is asked nothing.
    expect((await server.call(who, ['open', begin])).results[0]).toEqual({
      ...results[0],
      options: expect.objectContaining({ thread: expect.objectContaining({ id: startedIn(results[0]).threadId }) }),
    });
  });

  it('may begin a conversation by functions of their own, with what the visitor said as its first message', async () => {
    const who = newcomer();
    const said = { name: 'Rosa', message: 'Where is my <order>?' };
    const ref = startedIn((await server.call(who, ['askAway', { ...said, ...begin }])).results[0]);
    const thread = await server.kernel.service(api.threads)?.byId(ref.threadId);
    expect(thread).toMatchObject({ userName: 'Rosa', shownMessage: said.message, messageCount: 1 });
    const asked = { ...ref, user: true, lastId: 0, return: { messages: 'messages' } };
    const { results } = await server.call(who, ['updateMessages', asked]);
    const messages = results[0]?.['messages'] as { message: string }[];
    expect(messages.at(-1)?.message).toBe('Where is my &lt;order&gt;?');
    // Without a secret there is nobody to begin it for.
    expect((await server.call({}, ['askAway', { ...said, ...begin }])).results[0]).toMatchObject({ errorCode: 3 });
  });

  it('may begin it by pages of their own, which take forms of ours alone', async () => {
    const who = newcomer();
    const form = formOf({ message: 'hello' });
    const foreign = await server.page('/plugins/other/answer', {
      who,
      ...form,
      headers: { ...(form.headers as object), origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    const answer = await server.page('/plugins/other/answer', { who, ...form });
    expect(answer.status).toBe(303);
    const shown = await server.page(answer.headers.get('location') ?? '', { who });
    expect(shown.status).toBe(200);
  });

  it('add to what each side starts with', async () => {
    const who = newcomer();
    const { results } = await server.call(who, ['start', { ...begin, locale: 'en' }]);
    expect(results[0]?.['options']).toMatchObject({ other: ['user', null, 'en'] });
    const ref = startedIn(results[0]);
    await server.call({ operator: ann }, ['take', { ...ref, user: false }]);
    const asked = { ...ref, user: false, return: { options: 'options' } };
    const { results: own } = await server.call({ operator: ann }, ['options', asked]);
    expect(own[0]?.['options']).toMatchObject({ other: ['agent', 'Ann', expect.any(String)], user: { isAgent: true } });
    const mine = await server.call(who, ['options', { ...asked, user: true }]);
    expect(mine.results[0]?.['options']).toMatchObject({ other: ['user', null, 'en'] });
    const page = await server.page(`/operator/chat/${ref.threadId}/${ref.token}`, { who: { operator: ann } });
    expect(await page.text()).toContain('"other":["agent","Ann"');
  });

  it('keep a thread out of sight: functions answer as if it were not there, and so do pages', async () => {
    const ref = startedIn((await server.call(newcomer(), ['start', begin])).results[0]);
    const unknown = { threadId: 999_999, token: ref.token };
    how.hidden.add(ref.threadId);
    const functions: readonly (readonly [string, Record<string, unknown>])[] = [
      ['update', { user: false, typed: true }],
      ['updateMessages', { user: false, lastId: 0 }],
      ['post', { user: false, message: 'hi' }],
      ['post', { user: false, message: 'hi', private: true }],
      ['close', { user: false }],
      ['options', { user: false }],
      ['rename', { name: 'x' }],
      ['getAvatar', {}],
      ['take', { user: false, force: true }],
    ];
    for (const [name, args] of functions) {
      const hidden = await server.call({ operator: wim }, [name, { ...ref, ...args }]);
      const missing = await server.call({ operator: wim }, [name, { ...unknown, ...args }]);
      expect(hidden.results[0]).toMatchObject({ errorCode: 4 });
      expect(hidden.results).toEqual(missing.results);
    }
    const texts = async (id: number) => {
      const post = { who: { operator: wim }, ...formOf({ csrf_token: 'csrf-of-the-test' }) };
      const pages = [
        await server.page(`/operator/chat/${id}`, { who: { operator: wim } }),
        await server.page(`/operator/chat/${id}?viewonly=true`, { who: { operator: wim } }),
        await server.page(`/operator/chat/${id}/${ref.token}`, { who: { operator: wim } }),
        await server.page(`/operator/chat/${id}`, post),
      ];
      return Promise.all(
        pages.map(async (page) => [page.status, (await page.text()).replaceAll(/nonce="[^"]*"/g, '')]),
      );
    };
    expect(await texts(ref.threadId)).toEqual(await texts(unknown.threadId));
    // It is his own as soon as he has it.
    how.hidden.clear();
    await server.call({ operator: wim }, ['take', { ...ref, user: false }]);
    how.hidden.add(ref.threadId);
    const own = await server.call({ operator: wim }, ['update', { ...ref, user: false, typed: false }]);
    expect(own.results[0]).toMatchObject({ errorCode: 0 });
  });

  it('find notes in the thread that anybody who sees it may write, and visitors none', async () => {
    const who = newcomer();
    const ref = startedIn((await server.call(who, ['start', begin])).results[0]);
    await server.call({ operator: ann }, ['take', { ...ref, user: false }]);
    const note = { ...ref, user: false, message: 'careful', private: true };
    expect((await server.call({ operator: eve }, ['post', note])).results[0]).toMatchObject({ errorCode: 0 });
    const refused = await server.call(who, ['post', { ...note, user: true }]);
    expect(refused.results[0]).toMatchObject({ errorCode: 3 });
  });

  it('meet limits with a code for functions and a sentence for people', async () => {
    const service = server.kernel.service(settings);
    await service?.change({ start_rate: 1, max_connections_from_one_host: 0 }, 'test');
    await server.call(newcomer(), ['start', begin]);
    expect((await server.call(newcomer(), ['open', begin])).results[0]).toMatchObject({ errorCode: 102 });
    const quick = await server.page('/chat', { who: newcomer() });
    expect(quick.status).toBe(429);
    expect(await quick.text()).toContain('Please wait a minute');
    await service?.change({ start_rate: 0, max_connections_from_one_host: 1 }, 'test');
    expect((await server.call(newcomer(), ['open', begin])).results[0]).toMatchObject({ errorCode: 107 });
    const many = await server.page('/chat', { who: newcomer() });
    expect(many.status).toBe(429);
    expect(await many.text()).toContain('Please close one of them');
    const leftOver = await server.page('/plugins/other/answer', { who: newcomer(), ...formOf({ message: 'x' }) });
    expect(leftOver.status).toBe(429);
  });
});
