/** The chat inside somebody's page: the launcher gives a place and a visitor, and is told what happens. */
import { createParts, createUi, pageStorage, succeed, toJson } from '../../client/client/index.ts';
import type { Mounted, PageStorage, PartAddresses, Precompiled, Texts, Ui } from '../../client/client/index.ts';
import type { ChatOptions } from './boot.ts';
import type { Outcome } from './context.ts';
import { createScreens } from './screens.ts';
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
  /** Arguments of `open`: url, referrer, locale, group … */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The panel is open. */
  readonly open: () => boolean;
  readonly minimise: () => void;
  readonly unread: (count: number) => void;
  /** Told at first, and whenever the connection has become another one. */
  readonly linked: (link: InlineLink) => void;
}

/** The connection of the chat, for whoever else in the page has something to say to the server. */
interface InlineLink {
  /** A function of the `thread` processor about no thread; `return` is among the arguments. @throws CallFailed */
  call(name: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** Calls of the server. @returns a function that ends it */
  on(name: string, run: (args: Readonly<Record<string, unknown>>) => void): () => void;
  /** There is a socket. */
  readonly live: boolean;
}

export interface InlineOptions {
  readonly host: InlineHost;
  readonly server: { readonly url: string; readonly requestsFrequency: number };
  readonly title: string;
  readonly templates: Precompiled;
  readonly texts: Texts;
  readonly parts: PartAddresses;
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
export function startInline({ host, server, title, templates, texts, parts: addresses }: InlineOptions): InlineChat {
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
  const { transport } = session;
  const link: InlineLink = {
    call: async (name, args) => succeed(await transport.call([{ function: name, arguments: args }], { force: true })),
    on(name, run) {
      const id = transport.registerFunction(name, run);
      return () => transport.unregisterFunction(id);
    },
    get live() {
      const { connection, carrier } = transport.status.get();
      return connection === 'online' && carrier === 'socket';
    },
  };
  transport.status.subscribe(() => host.linked(link));
  host.linked(link);
  const screens = createScreens({
    place: host.place,
    ui,
    parts: createParts(addresses, host.place),
    transport: session.transport,
    drafts,
    title,
    inline: true,
    get arguments() {
      return host.arguments;
    },
    done: go,
    finished: () => (over = true),
    again: begin,
    minimise: host.minimise,
  });
  let chat: Mounted | undefined;
  /** Something stands in the panel: a conversation, a screen, or the attempt to get there. */
  let busy = false;
  let over = false;

  function mount(options: ChatOptions): void {
    let current = options;
    busy = true;
    over = false;
    screens.stop();
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
      base: server.url,
      title: options.page?.title ?? title,
      parts: addresses,
      options: { ...options },
      visible: host.open,
      unread: host.unread,
      minimise: host.minimise,
      again: begin,
      renamed(name) {
        current = { ...current, user: { ...current.user, name } };
        storage.set(runningKey, toJson(current));
      },
      stateChanged(ended, failed) {
        over = ended || failed;
      },
    });
  }

  function go({ next, options }: Outcome): void {
    if (next !== 'chat') return screens.show({ next, options });
    storage.set(runningKey, toJson(options));
    mount(options as unknown as ChatOptions);
    focus();
  }

  function failed(code: number, message: string): void {
    const key = `chat.visitor.start.${code}`;
    const known = ui.text(key);
    screens.failed(known === key ? message : known, begin);
  }

  async function ask(mine: number, attempt = 0): Promise<void> {
    const call = {
      function: 'open',
      arguments: { threadId: null, token: null, ...host.arguments, return: { next: 'next', options: 'options' } },
    };
    try {
      const result = succeed(await session.transport.call([call], { force: true }));
      if (mine === turn) go(result as unknown as Outcome);
    } catch (error) {
      if (mine !== turn) return;
      const { kind, code, message } = error as { kind?: string; code?: number; message: string };
      if (kind === 'function' || (kind === 'refused' && code !== undefined && code !== 102))
        return failed(code ?? 0, message);
      // The server makes one conversation of however many attempts.
      if (attempt === 1) screens.cover('chat/offline', {});
      setTimeout(() => void ask(mine, attempt + 1), Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }

  let turn = 0;
  function begin(): void {
    end();
    busy = true;
    screens.cover('chat/loading', {});
    void ask(++turn);
  }

  function end(): void {
    chat?.stop();
    chat = undefined;
    busy = over = false;
    storage.remove(runningKey);
  }

  /** A panel that was open on the page before does not take the focus from this one. */
  function focus(): void {
    if (host.open() && (navigator.userActivation?.hasBeenActive ?? true)) (chat ?? screens).focus?.();
  }

  const running = read(storage, runningKey);
  if (running) mount(running);

  return {
    shown() {
      if (!busy) begin();
      chat?.shown?.();
      focus();
    },
    hidden() {
      // Somebody who puts an ended conversation away has seen it; the next click begins another.
      if (!over) return;
      screens.stop();
      end();
    },
  };
}
