/** The chat app of operators. Entry of its bundle: a pane of the workspace, or a window of its own. */
import {
  apps,
  createCommands,
  createDrafts,
  createTitle,
  createUi,
  pageStorage,
  type Ui,
} from '../../client/client/index.ts';
import type { AppStart } from '../../views/api.ts';
import type { MountedMessages } from '../api.ts';
import type { ChatBoot, ChatOptions } from './boot.ts';
import './emoji.ts';
import { createLog } from './log.ts';
import { createSession } from './session.ts';
import { mountChat } from './window.ts';
import type { ChatMount } from './window.ts';

/** What the workspace gives to `apps.mount('chat', …)`. */
export interface PaneMount extends ChatMount {
  /** Address of a window of its own. */
  readonly popOut?: string;
}

apps.define('chat', (element: HTMLElement, { popOut, ...options }: PaneMount) => {
  const mounted = mountChat(element, options);
  if (popOut) {
    // Beside the menu, behind what plugins put there.
    const place = options.ui.find(element, '[data-part="controls"]');
    const link = options.ui.element('chat/pop_out', { href: popOut });
    place.append(link);
    const label = options.ui.text('chat.agent.popOut');
    options.commands?.add({ name: 'pop-out', label, keys: ['Alt+O'], run: () => link.click() });
  }
  return mounted;
});

apps.define('chat-messages', (list: HTMLElement, { ui }: { readonly ui: Ui }): MountedMessages => {
  const log = createLog({
    list,
    ui,
    user: false,
    // Whoever reads is none of those who speak: each is named.
    ownName: () => '',
    avatar: () => undefined,
    now: () => Date.now(),
    drawn: () => undefined,
  });
  return { append: (messages) => log.append(messages, false), stop: () => list.replaceChildren() };
});

/** Starts the app in a window of its own. */
export function start({ root, boot: given, templates, texts, assets }: AppStart): void {
  const boot = given as ChatBoot;
  if (!(root instanceof HTMLElement)) throw new Error('operators have pages of their own');
  const options = boot.chatOptions as ChatOptions;
  const agent = { id: options.user.agentId ?? 0, name: options.user.agentName ?? '' };
  const storage = pageStorage(() => window.localStorage);
  const session = pageStorage(() => window.sessionStorage);
  const { transport, outbox } = createSession({
    server: boot.server,
    user: false,
    storage,
    session,
    prefix: `mibew:${boot.page.mibewBasePath}:`,
    // An operator's outbox is his alone.
    owner: `agent-${agent.id}`,
  });
  const title = createTitle(document);
  const commands = createCommands();
  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog:modal')) return;
    if (!event.defaultPrevented && !event.isComposing && commands.press(event, false)) event.preventDefault();
  });
  const chat = mountChat(root, {
    commands,
    ui: createUi({ templates, texts }),
    transport,
    outbox,
    storage,
    // What was typed in the workspace is here, too, and comes back when this window was closed.
    drafts: createDrafts(session, storage, `agent-${agent.id}`),
    user: false,
    thread: options.thread,
    page: true,
    messageForm: options.messageForm,
    canPost: options.user.canPost,
    name: options.user.name,
    agent,
    title: options.page?.title ?? boot.page.title,
    parts: assets.parts,
    options: { ...options },
    unread: (count) => title.show(count),
  });
  root.removeAttribute('aria-busy');
  chat.focus?.();
}
