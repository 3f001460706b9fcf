/** The chat app. Entry of its bundle: a page of its own, a pane of the workspace, a panel in somebody's page. */
import { apps, createTitle, createUi, pageStorage } from '../../client/client/index.ts';
import type { AppStart } from '../../views/api.ts';
import type { ChatBoot } from './boot.ts';
import { createSession } from './session.ts';
import { mountChat } from './window.ts';

export { startInline } from './inline.ts';
export { mountChat } from './window.ts';
export type { ChatContext, ChatMount } from './window.ts';

apps.define('chat', mountChat);

/** Starts the app on a page of its own. */
export function start({ root, boot: given, templates, texts }: AppStart): void {
  const boot = given as ChatBoot;
  const options = boot.chatOptions;
  if (!options || !(root instanceof HTMLElement)) throw new Error(`there is no "${boot.startFrom}" here`);
  const user = !options.user.isAgent;
  const ui = createUi({ templates, texts });
  const storage = pageStorage(() => window.localStorage);
  const drafts = pageStorage(() => window.sessionStorage);
  const { transport, outbox } = createSession({
    server: boot.server,
    user,
    storage,
    session: drafts,
    prefix: `mibew:${boot.page.mibewBasePath}:`,
    // A visitor of pages is who his cookie says; an operator's outbox is his alone.
    owner: user ? 'visitor' : `agent-${options.user.agentId ?? 0}`,
  });
  const title = createTitle(document);
  const { startLink } = boot.page;
  const chat = mountChat(root, {
    ui,
    transport,
    outbox,
    storage,
    drafts,
    user,
    thread: options.thread,
    page: true,
    messageForm: options.messageForm,
    canPost: user ? undefined : options.user.canPost,
    name: options.user.name,
    canChangeName: options.user.canChangeName,
    agent: user ? undefined : { id: options.user.agentId ?? 0, name: options.user.agentName ?? '' },
    avatar: options.avatar || undefined,
    title: options.page?.title ?? boot.page.title,
    unread: (count) => title.show(count),
    again: startLink ? () => location.assign(startLink) : undefined,
  });
  root.removeAttribute('aria-busy');
  // A phone would show the ring of a focus that nobody asked for.
  if (!matchMedia('(hover: none)').matches) chat.focus?.();
}
