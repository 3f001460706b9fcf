/** Open pages are told of an invitation at once, on whichever node they are. */
import type { Thread, ThreadsService } from '../chat/api.ts';
import type { Cluster, Json } from '../cluster/api.ts';
import type { TrackedVisitor, TrackingService } from '../tracking/api.ts';
import { closed, type Answers } from './answers.ts';

export interface PagesToldNeeds {
  readonly cluster: Pick<Cluster, 'bus' | 'nodeId'>;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly tracking: Pick<TrackingService, 'byId' | 'tell'>;
  readonly answers: Pick<Answers, 'shown'>;
  /** In front of addresses; `''` where nobody knows how pages reach the server. */
  readonly origin: string;
  readonly failed: (error: unknown) => void;
}
export interface PagesTold {
  created(thread: Thread, visitor: TrackedVisitor): Promise<void>;
  over(thread: Thread, trackedId: number): void;
  /** Tells the pages of this node what happened at others. @returns a function that ends it */
  follow(): () => void;
}

/** Numbers alone: each node makes the ticket itself. */
interface Told {
  readonly node: string;
  readonly thread: number;
  readonly visitor: number;
  readonly over: boolean;
}
const topic = 'invitation.told';

export function createPagesTold(needs: PagesToldNeeds): PagesTold {
  const { threads, tracking, answers, origin, failed } = needs;
  const { bus, nodeId } = needs.cluster;

  const tellOthers = (thread: number, visitor: number, over: boolean) => {
    if (bus.shared) bus.publish(topic, { node: nodeId, thread, visitor, over });
  };
  async function show(thread: Thread, visitor: TrackedVisitor): Promise<void> {
    const response = await answers.shown(thread, { locale: visitor.locale, silent: false, origin });
    if (response) tracking.tell(visitor.id, response);
  }
  async function hear({ node, thread: threadId, visitor: id, over }: Told): Promise<void> {
    if (node === nodeId) return;
    if (over) {
      tracking.tell(id, closed);
      return;
    }
    const [thread, visitor] = [await threads.byId(threadId), await tracking.byId(id)];
    if (thread && visitor) await show(thread, visitor);
  }

  return {
    async created(thread, visitor) {
      tellOthers(thread.id, visitor.id, false);
      await show(thread, visitor);
    },
    over({ id }, trackedId) {
      tellOthers(id, trackedId, true);
      tracking.tell(trackedId, closed);
    },
    follow: () => bus.subscribe(topic, (message: Json) => void hear(message as unknown as Told).catch(failed)),
  };
}
