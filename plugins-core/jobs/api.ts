/** Work that happens by itself: recurring jobs, and one-off jobs that survive a restart. One node at a time. */
import type { Json } from '../cluster/api.ts';
import { definePoint, defineService } from '../../kernel/tokens.ts';

/** A job under a name. Recurring when `every` is given; otherwise it runs when somebody schedules it. */
export interface JobSpec {
  /** `<plugin>.<what>`, e.g. `chat.close-old`. */
  readonly name: string;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly every?: number;
  /** Must be safe to repeat: a node may die after the work and before the note that it was done. */
  run(payload: Json | undefined): Promise<void>;
}
/** Contributes a job. @example contributes: [job({ name: 'chat.close-old', every: 10_000, run: closeOld })] */
export const job = definePoint<JobSpec>('jobs.job', { required: true });

export interface JobsService {
  /** Stores a one-off job. `key` makes it unique per name: scheduling again replaces it. @param at ms since the epoch */
  schedule(name: string, at: number, payload?: Json, key?: string): Promise<void>;
  cancel(name: string, key: string): Promise<void>;
  /** Runs a recurring job now (tests, command line). */
  runNow(name: string): Promise<void>;
}
export const jobs = defineService<JobsService>('jobs');
