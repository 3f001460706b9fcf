/** Pages for visitors who are refused: why, and how they can go on, if they can. Nothing on them leads to pages of operators. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { ViewsService } from '../views/api.ts';
import { chatErrors } from './api.ts';

export interface RefusalsNeeds {
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly addresses: Addresses;
}

interface Reason {
  readonly status: number;
  /** Name in capitals, shown for whoever is asked for help. */
  readonly code: string;
  /** Key of a text, or a sentence of somebody else's. */
  readonly text: string | { readonly said: string };
  readonly title?: string;
  /** Label of the link to `/chat`; none where that would be refused again. */
  readonly onward?: string;
}

function refuse(
  context: Context,
  { views, locales, addresses }: RefusalsNeeds,
  { status, code, text, title = 'failed', onward }: Reason,
): Promise<Response> {
  const say = (key: string) => locales.text(locales.of(context), `chat.page.${key}`);
  const model = {
    code,
    title: say(title),
    text: typeof text === 'string' ? say(text) : text.said,
    // Whoever tries again wants to the same group, in the same language.
    ...(onward && { label: say(onward), start: addresses.url('chat.start', context.req.query()) }),
  };
  return views.page(context, 'chat/visitor_refusal', model, { status });
}

/** Somebody else's and none at all look alike. */
export const missing = (context: Context, needs: RefusalsNeeds): Promise<Response> =>
  refuse(context, needs, {
    status: 404,
    code: 'NOT_FOUND',
    title: 'missing.title',
    text: 'missing.text',
    onward: 'open',
  });

/** An address was loaded that only people may open, by a click or by typing it. */
export const noVisit = (context: Context, needs: RefusalsNeeds): Promise<Response> =>
  refuse(context, needs, { status: 403, code: 'FORBIDDEN', text: 'noVisit', onward: 'open' });

/** A form that was sent from elsewhere, or is too large. */
export const foreignForm = (context: Context, needs: RefusalsNeeds): Promise<Response> =>
  refuse(context, needs, { status: 403, code: 'FORM_FOREIGN', text: 'error.form', onward: 'open' });

/** Texts for the codes that visitors meet here; whoever else refuses brings his own sentence, and means it. */
const limits: Readonly<Record<number, string>> = {
  [chatErrors.tooManyThreads]: 'tooMany',
  [chatErrors.rate]: 'tooQuick',
};

/** The page for an {@link RpcError}; throws what is none. */
export function refused(context: Context, needs: RefusalsNeeds, error: unknown): Promise<Response> {
  if (!(error instanceof RpcError)) throw error;
  const { errorCode, errorName: code, message } = error;
  const text = limits[errorCode];
  return text
    ? refuse(context, needs, { status: 429, code, text, onward: 'tryAgain' })
    : refuse(context, needs, { status: 403, code, text: { said: message } });
}
