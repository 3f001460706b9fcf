/** A message core without a server: a real database, the rest in memory, everything that is told kept in lists. */
import type { Cluster, Json, PresenceEntry } from '../../cluster/api.ts';
import type { Database } from '../../database/api.ts';
import type { OpenTestDatabase } from '../../database/testing.ts';
import type { Operator } from '../../operators/api.ts';
import type { ClientCall } from '../../rpc/api.ts';
import type { Message, StartInput, Thread, Visitor } from '../api.ts';
import { createCore, type ChatHooks } from '../core.ts';
import { createPresence } from '../presence.ts';
import { createPush, type Push } from '../push.ts';
import { ensureRevisionRow } from '../statements.ts';
import * as tables from '../tables.ts';
import { createThreads, type ThreadsNeeds } from '../threads.ts';
import { createSay } from '../transitions.ts';
import { createVisitors, makeSecret } from '../visitors.ts';

export function memoryCluster(): Cluster & {
  entries: Map<string, { at: number; until: number; value: Json | undefined }>;
  since: number;
  silent: boolean;
} {
  const receivers = new Map<string, Set<(message: Json) => void>>();
  const entries = new Map<string, { at: number; until: number; value: Json | undefined }>();
  const read = (key: string): PresenceEntry | undefined => {
    const entry = entries.get(key);
    return entry && { at: entry.at, present: Date.now() < entry.until, value: entry.value };
  };
  const world = {
    nodeId: 'one',
    entries,
    since: 0,
    silent: false,
    bus: {
      shared: false,
      connected: true,
      publish(topic: string, message: Json) {
        if (world.silent) return;
        for (const receive of receivers.get(topic) ?? []) receive(message);
      },
      subscribe(topic: string, receive: (message: Json) => void) {
        receivers.set(topic, (receivers.get(topic) ?? new Set()).add(receive));
        return () => void receivers.get(topic)?.delete(receive);
      },
      onConnection: () => () => undefined,
    },
    presence: {
      touch(key: string, ttl: number, value?: Json) {
        entries.set(key, { at: Date.now(), until: Date.now() + ttl, value });
      },
      get: read,
      getMany: (keys: readonly string[]) => keys.map(read),
      remove: (key: string) => void entries.delete(key),
      get reliableSince() {
        return world.since;
      },
    },
    locks: {
      async run(_name: string, _ttl: number, work: () => Promise<void>) {
        await work();
        return true;
      },
    },
  };
  return world;
}

export const operator = (id: number, name: string, permissions: readonly string[] = []): Operator => ({
  id,
  name,
  commonName: name,
  login: name.toLowerCase(),
  email: `${name}@example.com`,
  permissions,
  disabled: false,
  code: name.toLowerCase(),
  avatar: '',
});

export const ann = operator(3, 'Ann');
export const bob = operator(4, 'Bob', ['takeover']);

const defaults = {
  title: 'Shop',
  hosturl: '',
  logo: '',
  email: '',
  chattitle: 'Live Support',
  sendmessagekey: 'center' as const,
  usercanchangename: true,
  max_connections_from_one_host: 0,
  thread_lifetime: 600,
  connection_timeout: 30,
  disconnect_grace: 0,
  updatefrequency_chat: 2,
  message_max_length: 4000,
  message_rate: 0,
  start_rate: 0,
};

export type Settings = { -readonly [K in keyof typeof defaults]: (typeof defaults)[K] };

/** What the sockets of a topic were sent. */
export interface Pushed {
  readonly topic: string;
  readonly function: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export async function createWorld(
  database: Database,
  options: {
    hooks?: Partial<ChatHooks>;
    settings?: Partial<Settings>;
    cluster?: ReturnType<typeof memoryCluster>;
  } = {},
) {
  await ensureRevisionRow(database);
  const told = {
    posted: [] as Message[],
    created: [] as Thread[],
    changed: [] as Thread[],
    taken: [] as Thread[],
    redirected: [] as Thread[],
    closed: [] as Thread[],
    ready: [] as Thread[],
  };
  const hooks: ChatHooks = {
    mayPost: async () => undefined,
    filter: async (draft) => draft,
    loaded: async (messages) => messages,
    posted: (message) => void told.posted.push(message),
    created: (thread) => void told.created.push(thread),
    changed: ({ thread }) => void told.changed.push(thread),
    taken: ({ thread }) => void told.taken.push(thread),
    redirected: ({ thread }) => void told.redirected.push(thread),
    closed: (thread) => void told.closed.push(thread),
    ready: (thread) => void told.ready.push(thread),
    ...options.hooks,
  };
  const cluster = options.cluster ?? memoryCluster();
  const settings: Settings = { ...defaults, ...options.settings };
  const core = createCore(database, cluster, hooks);
  const presence = createPresence(cluster, settings);
  const visitors = createVisitors(core);
  const online = new Set<number>();
  /** What plugins answer; a test puts its own answers here. */
  const asked = {
    mayStart: (async () => undefined) as ThreadsNeeds['mayStart'],
    beforeStart: (async () => undefined) as ThreadsNeeds['beforeStart'],
    prepare: (async (preparation) => preparation) as ThreadsNeeds['prepare'],
    visible: (async (list) => list) as ThreadsNeeds['visible'],
  };
  const speech = {
    say: createSay((locale, key, args = {}) => [locale, key, ...Object.values(args)].join(' ')),
    nameOf: (one: Operator) => one.name,
  };
  const threads = createThreads({
    core,
    visitors,
    presence,
    settings,
    speech,
    availability: { hasOnlineOperators: async () => online.size > 0, isOnline: async (id) => online.has(id) },
    operators: { list: async () => [ann, bob], can: (one, permission) => one.permissions.includes(permission) },
    guest: () => 'Guest',
    locale: (asked) => asked ?? 'en',
    options: async (thread) => ({ thread: { id: thread.id, token: thread.token } }),
    coming: async (input) => input,
    mayStart: async (visitor, input) => asked.mayStart(visitor, input),
    beforeStart: async (beginning) => asked.beforeStart(beginning),
    prepare: async (preparation, about) => asked.prepare(preparation, about),
    visible: async (list, one) => asked.visible(list, one),
  });
  const input: StartInput = { remote: '192.0.2.7', userAgent: 'test', locale: 'en' };
  return {
    core,
    threads,
    visitors,
    presence,
    settings,
    speech,
    cluster,
    told,
    online,
    asked,
    input,
    visitor: (): Promise<Visitor> => visitors.bySecret(makeSecret()),
    /** A new visitor in a new thread. */
    async thread(with_: Partial<StartInput> = {}): Promise<Thread> {
      const { thread } = await threads.start(await visitors.bySecret(makeSecret()), { ...input, ...with_ });
      return thread as Thread;
    },
    stored: (id: number) => core.sql.messagesAfter.all({ id, after: 0, limit: 100_000 }),
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

export const allTables = Object.values(tables);

/** Sockets that remember what they were sent. */
export function listen(
  world: World,
  nodeId = world.cluster.nodeId,
): {
  stop(): void;
  readonly pushed: Pushed[];
  readonly push: Push;
  join(thread: Thread, side: 'user' | 'agent', id?: number): void;
  idle(): Promise<void>;
} {
  const topics = new Set<string>();
  const pushed: Pushed[] = [];
  const push = createPush({
    core: world.core,
    presence: world.presence,
    realtime: {
      count: (topic) => (topics.has(topic) ? 1 : 0),
      publish(topic, calls: readonly ClientCall[]) {
        if (topics.has(topic)) for (const call of calls) pushed.push({ topic, ...call });
        return topics.has(topic) ? 1 : 0;
      },
      leave(topic, others) {
        if (topics.has(topic)) for (const other of others) topics.delete(other);
      },
    },
    sight: async (id, thread) => {
      const who = [ann, bob].find((one) => one.id === id);
      return who && (await world.threads.visibleTo(who, [thread])).length > 0 ? 'messages' : 'nothing';
    },
    bus: world.cluster.bus,
    nodeId,
    failed: (error) => {
      throw error;
    },
  });
  const stop = push.listen();
  const session = {
    id: 's',
    subscribe: (topic: string) => void topics.add(topic),
    unsubscribe: (topic: string) => void topics.delete(topic),
  };
  return {
    pushed,
    push,
    stop,
    join: (thread, side, id) => push.join(session, thread, side, id),
    idle: () => push.settled(),
  };
}

export const open = async (
  openDatabase: OpenTestDatabase,
  options?: Parameters<typeof createWorld>[1],
): Promise<World> => createWorld(await openDatabase(allTables), options);
