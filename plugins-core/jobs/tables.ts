import { defineTable } from '../database/api.ts';

/** One-off jobs that are not done yet. */
export const job = defineTable(
  'jobs_job',
  (c) => ({
    id: c.id(),
    name: c.str(80).notNull(),
    /** Null: as many of the name as were scheduled. */
    key: c.str(120),
    payload: c.json<unknown>(),
    at: c.time().notNull(),
    failures: c.int().notNull().default(0),
    /** Until when some node works on it. */
    claimedUntil: c.time().notNull().default(0),
    /** Changes with each new schedule, so that finishing the old one does not remove the new one. */
    version: c.int().notNull().default(1),
  }),
  { unique: { once: ['name', 'key'] }, index: { due: ['name', 'at'] } },
);
