/** The plugin's hooks as the message core calls them. What is told after the fact is waited for by nobody. */
import type { PluginContext } from '../../kernel/plugin.ts';
import * as api from './api.ts';
import type { ChatHooks } from './core.ts';

export function createHooks(ctx: Pick<PluginContext<unknown, unknown>, 'call' | 'log'>): ChatHooks {
  const tell = (work: Promise<unknown>) => {
    work.catch((error: unknown) => ctx.log.error({ error }, 'listeners could not be told'));
  };
  return {
    mayPost: (thread, side) => ctx.call(api.mayPost, { thread, side }),
    filter: (draft, where) => ctx.call(api.filterMessage, draft, where),
    loaded: (messages, where) => ctx.call(api.messagesLoaded, messages, where),
    posted: (message) => tell(ctx.call(api.messagePosted, message)),
    created: (thread) => tell(ctx.call(api.threadCreated, thread)),
    changed: (change) => tell(ctx.call(api.threadChanged, change)),
    taken: (change) => tell(ctx.call(api.threadTaken, change)),
    redirected: (change) => tell(ctx.call(api.threadRedirected, change)),
    closed: (thread) => tell(ctx.call(api.threadClosed, thread)),
    ready: (thread) => tell(ctx.call(api.visitorReady, thread)),
  };
}
