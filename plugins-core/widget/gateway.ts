/** `/widget`: packages and sockets as at every gateway, and by a plain GET what the original's script asks. */
import type { Context } from 'hono';
import type { RouteSpec } from '../../kernel/plugin.ts';
import type { OperatorsService } from '../operators/api.ts';
import { type CallerRequest, endOfTurn, RpcError, type RpcService } from '../rpc/api.ts';
import type { Answers } from './answers.ts';
import type { WidgetAnswer, WidgetContact } from './api.ts';
import { declines, operatorCookie, sentCookie } from './browser.ts';
import { type Asked, jsonpText, readAsked } from './jsonp.ts';

export interface GatewayNeeds {
  /** The gateway of the processor `widget`. */
  readonly packages: RouteSpec;
  readonly rpc: Pick<RpcService, 'request'>;
  readonly operators: Pick<OperatorsService, 'session'>;
  readonly answers: Pick<Answers, 'limit' | 'of'>;
}

/** Any page may run the answer; nothing in it is anybody's but of whoever holds the secret in the query. */
const headers = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'cross-origin',
  p3p: 'CP="IDC DSP COR ADM DEVi TAIi PSA PSD IVAi IVDi CONi HIS OUR IND CNT"',
  'x-content-type-options': 'nosniff',
};
const longestPage = 2048;

export function createGateway({ packages, rpc, operators, answers }: GatewayNeeds): RouteSpec {
  const contactOf = (asked: Asked, request: CallerRequest, operator: boolean): WidgetContact => ({
    carrier: 'jsonp',
    userId: asked.userId,
    page: request.header('referer')?.slice(0, longestPage) ?? '',
    title: '',
    entry: asked.entry,
    locale: asked.locale,
    silent: asked.silent,
    hidden: false,
    invitation: undefined,
    rejected: asked.rejected,
    custom: asked.custom,
    operator,
    declined: declines(request),
    address: request.address,
    userAgent: request.header('user-agent') ?? '',
    origin: request.origin,
    session: undefined,
  });
  async function answered(answer: WidgetAnswer): Promise<Response> {
    await endOfTurn();
    return new Response(jsonpText(false, answer.next === undefined ? undefined : answer), { headers });
  }
  /** The original's script takes a failed request for the end of it: it is told that there is nothing, and asks again. */
  const failed = (error: unknown): Response => {
    if (error instanceof RpcError) return new Response(jsonpText(false), { headers });
    throw error;
  };
  async function ofOperator(asked: Asked, request: CallerRequest, cookie: string): Promise<WidgetAnswer> {
    const session = await operators.session(cookie);
    return answers.of(contactOf(asked, request, session !== undefined));
  }

  function jsonp(context: Context, request: CallerRequest): Response | Promise<Response> {
    const asked = readAsked(context.req.raw.url);
    const retryAfter = answers.limit(request, asked.userId);
    if (retryAfter > 0)
      return new Response('', { status: 429, headers: { ...headers, 'retry-after': String(retryAfter) } });
    const probe = sentCookie(request, 'mibewRndValue');
    if (probe === undefined || probe !== asked.rnd) return new Response(jsonpText(true), { headers });
    const cookie = operatorCookie(request);
    const answer =
      cookie === undefined ? answers.of(contactOf(asked, request, false)) : ofOperator(asked, request, cookie);
    return answer.then(answered, failed);
  }

  return {
    ...packages,
    handler(context) {
      if (context.req.method !== 'GET') return packages.handler(context);
      const request = rpc.request(context);
      return request.header('upgrade') === undefined ? jsonp(context, request) : packages.handler(context);
    },
  };
}
