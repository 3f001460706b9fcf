/** The service `tracking.tracking`. */
import type { ThreadsService } from '../chat/api.ts';
import type { WidgetService } from '../widget/api.ts';
import type { TrackingService } from './api.ts';
import type { Kept } from './kept.ts';
import { follow, type Known } from './known.ts';
import { isSecret, type Visitors } from './visitors.ts';
import type { Writer } from './writer.ts';

export interface ServiceNeeds {
  readonly visitors: Visitors;
  readonly writer: Pick<Writer, 'flush'>;
  readonly kept: Pick<Kept, 'link' | 'path'>;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly widget: Pick<WidgetService, 'push'>;
  /** Facts that operators see are others, and stored already. */
  readonly linked: (known: Known) => void;
  readonly now: () => number;
}

/** Topic of the open pages of one visitor. */
export const pagesTopic = (id: number): string => `tracking:pages:${id}`;
const usual = 200;

export function createTracking(needs: ServiceNeeds): TrackingService {
  const { visitors, writer, kept, threads, widget, linked, now } = needs;
  return {
    byId: (id) => visitors.byId(id),
    byUserId: async (secret) => (isSecret(secret) ? visitors.bySecret(secret) : undefined),
    ofThread: (threadId) => visitors.byThread(threadId),
    present() {
      const time = now();
      const here: Known[] = [];
      for (const known of visitors.all()) if (known.until > time) here.push(known);
      return here;
    },
    async path(id, limit = usual) {
      await writer.flush();
      return (await kept.path(id, limit)).toReversed();
    },
    async change(id, change) {
      const known = await visitors.byId(id);
      if (!known) return undefined;
      const { threadId = known.threadId, visitorId = known.visitorId } = change;
      const thread = threadId > 0 && threadId !== known.threadId ? await threads.byId(threadId) : undefined;
      await kept.link(id, change);
      const isOther = threadId !== known.threadId;
      visitors.relink(known, threadId, visitorId);
      if (change.userId !== undefined) known.userId = change.userId;
      if (change.name !== undefined) known.name = change.name;
      known.invitations += change.invitations ?? 0;
      known.chats += change.chats ?? 0;
      if (isOther && (thread || threadId === 0)) follow(known, thread);
      linked(known);
      return known;
    },
    tell: (id, response) => widget.push(pagesTopic(id), response),
  };
}
