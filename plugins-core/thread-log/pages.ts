/** Pages of operators: what was said in a past conversation, and the conversations of one visitor. */
import type { Context } from 'hono';
import type { RouteSpec } from '../../kernel/plugin.ts';
import { messageKind, type Thread, type ThreadsService, type WireMessage } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { loggedIn, type Operator, type OperatorPage, operatorRoute, type OperatorsService } from '../operators/api.ts';
import type { Rating, RatingsService } from '../rating/api.ts';
import { pagination, type ViewsService } from '../views/api.ts';
import type { ThreadLogService, ThreadRecord } from './api.ts';
import { firstWords, type LogAddresses } from './functions.ts';
import { describe } from './record.ts';

export interface PagesNeeds {
  readonly log: ThreadLogService;
  readonly threads: Pick<ThreadsService, 'messages'>;
  readonly operators: Pick<OperatorsService, 'current' | 'can' | 'refuse'>;
  readonly ratings: Pick<RatingsService, 'of'> | undefined;
  readonly locales: Pick<LocalesService, 'of' | 'intl' | 'text'>;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly addresses: LogAddresses & {
    /** Further messages of a conversation. */
    readonly messages: (thread: Pick<Thread, 'id'>) => string;
    /** Where the queue is, if somebody shows one. */
    readonly back: () => string;
  };
  /** Hook `thread-log.threads.recorded`. */
  readonly recorded: (
    records: readonly ThreadRecord[],
    about: { readonly threads: ReadonlyMap<number, Thread>; readonly operator: Operator; readonly locale: string },
  ) => Promise<readonly ThreadRecord[]>;
}

/** Messages on the page itself, and in each answer after it. */
const messagesAtOnce = 200;
/** As in the original. */
const threadsAtOnce = 6;

const numberIn = (context: Context, name: string): number =>
  Number(/^\d{1,9}$/.exec(context.req.query(name) ?? '')?.[0] ?? 0);

export function logRoutes(needs: PagesNeeds): readonly RouteSpec[] {
  const { log, threads, operators, ratings, locales, views, addresses } = needs;
  /** Somebody else's and none at all look alike. */
  const missing = (context: Context) => views.error(context, 404, 'NOT_FOUND');

  async function recordsOf(list: readonly Thread[], operator: Operator, locale: string) {
    const empty = list.map(({ id }): ThreadRecord => ({ id, groupName: '', facts: [] }));
    const byId = new Map(list.map((thread) => [thread.id, thread]));
    const records = await needs.recorded(empty, { threads: byId, operator, locale });
    return new Map(records.map((record) => [record.id, record]));
  }

  /** What was said of an operator is for him and for administrators. */
  async function ratingOf({ id }: Thread, operator: Operator): Promise<Rating | undefined> {
    const rating = await ratings?.of(id);
    return rating && (rating.agentId === operator.id || operators.can(operator, 'admin')) ? rating : undefined;
  }

  async function page({ id, lastSeq }: Thread, after: number) {
    const { messages, lastId } = await threads.messages(id, 'agent', after, messagesAtOnce);
    return { messages, lastId, more: lastId < lastSeq && lastId > after };
  }

  const found =
    (show: (context: Context, thread: Thread, operator: Operator) => Promise<Response>): OperatorPage =>
    async (context, { operator }) => {
      const thread = await log.find(operator, Number(context.req.param('thread')));
      return thread ? show(context, thread, operator) : missing(context);
    };

  /** Without scripts. */
  function plainModel(messages: readonly WireMessage[]) {
    const { user, agent } = messageKind;
    return messages
      .filter(({ message }) => message !== '')
      .map(({ id, kind, name, created, message }) => ({
        id,
        name,
        said: kind === user || kind === agent || (kind === messageKind.forAgent && name !== null),
        note: kind === messageKind.forAgent,
        html: message.replaceAll(/\r\n|\r|\n/g, '<br>'),
        created: created * 1000,
      }));
  }

  async function threadPage(context: Context, thread: Thread, operator: Operator): Promise<Response> {
    const locale = locales.of(context);
    const record = (await recordsOf([thread], operator, locale)).get(thread.id);
    const rating = await ratingOf(thread, operator);
    const after = numberIn(context, 'after');
    const { messages, lastId, more } = await page(thread, after);
    const text = (key: string, args?: Record<string, number>) => locales.text(locale, `thread-log.${key}`, args);
    const facts = [
      ...(rating ? [{ label: text('fact.rating'), value: text('rating', { score: rating.score }) }] : []),
      ...(record?.facts ?? []),
    ];
    const self = addresses.thread(thread);
    return views.page(
      context,
      'thread-log/thread',
      {
        title: locales.text(locale, 'thread-log.title', { name: thread.userName }),
        ...describe(thread, record, locale, locales),
        facts,
        all: addresses.user(thread),
        back: addresses.back(),
        list: plainModel(messages),
        first: after > 0 ? self : undefined,
        next: more ? `${self}?after=${lastId}` : undefined,
      },
      { app: { name: 'thread-log', boot: { messages, lastId, more, source: addresses.messages(thread) } } },
    );
  }

  const messagesPage = async (context: Context, thread: Thread): Promise<Response> => {
    const answer = await page(thread, numberIn(context, 'after'));
    return context.json(answer, 200, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  };

  const userPage: OperatorPage = async (context, { operator }) => {
    const locale = locales.of(context);
    const userId = context.req.param('user') ?? '';
    const list = await log.ofVisitor(operator, userId);
    const pages = pagination(context, list.length, threadsAtOnce, `${addresses.user({ userId })}?page=`);
    const shown = list.slice(pages.offset, pages.offset + pages.limit);
    const records = await recordsOf(shown, operator, locale);
    const name = list[0]?.userName;
    return views.page(context, 'thread-log/user', {
      title:
        name === undefined
          ? locales.text(locale, 'thread-log.all')
          : locales.text(locale, 'thread-log.allOf', { name }),
      rows: shown.map((thread) => ({
        ...describe(thread, records.get(thread.id), locale, locales),
        first: firstWords(thread),
        href: addresses.thread(thread),
      })),
      groups: shown.some(({ id }) => (records.get(id)?.groupName ?? '') !== ''),
      pages,
    });
  };

  const route = operatorRoute(operators, loggedIn);
  const one = '/operator/history/thread/:thread{[0-9]{1,10}}';
  return [
    route('thread', 'GET', one, found(threadPage)),
    route('messages', 'GET', `${one}/messages`, found(messagesPage)),
    route('user', 'GET', '/operator/history/user/:user{[^/]{1,63}}', userPage),
  ];
}
