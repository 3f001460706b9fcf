/** The plugin's hooks as the message core calls them. What is told after the fact is waited for by nobody. */
import type { PluginContext } from '../../kernel/plugin.ts';
import * as api from './api.ts';
import type { ChatHooks } from './core.ts';

export function createHooks(ctx: Pick<PluginContext<unknown, unknown>, 'call' | 'log'>): ChatHooks {
  const tell = (work: Promise<unknown>) => {
    work.catch((error: unknown) => ctx.log.error({ error }, 'listeners could not be told'));
  };
  return {
    filter: (draft, where) => ctx.call(api.filterMessage, draft, where),
    loaded: (messages, where) => ctx.call(api.messagesLoaded, messages, where),
    posted: (message) => tell(ctx.call(api.messagePosted, message)),
    created: (thread) => tell(ctx.call(api.threadCreated, thread)),
    changed: (change) => tell(ctx.call(api.threadChanged, change)),
    closed: (thread) => tell(ctx.call(api.threadClosed, thread)),
    ready: (thread) => tell(ctx.call(api.visitorReady, thread)),
  };
}
