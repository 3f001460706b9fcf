/** The chat inside somebody's page: the launcher gives a place and a visitor, and is told what happens. */
import { createUi, pageStorage, succeed } from '../../client/client/index.ts';
import type { Mounted, PageStorage, Precompiled, Texts, Ui } from '../../client/client/index.ts';
import type { ChatOptions } from './boot.ts';
import { createSession } from './session.ts';
import type { Session } from './session.ts';
import { mountChat } from './window.ts';

/** What the launcher offers. */
export interface InlineHost {
  /** Where the chat draws itself, inside the shadow root. */
  readonly place: HTMLElement;
  /** The visitor's secret. */
  readonly visitor: string;
  /** In front of all keys in the storage of the page. */
  readonly prefix: string;
  /** Arguments of `start`: url, referrer, locale, group … */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The panel is open. */
  readonly open: () => boolean;
  readonly minimise: () => void;
  readonly unread: (count: number) => void;
}

export interface InlineOptions {
  readonly host: InlineHost;
  readonly server: { readonly url: string; readonly requestsFrequency: number };
  readonly title: string;
  readonly templates: Precompiled;
  readonly texts: Texts;
}

/** What the launcher calls. */
export interface InlineChat {
  /** The panel was opened. */
  shown(): void;
  /** The panel was put away. */
  hidden(): void;
}

const firstPause = 1000;
const longestPause = 15_000;

function read(storage: PageStorage, key: string): ChatOptions | undefined {
  try {
    return JSON.parse(storage.get(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Follows a conversation that is under way; begins one when the panel is opened without. */
export function startInline({ host, server, title, templates, texts }: InlineOptions): InlineChat {
  const ui: Ui = createUi({ templates, texts });
  const storage = pageStorage(() => window.localStorage);
  const drafts = pageStorage(() => window.sessionStorage);
  const runningKey = `${host.prefix}chat`;
  const session: Session = createSession({
    server,
    user: true,
    owner: 'visitor',
    storage,
    session: drafts,
    prefix: host.prefix,
    visitor: () => host.visitor,
  });
  let chat: Mounted | undefined;
  let starting = false;
  let over = false;

  function mount(options: ChatOptions): void {
    let current = options;
    over = false;
    chat = mountChat(host.place, {
      ui,
      storage,
      drafts,
      user: true,
      inline: true,
      transport: session.transport,
      outbox: session.outbox,
      thread: options.thread,
      messageForm: options.messageForm,
      name: options.user.name,
      canChangeName: options.user.canChangeName,
      avatar: options.avatar || undefined,
      title: options.page?.title ?? title,
      visible: host.open,
      unread: host.unread,
      minimise: host.minimise,
      again: begin,
      renamed(name) {
        current = { ...current, user: { ...current.user, name } };
        storage.set(runningKey, JSON.stringify(current));
      },
      stateChanged(ended, failed) {
        over = ended || failed;
      },
    });
  }

  function cover(view: string, model: object): void {
    const frame = ui.element('chat/cover', { title, view });
    frame.querySelector<HTMLElement>('[data-part="cover"]')?.append(ui.element(view, model));
    frame.addEventListener('click', (event) => {
      const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action;
      if (action === 'minimise') host.minimise();
      if (action === 'again') begin();
    });
    host.place.replaceChildren(frame);
  }

  function failed(code: number, message: string): void {
    const key = `chat.window.start.${code}`;
    const known = ui.text(key);
    cover('chat/failure', {
      title: ui.text('chat.window.start.title'),
      text: known === key ? message : known,
      action: 'again',
      actionText: ui.text('chat.window.failure.reload'),
    });
  }

  async function ask(attempt = 0): Promise<void> {
    const call = {
      function: 'start',
      arguments: { threadId: null, token: null, ...host.arguments, return: { next: 'next', options: 'options' } },
    };
    try {
      const { options } = succeed(await session.transport.call([call], { force: true }));
      storage.set(runningKey, JSON.stringify(options));
      starting = false;
      mount(options as ChatOptions);
      focus();
    } catch (error) {
      const { kind, code, message } = error as { kind?: string; code?: number; message: string };
      if (kind === 'function' || (kind === 'refused' && code !== undefined && code !== 102)) {
        starting = false;
        return failed(code ?? 0, message);
      }
      // The server makes one conversation of however many starts.
      if (attempt === 1) cover('chat/offline', {});
      setTimeout(() => void ask(attempt + 1), Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }

  function begin(): void {
    if (starting) return;
    starting = true;
    chat?.stop();
    chat = undefined;
    storage.remove(runningKey);
    cover('chat/loading', {});
    void ask();
  }

  /** A panel that was open on the page before does not take the focus from this one. */
  function focus(): void {
    if (host.open() && (navigator.userActivation?.hasBeenActive ?? true)) chat?.focus?.();
  }

  const running = read(storage, runningKey);
  if (running) mount(running);

  return {
    shown() {
      if (!chat) begin();
      chat?.shown?.();
      focus();
    },
    hidden() {
      // Somebody who puts an ended conversation away has seen it; the next click begins another.
      if (!over || !chat) return;
      chat.stop();
      chat = undefined;
      storage.remove(runningKey);
    },
  };
}
