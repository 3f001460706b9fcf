/** Pages of operators: what was left, one message, and what is done about it. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { Addresses, RouteSpec } from '../../kernel/plugin.ts';
import type { Thread, ThreadsService } from '../chat/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { loggedIn, type Operator, type OperatorSession, type OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import type { Post } from './post.ts';
import { plain } from './rules.ts';
import type { Filter, Store } from './store.ts';
import type { Left } from './tables.ts';

export interface WorkNeeds {
  readonly store: Store;
  readonly threads: Pick<ThreadsService, 'byId' | 'visibleTo'>;
  readonly post: Pick<Post, 'answered' | 'delivers'>;
  readonly groups: Pick<GroupsService, 'byId' | 'nameOf'> | undefined;
  readonly operators: OperatorsService;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly views: Pick<ViewsService, 'page'>;
  readonly addresses: Addresses;
}

/** A message in sight of whoever asks. */
interface Item {
  readonly row: Left;
  readonly thread: Thread;
}

const pageSize = 20;
/** Rows looked through at a time, and at most for one page: most are out of sight of an operator of a small group. */
const batch = 100;
const mostLooked = 1_000;
/** A figure for the dashboard, which is looked at often. */
export const mostCounted = 300;
const answerLimit = 10_000;

export type Work = ReturnType<typeof createWork>;

/** What an operator may see of the left messages. Administrators see all: a group without members has nobody else. */
export function createWork({ store, threads, operators }: Pick<WorkNeeds, 'store' | 'threads' | 'operators'>) {
  async function inSight(operator: Operator, rows: readonly Left[]): Promise<Item[]> {
    const found = await Promise.all(rows.map((row) => threads.byId(row.threadId)));
    const there = found.filter((thread) => thread !== undefined);
    const seen = operators.can(operator, 'admin') ? there : await threads.visibleTo(operator, there);
    const visible = new Set(seen.map(({ id }) => id));
    return rows.flatMap((row, index) => {
      const thread = found[index];
      return thread && visible.has(thread.id) ? [{ row, thread }] : [];
    });
  }

  /** Newest first. @returns `next`: where the following page begins; 0 when there is none */
  async function list(operator: Operator, filter: Filter, before: number, size: number, most = mostLooked) {
    const items: Item[] = [];
    let cursor = before;
    for (let looked = 0; looked < most && items.length <= size; looked += batch) {
      const rows = await store.page(filter, cursor, batch);
      items.push(...(await inSight(operator, rows)));
      if (rows.length < batch) {
        cursor = 0;
        break;
      }
      cursor = rows.at(-1)!.threadId;
    }
    const more = items.length > size;
    return { items: items.slice(0, size), next: more ? items[size - 1]!.row.threadId : cursor };
  }

  return {
    list,
    async find(operator: Operator, threadId: number): Promise<Item | undefined> {
      const row = await store.find(threadId);
      return row && (await inSight(operator, [row]))[0];
    },
    /** How many are open, as far as one looks. */
    count: async (operator: Operator): Promise<number> =>
      (await list(operator, 'open', 0, mostCounted, mostCounted)).items.length,
  };
}

export function workRoutes(needs: WorkNeeds, work: Work): readonly RouteSpec[] {
  const { store, post, groups, operators, locales, views, addresses } = needs;
  const text = (context: Context, key: string, args: Record<string, string> = {}) =>
    locales.text(locales.of(context), `leave-message.${key}`, args);
  const sessionOf = async (context: Context) => (await operators.current(context)) as OperatorSession;
  const missing = (context: Context) =>
    operators.refuse(context, 404, 'MESSAGE_UNKNOWN', text(context, 'work.unknown'));
  const address = (threadId: number, said?: string) => addresses.url('leave-message.item', { thread: threadId, said });

  async function groupName(context: Context, { groupId }: Thread): Promise<string> {
    const group = groupId > 0 ? await groups?.byId(groupId) : undefined;
    return group && groups ? groups.nameOf(group, locales.of(context)) : '';
  }

  async function listPage(context: Context): Promise<Response> {
    const { operator } = await sessionOf(context);
    const filter: Filter = context.req.query('filter') === 'done' ? 'done' : 'open';
    const before = Number(/^\d{1,15}$/.exec(context.req.query('before') ?? '')?.[0] ?? 0);
    const { items, next } = await work.list(operator, filter, before, pageSize);
    const rows = items.map(async ({ row, thread }) => ({
      ...row,
      excerpt: Array.from((thread.shownMessage ?? '').replaceAll(/\s+/g, ' '))
        .slice(0, 140)
        .join(''),
      group: await groupName(context, thread),
      href: address(row.threadId),
      answered: row.state === 'answered',
    }));
    const link = (name: Filter, from?: number) =>
      addresses.url('leave-message.list', { filter: name === 'open' ? undefined : name, before: from });
    return views.page(context, 'leave-message/list', {
      rows: await Promise.all(rows),
      tabs: (['open', 'done'] as const).map((name) => ({
        label: `leave-message.work.filter.${name}`,
        href: link(name),
        current: name === filter,
      })),
      done: filter === 'done',
      older: next > 0 ? link(filter, next) : undefined,
      newest: before > 0 ? link(filter) : undefined,
    });
  }

  interface Attempt {
    readonly answer?: string;
    readonly key?: string;
    readonly error?: string;
    readonly failure?: string;
    readonly status?: 400 | 409;
  }

  async function itemPage(context: Context, { row, thread }: Item, attempt: Attempt = {}): Promise<Response> {
    const { operator } = await sessionOf(context);
    const said = /^(answered|done|open)$/.exec(context.req.query('said') ?? '')?.[0];
    const notice = said && { kind: 'success', text: text(context, `work.said.${said}`) };
    const [referrer = ''] = thread.referrer.split('\n');
    return views.page(
      context,
      'leave-message/item',
      {
        ...(notice && !attempt.status && { notice }),
        row,
        open: row.state === 'open',
        answered: row.state === 'answered',
        lines: (thread.shownMessage ?? '').split('\n'),
        page: /^https?:\/\//i.test(referrer) ? referrer : '',
        group: await groupName(context, thread),
        answers: (await store.answers(row.threadId)).map((one) => ({ ...one, lines: one.body.split('\n') })),
        canAnswer: row.state === 'open' && post.delivers,
        form: { answer: attempt.answer ?? '', key: attempt.key ?? randomBytes(16).toString('base64url') },
        error: attempt.error,
        failure: attempt.failure,
        answerLimit,
        operatorName: operator.name,
        actions: Object.fromEntries(
          ['answer', 'done', 'reopen'].map((name) => [
            name,
            addresses.url(`leave-message.${name}`, { thread: row.threadId }),
          ]),
        ),
        list: addresses.url('leave-message.list'),
      },
      attempt.status ? { status: attempt.status } : {},
    );
  }

  const about =
    (page: (context: Context, item: Item) => Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      const { operator } = await sessionOf(context);
      const item = await work.find(operator, Number(context.req.param('thread')));
      return item ? page(context, item) : missing(context);
    };

  /** A posted form about a message: the form is tested first, then whether the message is in sight. */
  const posted =
    (act: (context: Context, item: Item, session: OperatorSession, fields: URLSearchParams) => Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      const session = await sessionOf(context);
      const form = await operators.form(context, session);
      if (!form.ok) return form.response;
      const item = await work.find(session.operator, Number(context.req.param('thread')));
      return item ? act(context, item, session, form.fields) : missing(context);
    };

  const by = ({ operator: { id, name } }: OperatorSession) => ({ id, name });
  const back = (context: Context, threadId: number, said: string) => context.redirect(address(threadId, said), 303);

  /** Somebody was quicker: says who, with what was typed. */
  async function late(context: Context, item: Item, attempt: Attempt = {}): Promise<Response> {
    const row = (await store.find(item.row.threadId)) ?? item.row;
    const failure = text(context, `work.late.${row.state}`, { name: row.changedName });
    return itemPage(context, { ...item, row }, { ...attempt, failure, status: 409 });
  }

  async function sendAnswer(context: Context, item: Item, session: OperatorSession, fields: URLSearchParams) {
    const { threadId } = item.row;
    const answer = plain(fields.get('answer'));
    const key = /^[\w-]{1,64}$/.exec(fields.get('key') ?? '')?.[0] ?? randomBytes(16).toString('base64url');
    const wrong = answer === '' ? 'empty' : Array.from(answer).length > answerLimit ? 'long' : undefined;
    if (wrong) {
      const error = text(context, `work.answer.${wrong}`, { max: String(answerLimit) });
      return itemPage(context, item, { answer, key, error, status: 400 });
    }
    if ((await store.answers(threadId)).some(({ senderKey }) => senderKey === key))
      return back(context, threadId, 'answered');
    if (!post.delivers)
      return itemPage(context, item, { answer, key, failure: text(context, 'work.noMail'), status: 409 });
    const stored = await store.answered(threadId, by(session), key, answer);
    if (!stored) return late(context, item, { answer, key });
    await post.answered(stored, item.row, item.thread);
    return back(context, threadId, 'answered');
  }

  const done = async (context: Context, item: Item, session: OperatorSession) =>
    (await store.change(item.row.threadId, ['open'], 'done', by(session)))
      ? back(context, item.row.threadId, 'done')
      : late(context, item);
  const reopen = async (context: Context, item: Item, session: OperatorSession) =>
    (await store.change(item.row.threadId, ['answered', 'done'], 'open', by(session)))
      ? back(context, item.row.threadId, 'open')
      : late(context, item);

  const one = '/operator/left-messages/:thread{[0-9]{1,10}}';
  const route = (name: string, method: 'GET' | 'POST', path: string, handler: RouteSpec['handler']): RouteSpec => ({
    name,
    method,
    path,
    access: loggedIn,
    handler,
  });
  return [
    route('list', 'GET', '/operator/left-messages', listPage),
    route('item', 'GET', one, about(itemPage)),
    route('answer', 'POST', `${one}/answer`, posted(sendAnswer)),
    route('done', 'POST', `${one}/done`, posted(done)),
    route('reopen', 'POST', `${one}/reopen`, posted(reopen)),
  ];
}
