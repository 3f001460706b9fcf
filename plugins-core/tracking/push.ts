/** Tells the visitor board of changes over sockets: one look per burst, however many operators watch. */
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import type { ReceiveVisitors, TrackedVisitor, WireVisitor } from './api.ts';
import type { Listing, Listings } from './listing.ts';
import type { Known } from './known.ts';

export interface PushNeeds {
  readonly listings: Listings;
  readonly realtime: Pick<RealtimeService, 'publish' | 'count'>;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly failed: (error: unknown) => void;
}
export interface Push {
  /** This operator has a socket that listens, and was told these rows. */
  join(operatorId: number, told: Listing): void;
  /** Something about him is to be told soon: what he is, or whether he is there. */
  changed(known: Known): void;
  /** Has boards ask at once: they are told that there is nobody to answer, and join again when there is. */
  stop(): void;
}

export const boardTopic = (operatorId: number): string => `tracking:board:${operatorId}`;
/** As a total: no board agrees with it, so each asks. */
const unknown = -1;
/** Changes within this time travel together, ms. */
const burst = 250;

export function createPush({ listings, realtime, operators, failed }: PushNeeds): Push {
  /** What the sockets of an operator show; undefined: all who are listed. */
  const listeners = new Map<number, ReadonlySet<number> | undefined>();
  let dirty = new Set<Known>();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  const idsOf = (list: readonly TrackedVisitor[]) => new Set(list.map(({ id }) => id));

  function tellWho(agentId: number, news: Omit<ReceiveVisitors, 'agentId'>): void {
    realtime.publish(boardTopic(agentId), [{ function: 'receiveVisitors', arguments: { agentId, ...news } }]);
  }
  function publish(agentId: number, visitors: readonly WireVisitor[], gone: readonly number[], total: number): void {
    if (visitors.length > 0 || gone.length > 0) tellWho(agentId, { visitors, gone, total });
  }

  /** Those who are another row than before, or none any more. */
  async function tellAll(operator: Operator, changes: ReadonlySet<Known>, total: number): Promise<void> {
    const listed: Known[] = [];
    const gone: number[] = [];
    for (const known of changes)
      if (known.listed) listed.push(known);
      else gone.push(known.id);
    publish(operator.id, await listings.rowsFor(operator.id, listed), gone, total);
  }

  /** The same where an operator is shown a part: whoever left it is gone to him, and others take his place. */
  async function tellPart(
    operator: Operator,
    before: ReadonlySet<number>,
    changes: ReadonlySet<Known>,
    { visitors, total }: Listing,
  ): Promise<ReadonlySet<number>> {
    const changed = new Set<number>();
    for (const { id } of changes) changed.add(id);
    const after = idsOf(visitors);
    const fresh = visitors.filter(({ id }) => changed.has(id) || !before.has(id));
    const gone = new Set<number>();
    for (const id of [...before, ...changed]) if (!after.has(id)) gone.add(id);
    publish(operator.id, await listings.rowsFor(operator.id, fresh), [...gone], total);
    return after;
  }

  async function tell(): Promise<void> {
    const changes = dirty;
    dirty = new Set();
    for (const id of listeners.keys()) if (realtime.count(boardTopic(id)) === 0) listeners.delete(id);
    if (listeners.size === 0) return;
    const part = listings.part();
    for (const [id, before] of listeners) {
      const operator = await operators.byId(id);
      if (!operator) continue;
      const own = (await listings.loaded(operator)) ?? part;
      if (!own && !before) await tellAll(operator, changes, listings.total);
      else {
        // From all to a part and back: what he has is known, or is everybody.
        const after = own ?? listings.everybody();
        const had = before ?? idsOf([...listings.everybody().visitors, ...changes]);
        const now = await tellPart(operator, had, changes, after);
        if (listeners.has(id)) listeners.set(id, own ? now : undefined);
      }
    }
  }

  async function run(): Promise<void> {
    timer = undefined;
    running = true;
    await tell().catch(failed);
    running = false;
    if (dirty.size > 0) soon();
  }

  function soon(): void {
    if (!running) timer ??= setTimeout(() => void run(), burst);
  }

  return {
    join(operatorId, { visitors, part }) {
      const before = listeners.get(operatorId);
      // His other windows may show rows that this one was not told of: they are told as gone when they are.
      const shown = part ? new Set([...(before ?? []), ...idsOf(visitors)]) : undefined;
      listeners.set(operatorId, shown);
    },
    changed(known) {
      listings.look(known);
      if (listeners.size === 0) return;
      dirty.add(known);
      soon();
    },
    stop() {
      clearTimeout(timer);
      for (const id of listeners.keys()) tellWho(id, { visitors: [], gone: [], total: unknown });
      listeners.clear();
      dirty.clear();
    },
  };
}
