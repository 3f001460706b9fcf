import { definePlugin } from '../../kernel/plugin.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { job as jobPoint, jobs } from './api.ts';
import { createJobs } from './service.ts';
import { job } from './tables.ts';

export default definePlugin({
  id: 'jobs',
  needs: { db, cluster },
  provides: [jobs],
  contributes: [tables([job])],
  async setup(ctx) {
    const service = createJobs({
      ...ctx.use,
      failed: (name, error, retryIn) => ctx.log.error({ err: error, job: name, retryIn }, 'a job failed'),
    });
    ctx.provide(jobs, service);
    await ctx.effect(() => service.watch(), 'hear what is scheduled');
    await ctx.collect(jobPoint, (spec) => service.add(spec));
  },
});
