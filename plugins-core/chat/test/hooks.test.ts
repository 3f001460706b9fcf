import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import * as api from '../api.ts';
import { newcomer, serve, startedIn } from './server.ts';
import { ann } from './world.ts';

interface Listening {
  refuse: boolean;
  instead: boolean;
}

const listener = (how: Listening) =>
  definePlugin({
    id: 'listener',
    setup(ctx) {
      ctx.on(api.mayStart, () => (how.refuse ? { code: 150, name: 'BANNED', message: 'Not you.' } : undefined));
      ctx.on(api.beforeStart, () =>
        how.instead ? { next: 'leaveMessage' as const, options: { leaveMessageForm: {} } } : undefined,
      );
      ctx.on(api.filterMessage, (draft) => ({ ...draft, body: draft.body.replace('darn', '****') }));
      ctx.on(api.messagesLoaded, (messages) => messages.map((one) => ({ ...one, message: one.message.toUpperCase() })));
      ctx.on(api.messagePosted, () => {
        throw new Error('this listener is broken');
      });
    },
  });

describe('hooks of the chat', () => {
  it('are called once each, and may refuse, replace and change', async () => {
    const how: Listening = { refuse: true, instead: false };
    const server = await serve('sqlite', [listener(how)]);
    const { kernel } = server;
    const who = newcomer();
    const start = () => server.call(who, ['start', { return: { next: 'next', options: 'options' } }]);

    expect((await start()).results[0]).toMatchObject({ errorCode: 150, errorMessage: 'Not you.' });
    const refused = await server.page('/chat', { who });
    const html = await refused.text();
    expect([refused.status, html.includes('Not you.'), html.includes('<a ')]).toEqual([403, true, false]);
    Object.assign(how, { refuse: false, instead: true });
    expect((await start()).results[0]).toMatchObject({ next: 'leaveMessage', options: { leaveMessageForm: {} } });
    expect(kernel.calls(api.threadCreated)).toHaveLength(0);
    how.instead = false;
    const ref = startedIn((await start()).results[0]);
    expect(kernel.calls(api.threadCreated)).toHaveLength(1);
    expect(kernel.calls(api.visitorReady)).toHaveLength(1);

    const posted = await server.call(who, ['post', { ...ref, user: true, message: 'darn it' }]);
    expect(posted.results[0]).toMatchObject({ errorCode: 0 });
    const { results } = await server.call(who, [
      'updateMessages',
      { ...ref, user: true, lastId: 0, return: { messages: 'm', lastId: 'l' } },
    ]);
    expect(results[0]?.['m']).toContainEqual(expect.objectContaining({ message: '**** IT' }));
    const last = kernel.calls(api.messagePosted).at(-1);
    expect(last?.[0]).toMatchObject({ kind: api.messageKind.user, body: '**** it', seq: results[0]?.['l'] });

    await server.call({ operator: ann }, ['take', { ...ref, user: false }]);
    const taken = kernel.calls(api.threadChanged).at(-1)?.[0];
    expect(taken).toMatchObject({ thread: { agentId: ann.id }, original: { agentId: 0 } });
    for (let n = 0; n < 3; n++) await server.call(who, ['close', { ...ref, user: true }]);
    expect(kernel.calls(api.threadClosed)).toHaveLength(1);
    await server.stop();
  });

  it('find everything as it was after the plugin was switched off and on', async () => {
    const server = await serve('sqlite');
    const who = newcomer();
    const { results } = await server.call(who, ['start', { return: { options: 'options' } }]);
    const ref = startedIn(results[0]);
    const post = () => server.call(who, ['post', { ...ref, user: true, message: 'm', key: 'k', return: { id: 'id' } }]);
    const first = await post();
    await server.kernel.disable('chat');
    expect((await post()).status).toBe(404);
    await server.kernel.enable('chat');
    expect((await post()).results[0]).toEqual(first.results[0]);
    await server.stop();
  });
});
