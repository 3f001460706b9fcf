/** Links with which a password can be set: 256 bits, kept as a hash, the newest counts, one hour and one use. */
import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import { link } from './tables.ts';

const lifetime = 60 * 60_000;
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

/** What an address names; it may be anything. */
export interface LinkRef {
  readonly id: number;
  readonly token: string;
}

export interface Links {
  /** Makes a new link; older ones are dead from now on. @returns its token */
  make(operatorId: number): Promise<string>;
  isAlive(ref: LinkRef): Promise<boolean>;
  /**
   * Takes the link, once, and does the work; where the work fails the link is there again.
   * @returns false when there was nothing to take
   */
  use(ref: LinkRef, work: () => Promise<void>): Promise<boolean>;
  /** There is another password, or nobody whose it could be. */
  end(operatorId: number): Promise<void>;
}

export function createLinks(db: Database): Links {
  const table = db.table(link);
  const alive = ({ id, token }: LinkRef) =>
    and(eq(table.operatorId, id), eq(table.tokenHash, hashOf(token)), gt(table.expiresAt, Date.now()));
  const find = async (ref: LinkRef) => (await db.query.select().from(table).where(alive(ref)).limit(1))[0];

  return {
    async make(operatorId) {
      const token = randomBytes(32).toString('hex');
      const row = { tokenHash: hashOf(token), expiresAt: Date.now() + lifetime };
      await db.query.upsert(table, { operatorId, ...row }, { target: [table.operatorId], set: row });
      return token;
    },
    isAlive: async (ref) => (await find(ref)) !== undefined,
    async use(ref, work) {
      const row = await find(ref);
      if (!row) return false;
      // Of two who come at once with the same link one has it.
      if ((await db.query.delete(table).where(alive(ref))).affected === 0) return false;
      try {
        await work();
      } catch (error) {
        await db.query.insertIgnore(table, row);
        throw error;
      }
      return true;
    },
    async end(operatorId) {
      await db.query.delete(table).where(eq(table.operatorId, operatorId));
    },
  };
}
