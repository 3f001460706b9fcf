/** The page with the chat app on it, and what the app starts with: RPC spec section 9. */
import type { Context } from 'hono';
import type { Addresses, KernelConfig } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { Values } from '../settings/api.ts';
import { defineView, type PageOptions, type ViewsService } from '../views/api.ts';
import type { Side } from './api.ts';
import type { chatSettings } from './settings.ts';

export interface WindowNeeds {
  readonly views: Pick<ViewsService, 'page'>;
  readonly config: Pick<KernelConfig, 'base'>;
  readonly settings: Values<typeof chatSettings>;
  readonly addresses: Addresses;
  readonly locales: Pick<LocalesService, 'of'>;
}

export const serverViews = [
  defineView('chat/window', { version: 1, side: 'server' }),
  defineView('chat/plain_messages', { version: 1, side: 'server' }),
  defineView('chat/refusal', { version: 1, side: 'server' }),
  defineView('chat/visitor_refusal', { version: 1, side: 'server' }),
  defineView('chat/confirm', { version: 1, side: 'server' }),
];

/** Parts of the boot object that all chat pages share. */
function bootOf(
  { config, settings, addresses }: Pick<WindowNeeds, 'config' | 'settings' | 'addresses'>,
  style: string,
) {
  const { base } = config;
  return {
    server: { url: `${base}/thread/update`, requestsFrequency: settings.updatefrequency_chat },
    page: {
      style,
      mibewBasePath: base,
      mibewBaseUrl: base,
      stylePath: '',
      company: settings.title,
      mibewHost: settings.hosturl,
      logo: settings.logo,
      title: settings.chattitle,
      startLink: addresses.url('chat.start'),
    },
  };
}

const styleOf = (context: Context): string => /^\w{1,64}$/.exec(context.req.query('style') ?? '')?.[0] ?? '';

/**
 * @param startFrom what the app shows first, and the options of the same name
 * @param about model for the view, and the operator on whose page this is
 */
export function chatWindow(
  context: Context,
  needs: WindowNeeds,
  side: Side,
  startFrom: 'chat' | 'survey' | 'leaveMessage',
  options: Readonly<Record<string, unknown>>,
  {
    model = {},
    page = {},
    agent,
  }: {
    readonly model?: Readonly<Record<string, unknown>>;
    readonly page?: PageOptions;
    readonly agent?: { readonly id: number; readonly name: string };
  } = {},
): Promise<Response> {
  const common = bootOf(needs, styleOf(context));
  // What plugins made of title and company, for a group say, counts for the document, too.
  const about = { ...common.page, ...(options['page'] as Partial<typeof common.page> | undefined) };
  const boot = {
    ...common,
    page: about,
    startFrom,
    [`${startFrom}Options`]: options,
    ...(agent && { agent }),
  };
  const { title, company, logo, mibewHost: hosturl } = about;
  return needs.views.page(
    context,
    'chat/window',
    { title, company, logo, hosturl, ...model },
    // Operators have more around a conversation, which visitors need not load.
    { ...page, app: { name: side === 'agent' ? 'chat-pane' : 'chat', boot } },
  );
}
