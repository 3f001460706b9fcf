/** The processor `widget`, and its function on both processors that pages talk to. */
import type { ThreadCaller, ThreadSubject } from '../chat/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import { type Call, type ProcessorSpec, rpcCodes, RpcError, type RpcImplementation } from '../rpc/api.ts';
import { type Answers, completed } from './answers.ts';
import {
  type WidgetCaller,
  type WidgetContact,
  widgetPages,
  widgetProcessor,
  type widgetRpc,
  type widgetThreadRpc,
} from './api.ts';
import { declines, isOperators, secretOf } from './browser.ts';

export interface ProcessorNeeds {
  readonly operators: Pick<OperatorsService, 'session'>;
}

/** Who calls. There is no session and no cookie of a visitor: who he is he says by his secret, or is nobody. */
export function createProcessor({ operators }: ProcessorNeeds): ProcessorSpec<WidgetCaller, undefined> {
  return {
    processor: widgetProcessor,
    path: '/widget',
    mandatory: {},
    wrongArguments: 3,
    cors: true,
    streams: true,
    identify: async (request) => ({
      userId: secretOf(request.visitor),
      operator: await isOperators(operators, request),
      declined: declines(request),
    }),
    subject: () => undefined,
    authorize() {
      // Everybody may say where he is.
    },
    rateKey: ({ userId }, { address }) => (userId === undefined ? `address:${address}` : `visitor:${userId}`),
  };
}

export interface FunctionNeeds {
  readonly operators: Pick<OperatorsService, 'session'>;
  readonly answers: Pick<Answers, 'of' | 'limit'>;
}
type Said = Pick<
  WidgetContact,
  'page' | 'title' | 'entry' | 'locale' | 'silent' | 'hidden' | 'invitation' | 'rejected' | 'custom'
>;
type Known = Pick<WidgetContact, 'userId' | 'operator' | 'declined'>;

export function createFunctions({ operators, answers }: FunctionNeeds): {
  readonly widget: RpcImplementation<WidgetCaller, undefined, (typeof widgetRpc)['functions']>;
  readonly thread: RpcImplementation<ThreadCaller, ThreadSubject, (typeof widgetThreadRpc)['functions']>;
} {
  async function contact(said: Said, known: Known, { request, session }: Call<unknown, unknown>) {
    if (answers.limit(request, undefined) > 0)
      throw new RpcError(rpcCodes.rate, 'RATE_LIMIT', 'Too many contacts: try again later');
    const { page, title, entry, locale, silent, hidden, invitation, rejected, custom } = said;
    const { next, ...response } = await answers.of({
      carrier: request.carrier === 'form' ? 'json' : request.carrier,
      ...known,
      page,
      title,
      entry,
      locale,
      silent,
      hidden,
      invitation,
      rejected,
      custom,
      address: request.address,
      userAgent: request.header('user-agent') ?? '',
      origin: request.origin,
      session,
    });
    if (next === undefined) session?.unsubscribe(widgetPages);
    else session?.subscribe(widgetPages);
    return { ...completed(response), next: next ?? 0 };
  }

  return {
    widget: {
      widgetContact: (args, call) => contact(args, call.caller, call),
    },
    thread: {
      async widgetContact(args, call) {
        const { request } = call;
        const known = {
          userId: secretOf(args.userId),
          operator: await isOperators(operators, request),
          declined: declines(request),
        };
        return contact(args, known, call);
      },
    },
  };
}
