/** The outbox in the database. Every change of a state names the version that it saw: of two that decide, one does. */
import { and, asc, desc, eq, inArray, lt, lte, or, sql } from 'drizzle-orm';
import type { Database, Row } from '../database/api.ts';
import type { MailState } from './api.ts';
import { mail, type MailRow } from './tables.ts';

export type MailTableState = MailRow['state'];
export type NewMail = Pick<
  Row<typeof mail>,
  'template' | 'key' | 'by' | 'locale' | 'to' | 'replyTo' | 'subject' | 'body' | 'messageId'
>;

const open = ['queued', 'sending', 'handing'] as const;
const over = ['sent', 'failed', 'logged', 'discarded'] as const;
/** States as the world outside knows them. */
export const stateOf = (state: MailTableState): MailState =>
  state === 'queued' || state === 'sending' || state === 'handing' ? 'waiting' : state;
/** States in the table behind one that the world knows. */
const statesOf = (state: MailState): readonly MailTableState[] => (state === 'waiting' ? open : [state]);

/** How long a server that died keeps others from its mail. */
export const claimFor = 60_000;

export type MailStore = ReturnType<typeof createStore>;

export function createStore(db: Database) {
  const t = db.table(mail);
  const seen = ({ id, version }: Pick<MailRow, 'id' | 'version'>) => and(eq(t.id, id), eq(t.version, version));
  const change = async (row: Pick<MailRow, 'id' | 'version'>, values: Partial<MailRow>): Promise<boolean> => {
    const { affected } = await db.query.update(t).set(values).where(seen(row));
    return affected === 1;
  };
  const byId = async (id: number): Promise<MailRow | undefined> =>
    (await db.query.select().from(t).where(eq(t.id, id)).limit(1))[0];

  return {
    byId,
    change,
    /** Stores a mail once per template and key. */
    async add(fresh: NewMail, now: number): Promise<{ id: number; created: boolean }> {
      const { affected, insertId } = await db.query.insertIgnore(t, { ...fresh, nextAt: now, createdAt: now });
      if (affected === 1) return { id: insertId, created: true };
      const same = and(eq(t.template, fresh.template), eq(t.key, fresh.key!));
      const [first] = await db.query.select({ id: t.id }).from(t).where(same).limit(1);
      // It was tidied away in between: the next call stores it.
      if (!first) throw new Error('the mail under this key went away just now');
      return { id: first.id, created: false };
    },
    /** Takes a mail to work on it, or says when that will be possible. */
    async claim(id: number, now: number): Promise<MailRow | { readonly wait: number } | undefined> {
      const row = await byId(id);
      if (!row || !open.some((state) => state === row.state)) return undefined;
      const from = row.state === 'queued' ? row.nextAt : row.claimedUntil;
      if (from > now) return { wait: from };
      const claimed = {
        state: 'sending',
        version: row.version + 1,
        attempts: row.attempts + 1,
        claimedUntil: now + claimFor,
        // Whoever had it died between the last byte and the note of the answer.
        uncertain: row.uncertain || row.state === 'handing',
      } as const;
      return (await change(row, claimed)) ? { ...row, ...claimed } : { wait: now + claimFor };
    },
    /** Open mails that nobody came back to, e.g. since a server died before it scheduled them. */
    async forgotten(now: number, limit: number): Promise<number[]> {
      const late = or(
        and(eq(t.state, 'queued'), lt(t.nextAt, now)),
        and(inArray(t.state, ['sending', 'handing']), lt(t.claimedUntil, now)),
      );
      const rows = await db.query.select({ id: t.id }).from(t).where(late).orderBy(asc(t.id)).limit(limit);
      return rows.map(({ id }) => id);
    },
    /** Forgets what was settled before a moment. */
    async tidy(before: number, states: readonly MailTableState[] = over): Promise<number> {
      const { affected } = await db.query.delete(t).where(and(lte(t.settledAt, before), inArray(t.state, [...states])));
      return affected;
    },
    async page(state: MailState, page: number, size: number): Promise<MailRow[]> {
      const rows = db.query
        .select()
        .from(t)
        .where(inArray(t.state, [...statesOf(state)]));
      return rows
        .orderBy(desc(t.id))
        .limit(size)
        .offset((page - 1) * size);
    },
    count: (state: MailState): Promise<number> => db.query.count(t, inArray(t.state, [...statesOf(state)])),
    /** Mails that wait and were refused or not reached several times. */
    stuck: (attempts: number): Promise<number> =>
      db.query.count(t, and(eq(t.state, 'queued'), sql`${t.attempts} >= ${attempts}`)),
  };
}
