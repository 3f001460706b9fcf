/** Runs the job of one name: its recurring work, or what was scheduled under it; one at a time. */
import type { Locks } from '../cluster/api.ts';
import type { JobSpec } from './api.ts';
import { nextRunAfter, retryAfter } from './pauses.ts';
import type { DueJob, JobStore } from './store.ts';

export interface RunnerParts {
  readonly locks: Locks;
  readonly store: JobStore;
  readonly failed: (job: string, error: unknown, retryIn: number) => void;
}
export interface Runner {
  /** Something was scheduled: look again. */
  wake(): void;
  /** Runs a recurring job, after the run that may be going on. Rejects when the work does. */
  runNow(): Promise<void>;
  /** Resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** How long a node that died keeps others from its job. */
const claim = 60_000;
/** What other nodes scheduled is seen after this time at the latest. */
const lookAgain = 30_000;
/** A recurring job starts soon after the server did, whatever its pace. */
const firstRun = 5_000;

export function createRunner(spec: JobSpec, { locks, store, failed }: RunnerParts): Runner {
  const { name, every } = spec;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let failures = 0;

  function arm(pause: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void inTurn(tick), Math.max(0, pause));
    timer.unref();
  }

  /** Timer, wake and runNow never overlap. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = running.then(work);
    running = turn.catch(() => {});
    return turn;
  }

  async function tick(): Promise<void> {
    if (stopped) return;
    if (every === undefined) arm(await scheduled());
    else arm(await recurring(every));
  }

  async function recurring(pace: number): Promise<number> {
    try {
      await locks.run(`jobs.${name}`, claim, () => spec.run(undefined));
      failures = 0;
    } catch (error) {
      failures++;
      failed(name, error, nextRunAfter(pace, failures));
    }
    return nextRunAfter(pace, failures);
  }

  async function scheduled(): Promise<number> {
    try {
      let ran = 0;
      for (const one of await store.due(name, Date.now())) {
        const now = Date.now();
        if (stopped) break;
        if (!(await store.claim(one, now, now + claim))) continue;
        await runOne(one);
        ran++;
      }
      // There may be more than one look gives; what is due and not ours, another node works on.
      if (ran > 0) return 0;
      const at = await store.nextAt(name);
      return at === undefined ? lookAgain : Math.min(lookAgain, Math.max(at - Date.now(), 1_000));
    } catch (error) {
      failed(name, error, lookAgain);
      return lookAgain;
    }
  }

  async function runOne(one: DueJob): Promise<void> {
    const renewal = setInterval(() => {
      store.renew(one, Date.now() + claim).catch((error: unknown) => failed(name, error, 0));
    }, claim / 3);
    renewal.unref();
    try {
      await spec.run((one.payload ?? undefined) as Parameters<JobSpec['run']>[0]);
    } catch (error) {
      const pause = retryAfter(one.failures);
      failed(name, error, pause);
      await store.failed(one, Date.now() + pause);
      return;
    } finally {
      clearInterval(renewal);
    }
    await store.done(one);
  }

  arm(every === undefined ? 0 : Math.min(every, firstRun));

  return {
    wake: () => arm(0),
    runNow: () =>
      inTurn(async () => {
        await spec.run(undefined);
      }),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
