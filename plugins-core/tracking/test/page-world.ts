/** A site with open tabs, and a server behind it that can refuse, fail and push, for the part of the launcher. */
import type { ChatLink, LauncherDoor } from '../../../widget/part.ts';
import type { TrackingFacts } from '../client/page/follow.ts';
import { startTracking, type TrackedPage } from '../client/page/tracking.ts';
import type { PageAnswer, PageSocket, PageWorld } from '../client/page/world.ts';

type Args = Record<string, unknown>;
export interface Contact {
  readonly tab: string;
  readonly carrier: 'socket' | 'stream' | 'post' | 'chat';
  readonly secret: string | undefined;
  readonly args: Args & { readonly custom: Record<string, string> };
}
const empty = { load: {}, handlers: [], dependencies: {}, data: {} };
const packageOf = (name: string, args: Args) =>
  JSON.stringify({
    signature: '',
    proto: '1.0',
    async: true,
    requests: [{ token: 't', functions: [{ function: name, arguments: args }] }],
  });

/** The server and the storage that tabs share. */
export function createSite() {
  const contacts: Contact[] = [];
  /** Whatever left a page: openings of sockets and requests. */
  const requests: string[] = [];
  const storage = new Map<string, string>();
  const channels = new Set<{ readonly name: string; hear(text: string): void }>();
  const site = {
    contacts,
    requests,
    storage,
    sockets: 'ok' as 'ok' | 'refused' | 'forbidden' | 'silent' | number,
    posts: 'ok' as 'ok' | 'down' | number,
    streams: true,
    channels: true,
    retryAfter: undefined as string | undefined,
    /** Answers a contact; `undefined`: it stays without an answer. */
    answer: (_args: Args): Args | undefined => ({ ...empty, next: 10 }),
    open: new Set<{ readonly tab: string; push(name: string, args?: Args): void; cut(code?: number): void }>(),
    running: new Set<{ readonly tab: string; push(name: string, args?: Args): void; cut(): void }>(),
    push(name: string, args: Args = {}) {
      for (const each of [...site.open, ...site.running]) each.push(name, args);
    },
    tab,
  };

  function heard(tab: string, carrier: Contact['carrier'], secret: string | undefined, text: string) {
    const { requests: asked } = JSON.parse(text) as { requests: { functions: { arguments: Args }[] }[] };
    const args = asked[0]!.functions[0]!.arguments as Contact['args'];
    contacts.push({ tab, carrier, secret, args });
    const answer = site.answer(args);
    return answer && packageOf('result', { errorCode: 0, ...answer });
  }

  function openSocket(tab: string): PageSocket {
    requests.push('socket');
    if (site.sockets === 'forbidden') throw new Error('SecurityError');
    let over = false;
    let secret: string | undefined;
    const later = (name: 'onopen' | 'onmessage' | 'onclose', event: object = {}) =>
      queueMicrotask(() => {
        if (!over || name === 'onclose') (socket[name] as ((event: object) => void) | null)?.(event);
      });
    const end = (code: number) => {
      over = true;
      site.open.delete(handle);
      later('onclose', { code });
    };
    const handle = {
      tab,
      push: (name: string, args: Args = {}) => later('onmessage', { data: packageOf(name, args) }),
      cut: (code = 1006) => end(code),
    };
    const socket: PageSocket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      close() {
        over = true;
        site.open.delete(handle);
      },
      send(text) {
        if (over || site.sockets === 'silent') return;
        if (text === '') return later('onmessage', { data: '' });
        if (secret === undefined) {
          secret = (JSON.parse(text) as { hello: { visitor: string } }).hello.visitor;
          if (typeof site.sockets === 'number') return end(site.sockets);
          site.open.add(handle);
          return later('onmessage', { data: JSON.stringify({ hello: { heartbeat: 20 } }) });
        }
        const answer = heard(tab, 'socket', secret, text);
        if (answer) later('onmessage', { data: answer });
      },
    };
    if (site.sockets === 'refused') end(1006);
    else later('onopen');
    return socket;
  }

  const fetchOf = (tab: string): PageWorld['fetch'] =>
    async function fetch(_address, { headers, body, signal }): Promise<PageAnswer> {
      requests.push('post');
      if (site.posts === 'down') throw new TypeError('Failed to fetch');
      const plain = (status: number, text: string): PageAnswer => ({
        status,
        headers: { get: (name) => (name === 'Retry-After' ? (site.retryAfter ?? null) : null) },
        body: null,
        text: async () => text,
      });
      if (typeof site.posts === 'number') return plain(site.posts, '{"error":{"code":1}}');
      const wants = headers['Accept'] === 'text/event-stream' && site.streams;
      const answer = heard(tab, wants ? 'stream' : 'post', headers['X-Mibew-Visitor'], body!);
      const hang = () => new Promise<never>((_, failed) => signal.addEventListener('abort', () => failed(new Error())));
      if (!answer) return hang();
      if (!wants) return plain(200, answer);
      let give: () => void = () => undefined;
      const parts = [`data: ${answer}\n`, '\n:\n\n'];
      let over = false;
      const write = (text: string) => {
        parts.push(text);
        give();
      };
      const handle = {
        tab,
        push: (name: string, args: Args = {}) => write(`data: ${packageOf(name, args)}\n\n`),
        cut() {
          over = true;
          site.running.delete(handle);
          give();
        },
      };
      site.running.add(handle);
      signal.addEventListener('abort', () => handle.cut());
      const read = async (): Promise<{ done: boolean; value?: Uint8Array }> => {
        while (parts.length === 0) {
          if (over) return { done: true };
          await new Promise<void>((done) => (give = done));
        }
        return { done: false, value: new TextEncoder().encode(parts.shift()) };
      };
      return {
        ...plain(200, ''),
        headers: { get: (name) => (name === 'Content-Type' ? 'text/event-stream' : null) },
        body: { getReader: () => ({ read }) },
      };
    };

  function tab(name = 'a', { start = true, facts = { poll: 10, consent: false, dnt: true } } = {}) {
    const place = { address: `https://shop.example/${name}`, title: 'Shop', entry: '', hidden: false };
    let changed: (what: 'path' | 'sight' | 'leave') => void = () => undefined;
    const world: PageWorld = {
      fetch: fetchOf(name),
      openSocket: () => openSocket(name),
      openChannel(channel, hear) {
        if (!site.channels) return undefined;
        const own = { name: channel, hear };
        channels.add(own);
        return {
          post: (text) => {
            for (const each of channels)
              if (each !== own && each.name === channel) queueMicrotask(() => channels.has(each) && each.hear(text));
          },
          close: () => void channels.delete(own),
        };
      },
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
      now: () => Date.now(),
      random: Math.random,
      place: () => place,
      declined: () => tabs.declined,
      onChange: (listener) => void (changed = listener),
    };
    const page: TrackedPage & Record<string, unknown> = {};
    const consent: ((given: boolean) => void)[] = [];
    const chatListeners: ((chat: ChatLink | undefined) => void)[] = [];
    let chat: ChatLink | undefined;
    const loads: { address: string; done(): void; failed(): void }[] = [];
    const tabs = {
      name,
      place,
      page,
      loads,
      begun: [] as Record<string, string>[],
      declined: false,
      consented: true,
      /** Functions that the part added to `Mibew`. */
      functions: {} as Record<string, (...args: unknown[]) => unknown>,
      agree(given: boolean) {
        tabs.consented = given;
        for (const each of consent) each(given);
      },
      change(what: 'path' | 'sight' | 'leave', next: Partial<typeof place> = {}) {
        Object.assign(place, next);
        changed(what);
      },
      /** A chat in this page; undefined: it is gone. */
      chat(next: ChatLink | undefined) {
        chat = next;
        for (const each of chatListeners) each(next);
      },
      start: () => startTracking(door, world, page),
    };
    const door: LauncherDoor<TrackingFacts> = {
      facts,
      base: 'https://chat.example/',
      locale: 'en',
      rtl: false,
      css: '',
      data: {},
      shelf: {
        get: (key) => storage.get(key) ?? null,
        set: (key, value) => void (value === null ? storage.delete(key) : storage.set(key, value)),
        keys: () => [],
      },
      consented: () => tabs.consented,
      onConsent: (listener) => void consent.push(listener),
      load: (address) =>
        new Promise((done, failed) => {
          loads.push({ address, done, failed: () => failed(new Error()) });
        }),
      extend: (functions) => void Object.assign(tabs.functions, functions),
      on: () => () => undefined,
      open: () => undefined,
      chat: () => chat,
      onChat: (listener) => void chatListeners.push(listener),
      begin: (fields) => void tabs.begun.push(fields),
    };
    if (start) tabs.start();
    return tabs;
  }

  /** An open chat whose socket works. */
  function chatLink(tab: string) {
    const listeners = new Map<string, (args: Args) => void>();
    const link = {
      live: true,
      works: true,
      call: async (_name: string, args: Args) => {
        if (!link.works) throw new Error('no');
        contacts.push({ tab, carrier: 'chat', secret: String(args['userId']), args: args as Contact['args'] });
        return { errorCode: 0, ...site.answer(args) };
      },
      on(name: string, run: (args: Args) => void) {
        listeners.set(name, run);
        return () => void listeners.delete(name);
      },
      push: (name: string, args: Args = {}) => listeners.get(name)?.(args),
      listeners,
    };
    return link;
  }
  return Object.assign(site, { chatLink });
}
