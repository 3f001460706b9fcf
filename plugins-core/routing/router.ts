/** Gives conversations away, one round at a time and on one node at a time, so that nobody gets more than his limit. */
import type { Locks } from '../cluster/api.ts';
import { threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { AvailabilityService, Operator } from '../operators/api.ts';
import type { RoutingMode, RoutingService } from './api.ts';
import { chosen, loadOf, waitingOf } from './choice.ts';

export interface RouterNeeds {
  readonly threads: Pick<ThreadsService, 'since' | 'assign' | 'visibleTo'>;
  readonly availability: Pick<AvailabilityService, 'online'>;
  readonly locks: Locks;
  readonly rules: Pick<RoutingService, 'modeOf' | 'limitOf'> & {
    /** All modes that are in use. */
    readonly modes: () => readonly RoutingMode[];
  };
  /** Whoever did not react is not asked again for so long, ms. */
  readonly respite: () => number;
  readonly failed: (error: unknown) => void;
}

export interface Router {
  /** Something happened that may give somebody an operator. Does not wait. */
  kick(): void;
  /** Resolves when no round is needed or under way any more. */
  settled(): Promise<void>;
  /** No further rounds. */
  stop(): Promise<void>;
}

/** Where the rounds are. */
interface Now {
  wanted: boolean;
  stopped: boolean;
  work: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

const lockFor = 30_000;
/** Rounds that find the lock taken try again; the other node may have looked before what happened here. */
const pause = 100;

/** All open threads; the list is told in pages. */
async function openThreads(threads: Pick<ThreadsService, 'since'>): Promise<readonly Thread[]> {
  const found = new Map<number, Thread>();
  for (let revision = 0; ;) {
    const page = await threads.since(revision);
    for (const thread of page.threads) found.set(thread.id, thread);
    if (page.revision <= revision || page.threads.length < 1_000) break;
    revision = page.revision;
  }
  const { closed, left, invited } = threadState;
  return [...found.values()].filter(({ state }) => state !== closed && state !== left && state !== invited);
}

export function createRouter(needs: RouterNeeds): Router {
  const { threads, availability, rules } = needs;
  const lastTurns = new Map<number, number>();
  let turn = 0;
  const now: Now = { wanted: false, stopped: false, work: undefined, timer: undefined };

  /** Who is available for a thread, may see it, did not hand it over himself and did not just leave it waiting. */
  async function fittingFor(thread: Thread, available: readonly Operator[]): Promise<readonly Operator[]> {
    const addressed = available.find(({ id }) => id === thread.nextAgent);
    if (addressed) return [addressed];
    const tired = thread.state === threadState.waiting && Date.now() - thread.modifiedAt < needs.respite();
    const fitting: Operator[] = [];
    for (const operator of available) {
      if (operator.id === thread.redirectedBy || (tired && operator.id === thread.agentId)) continue;
      if ((await threads.visibleTo(operator, [thread])).length > 0) fitting.push(operator);
    }
    return fitting;
  }

  async function round(): Promise<void> {
    const open = await openThreads(threads);
    const load = loadOf(open);
    const availableFor = new Map<number, readonly Operator[]>();
    for (const thread of waitingOf(open)) {
      const mode = rules.modeOf(thread.groupId);
      if (mode === 'hand') continue;
      let available = availableFor.get(thread.groupId);
      if (!available) {
        const online = await availability.online(thread.groupId);
        available = online.filter(({ away }) => !away).map(({ operator }) => operator);
        availableFor.set(thread.groupId, available);
      }
      // What waits for somebody by name is in his load already.
      const own = thread.state === threadState.waiting ? thread.nextAgent || thread.agentId : 0;
      const candidates = (await fittingFor(thread, available))
        .map(({ id }) => ({ id, load: (load.get(id) ?? 0) - Number(id === own), lastTurn: lastTurns.get(id) ?? 0 }))
        .filter((one) => {
          const most = rules.limitOf(one.id);
          return most === 0 || one.load < most;
        });
      const next = chosen(mode, candidates);
      const operator = next && available.find(({ id }) => id === next.id);
      if (!operator || !(await threads.assign(thread.id, operator))) continue;
      lastTurns.set(operator.id, ++turn);
      if (own > 0) load.set(own, (load.get(own) ?? 1) - 1);
      load.set(operator.id, (load.get(operator.id) ?? 0) + 1);
    }
  }

  async function run(): Promise<void> {
    while (now.wanted && !now.stopped) {
      now.wanted = false;
      const ran = await needs.locks.run('routing', lockFor, round);
      if (ran || now.stopped) continue;
      now.timer = setTimeout(kick, pause);
      return;
    }
  }

  function kick(): void {
    // Every change of a conversation comes by here, and a round reads all that are open.
    if (rules.modes().every((mode) => mode === 'hand')) return;
    clearTimeout(now.timer);
    now.timer = undefined;
    now.wanted = true;
    now.work ??= run()
      .catch(needs.failed)
      .finally(() => {
        now.work = undefined;
        if (now.wanted && !now.stopped && !now.timer) kick();
      });
  }

  async function settled(): Promise<void> {
    while (now.work) await now.work;
  }

  return {
    kick,
    settled,
    async stop() {
      now.stopped = true;
      clearTimeout(now.timer);
      await settled();
    },
  };
}
