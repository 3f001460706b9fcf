/** The chat app of visitors. Entry of its bundle: a page of its own, or a panel in somebody's page. */
import { apps, createParts, createTitle, createUi, pageStorage } from '../../client/client/index.ts';
import type { Mounted } from '../../client/client/index.ts';
import type { AppStart } from '../../views/api.ts';
import type { ChatBoot, ChatOptions } from './boot.ts';
import './emoji.ts';
import { createScreens } from './screens.ts';
import { createSession } from './session.ts';
import { mountChat } from './window.ts';

export { startInline } from './inline.ts';

apps.define('chat', mountChat);

/** Starts the app on a page of its own. */
export function start({ root, boot: given, templates, texts, assets }: AppStart): void {
  if (!(root instanceof HTMLElement)) throw new Error('the chat lies in a page of its own, or is started inline');
  const boot = given as ChatBoot;
  const ui = createUi({ templates, texts });
  const storage = pageStorage(() => window.localStorage);
  const drafts = pageStorage(() => window.sessionStorage);
  // A visitor of pages is who his cookie says.
  const session = { server: boot.server, user: true, storage, session: drafts, owner: 'visitor' };
  const { transport, outbox } = createSession({ ...session, prefix: `mibew:${boot.page.mibewBasePath}:` });
  const title = createTitle(document);
  const { startLink } = boot.page;
  const again = () => location.assign(startLink ?? location.href);
  const screens = createScreens({
    place: root,
    ui,
    parts: createParts(assets.parts, root),
    transport,
    drafts,
    title: boot.page.title,
    inline: false,
    // The address of the page had them, and the server remembers them in the options of each screen.
    arguments: {},
    done({ next, options }) {
      if (next !== 'chat') return screens.show({ next, options });
      const { links } = options as unknown as ChatOptions;
      // A reload, or a look from another tab, finds the conversation and not the way to it.
      if (links?.chat) history.replaceState(null, '', links.chat);
      focus(chat(options as unknown as ChatOptions));
    },
    finished: () => undefined,
    again,
  });

  const chat = (options: ChatOptions): Mounted => {
    screens.stop();
    return mountChat(root, {
      ui,
      transport,
      outbox,
      storage,
      drafts,
      user: true,
      thread: options.thread,
      page: true,
      messageForm: options.messageForm,
      name: options.user.name,
      canChangeName: options.user.canChangeName,
      avatar: options.avatar || undefined,
      title: options.page?.title ?? boot.page.title,
      parts: assets.parts,
      options: { ...options },
      unread: (count) => title.show(count),
      again: startLink ? again : undefined,
    });
  };

  const options = boot[`${boot.startFrom}Options`];
  root.removeAttribute('aria-busy');
  if (boot.startFrom === 'chat') focus(chat(options as ChatOptions));
  else screens.show({ next: boot.startFrom, options: (options ?? {}) as Record<string, unknown> });
}

/** A phone would show the ring of a focus that nobody asked for. */
function focus(app: Mounted): void {
  if (!matchMedia('(hover: none)').matches) app.focus?.();
}
