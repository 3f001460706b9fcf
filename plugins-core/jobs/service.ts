/** All jobs of this node. */
import type { Cluster } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import type { JobsService, JobSpec } from './api.ts';
import type { Runner, RunnerParts } from './runner.ts';
import { createRunner } from './runner.ts';
import { createStore } from './store.ts';

const topic = 'jobs.scheduled';

export interface JobsParts {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly failed: RunnerParts['failed'];
}
export interface RunningJobs extends JobsService {
  /** @returns the way back, which waits for the run that is going on */
  add(spec: JobSpec): () => Promise<void>;
  /** Hears what other nodes schedule. @returns a function that ends it */
  watch(): () => void;
}

export function createJobs({ db, cluster, failed }: JobsParts): RunningJobs {
  const store = createStore(db);
  const runners = new Map<string, { spec: JobSpec; runner: Runner }>();

  return {
    add(spec) {
      if (runners.has(spec.name)) throw new Error(`there already is a job "${spec.name}"`);
      if (spec.every !== undefined && !(spec.every > 0))
        throw new Error(`"every" of job "${spec.name}" must be positive`);
      const runner = createRunner(spec, { locks: cluster.locks, store, failed });
      runners.set(spec.name, { spec, runner });
      return async () => {
        runners.delete(spec.name);
        await runner.stop();
      };
    },
    watch: () => cluster.bus.subscribe(topic, (name) => runners.get(name as string)?.runner.wake()),
    async schedule(name, at, payload, key) {
      await store.schedule(name, at, payload, key);
      cluster.bus.publish(topic, name);
    },
    cancel: (name, key) => store.cancel(name, key),
    async runNow(name) {
      const found = runners.get(name);
      if (found?.spec.every === undefined) {
        throw Object.assign(new Error(`there is no recurring job "${name}"`), { code: 'JOB_UNKNOWN' });
      }
      await found.runner.runNow();
    },
  };
}
