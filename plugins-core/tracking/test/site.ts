/** Contacts without a server: a real database, a clock of the test, everything that is told kept in lists. */
import { createRate } from '../../chat/api.ts';
import type { Thread } from '../../chat/api.ts';
import type { Database, Transaction } from '../../database/api.ts';
import { nothingToDo, type WidgetAnswer, type WidgetContact, type WidgetResponse } from '../../widget/api.ts';
import type { TrackedVisitor } from '../api.ts';
import { createContact, historyEach, type ContactNeeds } from '../contact.ts';
import { createKept } from '../kept.ts';
import type { Known } from '../known.ts';
import { createLinks } from '../links.ts';
import { createTracking } from '../service.ts';
import { event, page, visitor } from '../tables.ts';
import { createUpkeep } from '../upkeep.ts';
import { createVisitors, makeSecret } from '../visitors.ts';
import { createWriter } from '../writer.ts';

export const allTables = [visitor, page, event];
export const unasked: WidgetAnswer = { ...nothingToDo, next: undefined };

const defaults = {
  trackoperators: false,
  updatefrequency_tracking: 10,
  visitors_limit: 20,
  tracking_lifetime: 600,
  tracking_newcomers: 0,
  tracking_retention: 30,
  tracking_consent: false,
  tracking_respect_dnt: true,
  tracking_identity_secret: '',
  tracking_geoip: '',
};
type Settings = { -readonly [Key in keyof typeof defaults]: (typeof defaults)[Key] };

export const contactOf = (fields: Partial<WidgetContact> = {}): WidgetContact => ({
  carrier: 'json',
  userId: undefined,
  page: 'https://shop.example/',
  title: 'Shop',
  entry: 'https://search.example/?q=shoes',
  locale: 'en',
  silent: false,
  hidden: false,
  invitation: 0,
  rejected: false,
  custom: {},
  operator: false,
  declined: false,
  address: '192.0.2.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  origin: 'https://chat.example',
  session: undefined,
  ...fields,
});

/** Counts what reaches the database. */
function counting(db: Database) {
  const count = { transactions: 0, writes: 0 };
  const counted: Database = Object.assign(Object.create(db) as Database, {
    transaction: <T>(work: (tx: Transaction) => Promise<T>) => {
      count.transactions += 1;
      return db.transaction((tx) =>
        work({
          ...tx,
          run(...args) {
            count.writes += 1;
            return tx.run(...args);
          },
        }),
      );
    },
  });
  return { count, counted };
}

export function createSite(db: Database, options: { readonly most?: number } = {}) {
  const { count, counted } = counting(db);
  const settings: Settings = { ...defaults };
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const threads = new Map<number, Thread>();
  const told = {
    created: [] as number[],
    tracked: [] as boolean[],
    changed: [] as number[],
    deleted: [] as number[],
    stored: [] as number[][],
    full: 0,
  };
  const answering = {
    answered: (async (response) => response) as ContactNeeds['answered'],
  };
  const kept = createKept(counted);
  const byId = { byId: async (id: number) => threads.get(id) };
  const changed = (known: Known) => void told.changed.push(known.id);
  const visitors = createVisitors({
    kept,
    most: options.most ?? 1_000,
    loaded: (known) => links.loaded(known),
    now,
  });
  const failed: unknown[] = [];
  const writer = createWriter({
    write: (batch) => kept.write(batch),
    written: (about) => void told.stored.push(Array.from(about, ({ id }) => id)),
    failed: (error) => void failed.push(error),
  });
  const tracking = createTracking({
    visitors,
    writer,
    kept,
    threads: byId,
    widget: { push: () => 0 },
    linked: changed,
    now,
  });
  const links = createLinks({
    visitors,
    tracking,
    threads: byId,
    chatters: { byUserId: async () => undefined },
    invited: ({ id, invited }) => kept.link(id, { invited }),
    changed,
  });
  const newcomers = createRate(() => settings.tracking_newcomers / 60, 60);
  const hear = createContact({
    visitors,
    writer,
    settings,
    geo: { of: (address) => (address === '192.0.2.99' ? { country: 'SE', city: 'Lund' } : { country: '', city: '' }) },
    newcomers,
    history: createRate(() => (settings.tracking_newcomers * historyEach) / 60, 60),
    changed,
    listens: () => undefined,
    created: ({ id }: TrackedVisitor) => void told.created.push(id),
    tracked: async ({ navigated }) => void told.tracked.push(navigated),
    answered: (response: WidgetResponse, about) => answering.answered(response, about),
    full: () => (told.full += 1),
    failed: (error) => void failed.push(error),
    now,
  });
  const upkeep = createUpkeep({
    visitors,
    writer,
    kept,
    tracking,
    threads: byId,
    settings,
    changed,
    deleted: (ids) => void told.deleted.push(...ids),
    now,
  });
  return {
    db,
    count,
    settings,
    clock,
    threads,
    told,
    answering,
    kept,
    visitors,
    writer,
    tracking,
    links,
    upkeep,
    failed,
    /** A page is heard. */
    contact: (fields: Partial<WidgetContact>) => hear(unasked, contactOf(fields)),
    rows: {
      visitors: () => db.query.select().from(db.table(visitor)),
      pages: () => db.query.select().from(db.table(page)).orderBy(db.table(page).id),
      events: () => db.query.select().from(db.table(event)).orderBy(db.table(event).id),
    },
    secret: makeSecret,
  };
}
export type Site = ReturnType<typeof createSite>;
