/** Visitors: each is one secret, kept as a hash, and a public id that says nothing about it. */
import { createHash, randomBytes } from 'node:crypto';
import type { Visitor, VisitorsService } from './api.ts';
import type { Core } from './core.ts';
import { Lru } from './lru.ts';
import { insertVisitor } from './statements.ts';

/** Cookie of first-party pages. */
export const visitorCookie = 'MibewVisitor';
const shape = /^[A-Za-z0-9_-]{43}$/;

export const isSecret = (text: string | undefined): text is string => text !== undefined && shape.test(text);
export const makeSecret = (): string => randomBytes(32).toString('base64url');
const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export interface Visitors extends VisitorsService {
  /** @param mayCome asked before somebody is made: who is turned away leaves nothing behind */
  bySecret(secret: string, mayCome?: () => Promise<void>): Promise<Visitor>;
  byHash(secretHash: string): Promise<Visitor | undefined>;
  /** After the visitor's row changed. */
  forget(visitor: Pick<Visitor, 'id'>): void;
}

const kept = 20_000;

export function createVisitors(core: Core): Visitors {
  // Rows of visitors hardly change; those that do not exist are asked for each time, they may come to be.
  const known = new Lru<string, Visitor>(kept);
  const hashes = new Lru<number, string>(kept);
  // A browser says its secret with each request; a poll should not pay for hashing it again.
  const hashed = new Lru<string, string>(kept);
  const hashOf = (secret: string): string => {
    const known = hashed.get(secret);
    if (known !== undefined) return known;
    const hash = hashSecret(secret);
    hashed.set(secret, hash);
    return hash;
  };

  async function byHash(secretHash: string): Promise<Visitor | undefined> {
    const cached = known.get(secretHash);
    if (cached) return cached;
    const row = await core.sql.visitorBySecret.first({ secretHash });
    if (!row) return undefined;
    const visitor: Visitor = { id: row.id, userId: row.userId, name: row.name };
    known.set(secretHash, visitor);
    hashes.set(visitor.id, secretHash);
    return visitor;
  }

  return {
    byHash,
    find: async (secret) => (isSecret(secret) ? byHash(hashOf(secret)) : undefined),
    async bySecret(secret, mayCome) {
      if (!isSecret(secret)) throw new TypeError('A secret of a visitor has 43 characters of base64url.');
      const secretHash = hashSecret(secret);
      const found = await byHash(secretHash);
      if (found) return found;
      await mayCome?.().catch(async (error: unknown) => {
        // The same visitor at the same moment took the last place: it is his.
        if (!(await byHash(secretHash))) throw error;
      });
      const userId = randomBytes(12).toString('hex');
      await insertVisitor(core.db, { userId, secretHash, createdAt: Date.now() });
      return (await byHash(secretHash)) as Visitor;
    },
    async reserve() {
      const secretHash = hashSecret(makeSecret());
      const userId = randomBytes(12).toString('hex');
      await insertVisitor(core.db, { userId, secretHash, createdAt: Date.now() });
      return (await byHash(secretHash)) as Visitor;
    },
    async byUserId(userId) {
      const row = await core.sql.visitorByUserId.first({ userId });
      return row && { id: row.id, userId: row.userId, name: row.name };
    },
    forget(visitor) {
      const secretHash = hashes.peek(visitor.id);
      if (secretHash) known.delete(secretHash);
    },
  };
}
