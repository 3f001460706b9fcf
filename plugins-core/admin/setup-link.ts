/** The link with which the first administrator is made: 256 bits, kept as a hash, the newest counts, one hour. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/api.ts';
import { fact } from './tables.ts';

const lifetime = 60 * 60_000;
const name = 'setup-link';
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export interface SetupLinks {
  /** Makes a new link; older ones are dead from now on. @returns its token */
  make(): Promise<string>;
  isAlive(token: string): Promise<boolean>;
  /** Ends this link, not a newer one. */
  end(token: string): Promise<void>;
}

/** @param done whether there is an administrator already: then every link is dead */
export function createSetupLinks(db: Database, done: () => Promise<boolean>): SetupLinks {
  const table = db.table(fact);
  return {
    async make() {
      const token = randomBytes(32).toString('base64url');
      const [value, at] = [hashOf(token), Date.now() + lifetime];
      await db.query.upsert(table, { name, value, at }, { target: [table.name], set: { value, at } });
      return token;
    },
    async isAlive(token) {
      const [row] = await db.query.select().from(table).where(eq(table.name, name)).limit(1);
      if (!row || row.at <= Date.now()) return false;
      return timingSafeEqual(Buffer.from(row.value), Buffer.from(hashOf(token))) && !(await done());
    },
    async end(token) {
      await db.query.delete(table).where(and(eq(table.name, name), eq(table.value, hashOf(token))));
    },
  };
}
