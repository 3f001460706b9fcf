/** Tells changes of the queue to sockets at once: one read per burst, however many operators listen. */
import type { ThreadsService } from '../chat/api.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { RealtimeService } from '../realtime/api.ts';
import { type ReceiveThreads, usersTopic } from './api.ts';
import type { Queue } from './queue.ts';

export interface PushNeeds {
  readonly threads: Pick<ThreadsService, 'since'>;
  readonly queue: Pick<Queue, 'prepare' | 'rowsFor'>;
  readonly realtime: Pick<RealtimeService, 'publish' | 'count'>;
  /** Operators as they are by now: what they may do changes while their sockets stay. */
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly failed: (error: unknown) => void;
}

export interface Push {
  /**
   * This operator has a socket that listens. To be called before the queue is read for him, so that no change falls
   * between; the function that it gives wants the revision that he was answered at.
   */
  join(operator: Operator): (head: number) => void;
  /** Something changed: tell it soon. */
  changed(): void;
  stop(): void;
}

/** Changes within this time travel together. */
const burst = 20;
/** With more rows than this the sockets are told to pull instead. */
const rowsAtOnce = 100;

export function createPush({ threads, queue, realtime, operators, failed }: PushNeeds): Push {
  const listeners = new Set<number>();
  let told: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;

  function publish(operatorId: number, rows: ReceiveThreads['threads'], lastRevision: number, after: number) {
    const call: ReceiveThreads = { agentId: operatorId, threads: rows, lastRevision, after };
    realtime.publish(usersTopic(operatorId), [{ function: 'receiveThreads', arguments: { ...call } }]);
  }

  async function tell() {
    for (const id of listeners) if (realtime.count(usersTopic(id)) === 0) listeners.delete(id);
    if (listeners.size === 0) {
      told = undefined;
      return;
    }
    const after = told;
    const { threads: fresh, revision } = await threads.since(after ?? 0);
    if (after !== undefined && revision <= after) return;
    told = revision;
    // Not known what the sockets have, or too much to send: an `after` that they have not reached makes them pull.
    if (after === undefined || fresh.length > rowsAtOnce) {
      for (const id of listeners) publish(id, [], revision, revision);
      return;
    }
    const changes = await queue.prepare(fresh);
    for (const id of listeners) {
      const operator = await operators.byId(id);
      if (operator) publish(id, await queue.rowsFor(operator, changes, after), revision, after);
    }
  }

  async function run() {
    timer = undefined;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await tell();
    } catch (error) {
      // What was not pushed is pulled: from here on nobody knows what the sockets have.
      told = undefined;
      failed(error);
    } finally {
      running = false;
    }
    if (again) {
      again = false;
      schedule();
    }
  }

  function schedule() {
    timer ??= setTimeout(() => void run(), burst);
  }

  return {
    join(operator) {
      listeners.add(operator.id);
      return (head) => {
        if (told === undefined) told = head;
        else if (head < told) {
          // He was answered before the last push and may have missed it: telling it again is harmless.
          told = head;
          schedule();
        }
      };
    },
    changed() {
      if (listeners.size > 0) schedule();
    },
    stop() {
      clearTimeout(timer);
      listeners.clear();
    },
  };
}
