/** `GET /chat/invitation`: the conversation to look at, inside the pop-up of a visited page. */
import type { Context } from 'hono';
import { open, type Addresses, type RouteSpec } from '../../kernel/plugin.ts';
import { threadState, type Thread, type ThreadsService, type VisitorPagesService } from '../chat/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Book } from './book.ts';
import type { Invitations } from './invitations.ts';
import { isTicket } from './ticket.ts';
import type { InvitationRow } from './tables.ts';

export interface FramePageNeeds {
  readonly book: Pick<Book, 'byThread' | 'waitingOf'>;
  readonly invitations: Pick<Invitations, 'adopt' | 'isReserved'>;
  readonly threads: Pick<ThreadsService, 'byId' | 'messages'>;
  readonly pages: Pick<VisitorPagesService, 'visitor' | 'known'>;
  readonly ticket: (row: Pick<InvitationRow, 'threadId' | 'seed'>) => string;
  readonly views: Pick<ViewsService, 'page'>;
  readonly addresses: Addresses;
}

/** Seconds until it is loaded again. */
const refreshEvery = 5;

export function frameRoute(needs: FramePageNeeds): RouteSpec {
  const { book, invitations, threads, pages, ticket, views, addresses } = needs;

  /** The invitation of whoever brings its ticket, or of the browser's own visitor. */
  async function invited(
    context: Context,
  ): Promise<{ readonly row: InvitationRow; readonly byTicket: boolean } | undefined> {
    const given = context.req.query('ticket');
    if (given !== undefined) {
      const id = Number(/^\d{1,15}$/.exec(context.req.query('thread') ?? '')?.[0] ?? 0);
      const row = id > 0 ? await book.byThread(id) : undefined;
      return row?.endedAt === 0 && isTicket(given, ticket(row)) ? { row, byTicket: true } : undefined;
    }
    const visitor = await pages.known(context);
    const row = visitor && (await book.waitingOf(visitor.id));
    return row && { row, byTicket: false };
  }

  /**
   * From now on the browser's visitor is who was invited, so that `GET /chat` lets him in. Not in place of whom the chat knows
   * already: where cookies do not reach into the page, its frame would be somebody new each time.
   */
  async function remember(context: Context, row: InvitationRow): Promise<void> {
    if (!(await invitations.isReserved(row))) return;
    try {
      await invitations.adopt(row.threadId, await pages.visitor(context));
    } catch (error) {
      // Too many newcomers from his address: he sees it all the same.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  async function shown(context: Context, thread: Thread | undefined, self: string): Promise<Response> {
    const { messages = [] } = thread ? await threads.messages(thread.id, 'user', 0) : {};
    const model = {
      over: !thread,
      messages: messages.map((one) => ({
        ...one,
        people: one.kind === 1 || one.kind === 2,
        html: one.message.replace(/\r\n|\r|\n/g, '<br>'),
        createdAt: one.created * 1000,
      })),
    };
    const answer = await views.page(context, 'invitation/frame', model, {
      policy: { 'frame-ancestors': ['*'] },
      headers: { 'referrer-policy': 'no-referrer', ...(thread && { refresh: `${refreshEvery}; url=${self}` }) },
    });
    // It knows no "anybody": the policy says it.
    answer.headers.delete('x-frame-options');
    return answer;
  }

  return {
    name: 'frame',
    method: 'GET',
    path: '/chat/invitation',
    access: open,
    async handler(context) {
      const found = await invited(context);
      const thread = found && (await threads.byId(found.row.threadId));
      // A page that loads itself again and finds nothing stays where it is; a chat has no place in there.
      const again = context.req.query('again') === '1';
      if (!found || thread?.state !== threadState.invited)
        return again ? shown(context, undefined, '') : context.redirect(addresses.url('chat.start'), 302);
      if (found.byTicket && !again && context.req.method !== 'HEAD') await remember(context, found.row);
      const { ticket: given, locale } = context.req.query();
      const named = given === undefined ? {} : { thread: thread.id, ticket: given };
      return shown(context, thread, addresses.url('invitation.frame', { ...named, locale, again: 1 }));
    },
  };
}
