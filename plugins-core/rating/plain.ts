/** The same for browsers without scripts: a page of its own, linked from the conversation. */
import type { Context } from 'hono';
import { open, type Addresses, type Kernel, type RouteSpec } from '../../kernel/plugin.ts';
import type { PlainLink, Thread, VisitorPagesService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { AttemptsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { ViewsService } from '../views/api.ts';
import { scores, type RatingsService, type Score } from './api.ts';
import { longestComment, type Judging } from './judging.ts';

export interface PlainNeeds {
  readonly kernel: Pick<Kernel, 'facts'>;
  readonly attempts: AttemptsService;
  readonly judging: Judging;
  readonly ratings: Pick<RatingsService, 'of'>;
  readonly pages: VisitorPagesService;
  readonly views: Pick<ViewsService, 'page' | 'error'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

const path = '/chat/:thread{[0-9]{1,10}}/:token{[0-9]{1,10}}/rating';
const second = 1_000;
const minute = 60 * second;
const isScore = (value: number): value is Score => scores.some((score) => score === value);

export function createPlain({ kernel, attempts, judging, ratings, pages, views, locales, addresses }: PlainNeeds) {
  // As many at once as by the function, and then slowly. One address may be that of a whole house.
  const perVisitor = attempts.of({ free: 10, first: 2 * second, longest: minute, forget: minute });
  const perAddress = attempts.of({ free: 60, first: second, longest: 10 * second, forget: minute });
  const addressOf = ({ id, token }: Thread) => addresses.url('rating.page', { thread: id, token });

  function show(
    context: Context,
    thread: Thread,
    typed: { readonly score: number; readonly comment: string },
    outcome: {
      readonly failure?: string;
      readonly code?: string;
      readonly done?: boolean;
      /** Seconds after which it can be tried again. */
      readonly retry?: number;
    } = {},
  ): Promise<Response> {
    const model = {
      ...typed,
      ...outcome,
      scores: scores
        .toReversed()
        .map((score) => ({ score, label: `rating.form.score.${score}`, checked: score === typed.score })),
      action: addressOf(thread),
      back: pages.to(thread),
      maxLength: longestComment,
    };
    const { failure, retry } = outcome;
    if (retry !== undefined) context.header('retry-after', String(retry));
    return views.page(context, 'rating/plain', model, { status: retry !== undefined ? 429 : failure ? 422 : 200 });
  }

  /** Somebody else's and none at all look alike. */
  const missing = (context: Context) => views.error(context, 404, 'NOT_FOUND');

  async function page(context: Context): Promise<Response> {
    const own = await pages.own(context);
    if (!own || !judging.may(own.thread)) return missing(context);
    const said = await ratings.of(own.thread.id);
    const typed = { score: said?.score ?? 0, comment: said?.comment ?? '' };
    return show(context, own.thread, typed, { done: context.req.query('done') === '1' });
  }

  async function save(context: Context): Promise<Response> {
    const own = await pages.own(context);
    if (!own) return missing(context);
    const fields = await pages.form(context);
    if (fields instanceof Response) return fields;
    const typed = { score: Number(fields.get('score') ?? 0), comment: fields.get('comment') ?? '' };
    const { score, comment } = typed;
    const address = attempts.network(kernel.facts(context).address);
    const wait = perVisitor.begin(`visitor:${own.visitor.id}`) || perAddress.begin(address);
    if (wait > 0) {
      const retry = Math.ceil(wait / second);
      const failure = locales.text(locales.of(context), 'rating.error.tooMany', { seconds: retry });
      return show(context, own.thread, typed, { failure, code: 'TOO_MANY_RATINGS', retry });
    }
    if (!isScore(score)) {
      const failure = locales.text(locales.of(context), 'rating.form.choose');
      return show(context, own.thread, typed, { failure });
    }
    try {
      await judging.rate(own.thread, score, comment);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return show(context, own.thread, typed, { failure: error.message, code: error.errorName });
    }
    return context.redirect(`${addressOf(own.thread)}?done=1`, 303);
  }

  const routes: readonly RouteSpec[] = [
    { name: 'page', method: 'GET', path, access: open, handler: page },
    { name: 'save', method: 'POST', path, access: open, handler: save },
  ];
  return {
    routes,
    /** For `chat.plain.links`. */
    links: (links: readonly PlainLink[], thread: Thread, locale: string): readonly PlainLink[] =>
      judging.may(thread)
        ? [...links, { label: locales.text(locale, 'rating.form.title'), href: addressOf(thread) }]
        : links,
  };
}
