/** Who is not here any more, and what is not kept any longer. */
import { threadState, type ThreadsService } from '../chat/api.ts';
import type { Values } from '../settings/api.ts';
import type { TrackingService } from './api.ts';
import type { Kept } from './kept.ts';
import type { Known } from './known.ts';
import type { trackingSettings } from './settings.ts';
import type { Visitors } from './visitors.ts';
import type { Writer } from './writer.ts';

export interface UpkeepNeeds {
  readonly visitors: Visitors;
  readonly writer: Writer;
  readonly kept: Pick<Kept, 'forgetBefore' | 'forgetPagesBefore' | 'linkedBefore'>;
  readonly tracking: Pick<TrackingService, 'change'>;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly settings: Values<typeof trackingSettings>;
  /** Whether he is here is something else than operators were told. */
  readonly changed: (known: Known) => void;
  /** Hook `tracking.visitors.deleted`. */
  readonly deleted: (ids: readonly number[]) => void;
  readonly now: () => number;
}

const second = 1_000;
const day = 86_400_000;
/** Batches that one run of the job deletes; the rest is for the next. */
const batches = 200;

export function createUpkeep(needs: UpkeepNeeds) {
  const { visitors, writer, kept, tracking, threads, settings, changed, deleted, now } = needs;

  /** Of this node: in memory stay those who were seen lately, or are in a conversation. */
  function sweep(): void {
    const time = now();
    // Where there is hardly room, whoever is not here makes it.
    const lifetime = visitors.full ? 0 : settings.tracking_lifetime * second;
    for (const known of visitors.all()) {
      if (known.until > time) continue;
      if (known.listed && known.threadId === 0) changed(known);
      if (known.threadId > 0 || time - known.lastTime < lifetime) continue;
      if (!writer.idle(known)) continue;
      if (known.stored < known.lastTime) writer.seen(known);
      else {
        visitors.forget(known);
        changed(known);
      }
    }
  }

  /** For all nodes: conversations that ended unheard, and what has been kept for long enough. */
  async function clean(): Promise<void> {
    const unseen = now() - settings.tracking_lifetime * second;
    // Those whose conversations go on stay; the others must get their turn all the same.
    for (let rows = await kept.linkedBefore(unseen, 0); rows.length > 0;) {
      for (const { id, threadId } of rows) {
        const thread = await threads.byId(threadId);
        const isOver = !thread || thread.state === threadState.closed || thread.state === threadState.left;
        if (isOver) await tracking.change(id, { threadId: 0 });
      }
      rows = await kept.linkedBefore(unseen, rows.at(-1)!.id);
    }
    if (settings.tracking_retention === 0) return;
    const before = now() - settings.tracking_retention * day;
    for (let batch = 0; batch < batches; batch += 1) {
      const ids = await kept.forgetBefore(Math.min(before, unseen));
      if (ids.length === 0) break;
      for (const id of ids) {
        const known = visitors.memory(id);
        if (known) visitors.forget(known);
      }
      deleted(ids);
    }
    for (let batch = 0; batch < batches && (await kept.forgetPagesBefore(before)); batch += 1);
  }

  return { sweep, clean };
}
