/** Joins visitors of the site to their conversations. */
import {
  invitationState,
  threadState,
  type StartInput,
  type Thread,
  type ThreadsService,
  type Visitor,
  type VisitorsService,
} from '../chat/api.ts';
import type { TrackedVisitor, TrackingService } from './api.ts';
import { follow, type Known } from './known.ts';
import { isSecret, type Visitors } from './visitors.ts';

export interface LinksNeeds {
  readonly visitors: Visitors;
  readonly tracking: Pick<TrackingService, 'change'>;
  readonly threads: Pick<ThreadsService, 'byId'>;
  readonly chatters: Pick<VisitorsService, 'byUserId'>;
  /** What became of an invitation is to be kept. */
  readonly invited: (known: Known) => Promise<void>;
  readonly changed: (known: Known) => void;
}

const isOver = ({ state }: Thread) => state === threadState.closed || state === threadState.left;
/** Under which a page tells the chat whom it follows. */
const field = 'user_id';

export function createLinks({ visitors, tracking, threads, chatters, invited, changed }: LinksNeeds) {
  /** Whoever chats: by his thread, else by the browser from which he chatted before. */
  const find = async (thread: Thread): Promise<Known | undefined> =>
    (await visitors.byThread(thread.id)) ?? (await visitors.byVisitor(thread.visitorId));

  return {
    /** Called for each who is taken into memory: his thread may have ended meanwhile. */
    async loaded(known: Known): Promise<void> {
      if (known.threadId === 0) return;
      const thread = await threads.byId(known.threadId);
      follow(known, thread);
      if (!thread || isOver(thread)) known.threadId = 0;
    },
    /** What he is known by here is a secret: it goes no further. */
    async coming(input: StartInput, visitor: Visitor): Promise<StartInput | undefined> {
      const secret = input.fields?.[field];
      if (secret === undefined) return undefined;
      const { [field]: _, ...fields } = input.fields ?? {};
      const known = isSecret(secret) ? await visitors.bySecret(secret) : undefined;
      if (known && known.visitorId !== visitor.id) await tracking.change(known.id, { visitorId: visitor.id });
      // One browser is somebody else on each site: it is this one from which he comes now.
      else if (known) visitors.relink(known, known.threadId, visitor.id);
      return { ...input, fields };
    },
    /** He has a conversation, or has come into the one that he was invited to. */
    async ready(thread: Thread): Promise<TrackedVisitor | undefined> {
      const known = await find(thread);
      if (!known) return undefined;
      const { id: threadId, visitorId, userId } = thread;
      const name = (await chatters.byUserId(userId))?.name;
      // Whoever invites counts what became of it.
      const counted = thread.invitationState === invitationState.accepted ? {} : { chats: 1 as const };
      return tracking.change(known.id, { threadId, visitorId, userId, ...(name && { name }), ...counted });
    },
    async threadChanged(thread: Thread): Promise<void> {
      const known = await visitors.byThread(thread.id);
      if (!known) return;
      const [was, pending] = [known.invited, known.invitation];
      follow(known, thread);
      if (was !== known.invited) await invited(known);
      if (was !== known.invited || pending !== known.invitation) changed(known);
    },
    async threadClosed(thread: Thread): Promise<void> {
      const known = await visitors.byThread(thread.id);
      if (!known) return;
      follow(known, thread);
      await invited(known);
      await tracking.change(known.id, { threadId: 0 });
    },
  };
}
