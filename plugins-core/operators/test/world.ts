/** A small world for tests: accounts and sessions on a real database, with a bus and a presence of this process. */
import type { Bus, Json, Presence } from '../../cluster/api.ts';
import type { TestDatabase } from '../../database/testing.ts';
import { createAccounts } from '../accounts.ts';
import { createAdministration } from '../administration.ts';
import type { NewOperator, Operator } from '../api.ts';
import { createChanges } from '../changes.ts';
import { createPasswords } from '../passwords.ts';
import { corePermissions } from '../permissions.ts';
import { createSessions, type Ended } from '../sessions.ts';
import { guard, operator, session } from '../tables.ts';
import { createAttempts } from '../throttle.ts';

export const allTables = [operator, session, guard];

export const ann: NewOperator = {
  login: 'ann',
  name: 'Ann',
  email: 'ann@example.com',
  password: 'correct horse',
  permissions: ['admin'],
};
export const bob: NewOperator = { login: 'bob', name: 'Bob', email: 'bob@example.com', password: 'battery staple' };

/** Hears itself at once; several nodes may share one. */
export function memoryBus(options: { shared?: boolean } = {}): Bus & { connected: boolean } {
  const receivers = new Map<string, Set<(message: Json) => void>>();
  return {
    shared: options.shared ?? false,
    connected: true,
    publish: (topic, message) => receivers.get(topic)?.forEach((receive) => receive(message)),
    subscribe(topic, receive) {
      const own = receivers.get(topic) ?? new Set();
      receivers.set(topic, own.add(receive));
      return () => own.delete(receive);
    },
    onConnection: () => () => {},
  };
}

export function memoryPresence(now: () => number): Presence {
  const entries = new Map<string, { at: number; until: number; value?: Json }>();
  const get = (key: string) => {
    const entry = entries.get(key);
    return entry && { at: entry.at, present: entry.until > now(), value: entry.value };
  };
  return {
    reliableSince: 0,
    touch: (key, ttl, value) => void entries.set(key, { at: now(), until: now() + ttl, value }),
    get,
    getMany: (keys) => keys.map(get),
    remove: (key) => void entries.delete(key),
  };
}

/** Counts what it is asked, and costs nothing. */
export function countingArgon() {
  const calls = { hash: 0, verify: 0 };
  return {
    calls,
    hash: async (password: string | Uint8Array) => {
      calls.hash += 1;
      return `hash of ${String(password)}`;
    },
    verify: async (hash: string | Uint8Array, password: string | Uint8Array) => {
      calls.verify += 1;
      return hash === `hash of ${String(password)}`;
    },
  };
}

/** One node on a database. */
export async function createNode(db: TestDatabase, bus: Bus = memoryBus()) {
  const argon = countingArgon();
  const changes = createChanges(bus);
  const passwords = createPasswords(argon);
  const created: Operator[] = [];
  const updated: { operator: Operator; original: Operator }[] = [];
  const deleted: number[] = [];
  const renewed: number[] = [];
  const ended: Ended[] = [];
  const files = new Map<string, Uint8Array>();
  const accounts = createAccounts(db, changes, passwords, {
    created: async (one) => void created.push(one),
    updated: async (one, original) => void updated.push({ operator: one, original }),
    deleted: async (id) => void deleted.push(id),
  });
  await accounts.prepare();
  const sessions = createSessions(db, changes, accounts, 'secret', async (one) => void ended.push(one));
  const administration = createAdministration({
    accounts,
    sessions,
    passwords,
    pictures: {
      keep: async (id, bytes) => {
        const name = `${id}-${bytes.byteLength}.png`;
        files.set(name, bytes);
        return name;
      },
      drop: async (name) => void files.delete(name),
    },
    permissions: () => corePermissions,
    passwordChanged: async (id) => void renewed.push(id),
    proofs: createAttempts().of({ free: 2, first: 1_000, longest: 60_000, forget: 3_600_000 }),
    mostBytes: () => 100_000,
  });
  return { db, accounts, administration, sessions, passwords, argon, created, updated, deleted, renewed, ended, files };
}

export const visit = { remember: false, address: '192.0.2.1', userAgent: 'test' } as const;
