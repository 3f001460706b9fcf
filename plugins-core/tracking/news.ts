/** What other nodes store: their visitors are in the memory of this one, too, and on its boards. */
import type { Cluster, Json } from '../cluster/api.ts';
import type { Known } from './known.ts';
import type { Visitors } from './visitors.ts';

export interface NewsNeeds {
  readonly cluster: Pick<Cluster, 'bus' | 'nodeId'>;
  readonly visitors: Pick<Visitors, 'reload' | 'relink'>;
  /** Nothing of this visitor waits to be stored here. */
  readonly idle: (known: Known) => boolean;
  readonly changed: (known: Known) => void;
  readonly failed: (error: unknown) => void;
}
interface Told {
  readonly node: string;
  /** Who, and until when he counts as being here. */
  readonly visitors: readonly (readonly [id: number, until: number])[];
}

const topic = 'tracking.visitors.changed';
/** Numbers in one message. */
const atOnce = 500;

export function createNews({ cluster: { bus, nodeId }, visitors, idle, changed, failed }: NewsNeeds) {
  /** What this node is about to store: nobody else knows it yet. */
  function unstored(known: Known): Partial<Known> {
    if (idle(known)) return {};
    const { name, entry, userAgent, remote, country, city, locale } = known;
    const { firstTime, page, pages, visits, attributes, identity, events } = known;
    return {
      name,
      entry,
      userAgent,
      remote,
      country,
      city,
      locale,
      firstTime,
      page,
      pages,
      visits,
      attributes,
      identity,
      events,
    };
  }

  /** What the other node stored is newer; what is kept here alone stays. */
  function take(known: Known, fresh: Known): void {
    visitors.relink(known, fresh.threadId, fresh.visitorId);
    const { lastTime, stored, until, shown, listed, forgotten } = known;
    Object.assign(known, fresh, unstored(known), { until, shown, listed, forgotten });
    known.lastTime = Math.max(lastTime, fresh.lastTime);
    known.stored = Math.max(stored, fresh.stored);
  }

  async function hear({ node, visitors: told }: Told): Promise<void> {
    if (node === nodeId) return;
    const untils = new Map(told);
    await visitors.reload([...untils.keys()], take, (known) => {
      known.until = Math.max(known.until, untils.get(known.id) ?? 0);
      changed(known);
    });
  }

  return {
    tell(all: Iterable<Known>): void {
      if (!bus.shared) return;
      const told = Array.from(all, ({ id, until }) => [id, until] as const);
      for (let at = 0; at < told.length; at += atOnce)
        bus.publish(topic, { node: nodeId, visitors: told.slice(at, at + atOnce) });
    },
    follow: (): (() => void) =>
      bus.subscribe(topic, (message: Json) => void hear(message as unknown as Told).catch(failed)),
  };
}
