/** How each conversation was handed over last: by whom, where to, with which note. */
import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { threadState, type RedirectTarget, type Thread } from '../chat/api.ts';
import type { Database } from '../database/api.ts';
import type { Operator } from '../operators/api.ts';
import { handed as table } from './tables.ts';
import type { Wanted } from './targets.ts';

export interface Handed {
  /** Keeps what is about to be done: before it is, so that nothing is done that is not known of later. */
  put(thread: Thread, operator: Operator, target: RedirectTarget, note: string): Promise<void>;
  /** Did this operator hand the thread over last, to this target and with this note, and does it still wait there? */
  stands(thread: Thread, operator: Operator, wanted: Wanted, note: string): Promise<boolean>;
}

const hash = (note: string) => createHash('sha256').update(note).digest('base64url');

export function createHanded(db: Database): Handed {
  const t = db.table(table);
  const byThread = db.prepare((query) =>
    query
      .select()
      .from(t)
      .where(eq(t.threadId, sql.placeholder('id')))
      .limit(1),
  );

  return {
    async put({ id, groupId }, operator, target, note) {
      const place =
        'group' in target
          ? { nextAgent: 0, groupId: target.group.id }
          : { nextAgent: target.agent.id, groupId: target.groupId ?? groupId };
      const set = { operatorId: operator.id, ...place, noteHash: hash(note) };
      await db.query.upsert(t, { threadId: id, ...set }, { target: [t.threadId], set });
    },
    async stands(thread, operator, wanted, note) {
      if (thread.state !== threadState.waiting || thread.agentId !== 0) return false;
      const last = await byThread.first({ id: thread.id });
      if (last?.operatorId !== operator.id || last.noteHash !== hash(note)) return false;
      if (thread.nextAgent !== last.nextAgent || thread.groupId !== last.groupId) return false;
      const [agent, group] = last.nextAgent === 0 ? [undefined, last.groupId] : [last.nextAgent, undefined];
      return 'agent' in wanted ? wanted.agent === agent : wanted.group === group;
    },
  };
}
