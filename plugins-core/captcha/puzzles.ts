/** Challenges and their solutions. A challenge is signed, not stored; what is stored is which ones were used. */
import { createHmac } from 'node:crypto';
import { createChallenge, extractParams, verifySolution } from 'altcha-lib/v1';
import { lt } from 'drizzle-orm';
import * as v from 'valibot';
import type { Database } from '../database/api.ts';
import type { CaptchaService } from './api.ts';
import type { Cost } from './cost.ts';
import { solution } from './tables.ts';

export interface PuzzleNeeds {
  readonly db: Database;
  readonly cost: Cost;
  /** The installation's secret: after a restart, and on other nodes, challenges are still ours. */
  readonly secret: string;
  /** The key of an address. */
  readonly network: (address: string) => string;
  readonly now?: () => number;
}

/** How long somebody may take to fill in a form whose challenge was fetched at once. */
const lifetime = 20 * 60_000;
const longest = 2_048;

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const payloadSchema = v.object({
  algorithm: v.literal('SHA-256'),
  challenge: hex,
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  salt: v.pipe(v.string(), v.regex(/^[0-9a-f]{24}\?[\w%=&.-]{1,200}&$/)),
  signature: hex,
});

function read(payload: string | undefined) {
  if (!payload || payload.length > longest) return undefined;
  try {
    const given: unknown = JSON.parse(Buffer.from(payload, 'base64').toString());
    const { success, output } = v.safeParse(payloadSchema, given);
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}

export function createPuzzles({ db, cost, secret, network, now = Date.now }: PuzzleNeeds) {
  const hmacKey = createHmac('sha256', secret).update('captcha').digest('hex');
  const t = db.table(solution);

  const puzzles: Omit<CaptchaService, 'url'> & { forget(): Promise<void> } = {
    async challenge(purpose, address) {
      const maxnumber = cost.next(network(address));
      if (maxnumber === 0) return undefined;
      const expires = new Date(now() + lifetime);
      return createChallenge({ algorithm: 'SHA-256', hmacKey, maxnumber, expires, params: { purpose } });
    },
    async verify(purpose, payload) {
      const given = read(payload);
      if (!given) return false;
      const params = extractParams(given);
      const expiresAt = Number(params['expires']) * 1000;
      if (params['purpose'] !== purpose || !(expiresAt > now())) return false;
      if (!(await verifySolution(given, hmacKey, false))) return false;
      // Of several who bring the same one at the same time one is the first.
      const { affected } = await db.query.insertIgnore(t, { challenge: given.challenge, expiresAt });
      return affected === 1;
    },
    /** Those that ran out are refused without a look; a minute more for nodes whose clocks differ. */
    async forget() {
      await db.query.delete(t).where(lt(t.expiresAt, now() - 60_000));
    },
  };
  return puzzles;
}
