/** Rules of groups and limits of operators: in the database, and in memory for whoever routes. */
import { eq } from 'drizzle-orm';
import { followChanges, type Bus } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import { routingModes, type RoutingMode } from './api.ts';
import { limit, rule } from './tables.ts';

const topic = 'routing.rules';
const isMode = (mode: string): mode is RoutingMode => (routingModes as readonly string[]).includes(mode);

export interface RulesNeeds {
  readonly db: Database;
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onConnection'>;
  readonly failed: (error: unknown) => void;
  /** Told on every node when rules are others now. */
  readonly changed: () => void;
}

export async function createRules({ db, bus, failed, changed }: RulesNeeds) {
  const [rules, limits] = [db.table(rule), db.table(limit)];
  let modes: ReadonlyMap<number, RoutingMode> = new Map();
  let most: ReadonlyMap<number, number> = new Map();

  async function read(): Promise<void> {
    const [ruleRows, limitRows] = [await db.query.select().from(rules), await db.query.select().from(limits)];
    modes = new Map(ruleRows.flatMap(({ groupId, mode }) => (isMode(mode) ? [[groupId, mode] as const] : [])));
    most = new Map(limitRows.map((row) => [row.operatorId, row.most]));
  }
  let queue: Promise<unknown> = Promise.resolve();
  /** One reading after the other, so that the last one to be stored is the one that stays. */
  function load(): Promise<void> {
    const next = queue.then(read);
    queue = next.catch(() => undefined);
    return next;
  }
  async function tell(): Promise<void> {
    await load();
    bus.publish(topic, null);
  }
  await load();

  return {
    modes: () => modes,
    limits: () => most,
    async setRule(groupId: number, mode: RoutingMode | undefined): Promise<void> {
      if (mode === undefined) await db.query.delete(rules).where(eq(rules.groupId, groupId));
      else await db.query.upsert(rules, { groupId, mode }, { target: [rules.groupId], set: { mode } });
      await tell();
    },
    async setLimit(operatorId: number, value: number | undefined): Promise<void> {
      if (value === undefined) await db.query.delete(limits).where(eq(limits.operatorId, operatorId));
      else
        await db.query.upsert(
          limits,
          { operatorId, most: value },
          { target: [limits.operatorId], set: { most: value } },
        );
      await tell();
    },
    /** @returns a function that ends it */
    watch: () => followChanges(bus, topic, () => void load().then(changed, failed)),
  };
}
