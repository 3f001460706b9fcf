import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sql } from 'drizzle-orm';
import * as v from 'valibot';
import { commands } from '../../kernel/commands.ts';
import { within } from '../../kernel/flight.ts';
import { definePlugin } from '../../kernel/plugin.ts';
import { kernel, readiness } from '../../kernel/tokens.ts';
import { startWorker } from '../../kernel/worker.ts';
import { describeAddress, parseAddress } from './address.ts';
import { db, tables } from './api.ts';
import { databaseCommands } from './commands.ts';
import { createDatabase } from './database.ts';
import { durabilityWarnings } from './durability.ts';
import { reasonOf } from './failure.ts';
import { migrate } from './migrations.ts';
import { openDriver } from './open.ts';

const url = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      parseAddress(dataset.value, '');
    } catch (error) {
      addIssue({ message: reasonOf(error) });
    }
  }),
);

const config = v.object({
  /** Address of the database; `mibew.db` in the data folder unless set. */
  url: v.optional(url),
});

export default definePlugin({
  id: 'database',
  config: { schema: config, env: { url: 'MIBEW_DATABASE' } },
  needs: { kernel },
  provides: [db],
  async setup(ctx) {
    const { config } = ctx.use.kernel;
    const address = parseAddress(ctx.config.url ?? `sqlite:${join(config.data, 'mibew.db')}`, process.cwd());
    const driver = openDriver(address, (file) => startWorker(Worker, ctx.plugin, 'reader.worker.ts', file));
    await ctx.effect(() => () => driver.close(), 'database connections');
    const database = createDatabase(driver);
    await database.rows(sql`select 1`);
    ctx.log.info({ database: describeAddress(address) }, 'database open');
    for (const warning of await durabilityWarnings(database)) ctx.log.warn({ code: 'DATABASE_NOT_DURABLE' }, warning);
    ctx.provide(db, database);
    // Below the second after which a listener counts as too slow.
    const late = () => new Error('no answer');
    ctx.on(readiness, () =>
      within(database.rows(sql`select 1`), 900, late).then(
        () => undefined,
        () => 'the database does not answer',
      ),
    );
    await ctx.collect(tables, async (specs, owner) => {
      if (specs.length === 0) return;
      for (const spec of specs) database.table(spec);
      const applied = await migrate(driver, owner);
      if (applied.length > 0) ctx.log.info({ owner: owner.id, applied }, 'tables are up to date');
    });
    ctx.contribute(commands(databaseCommands(ctx.use.kernel, database)));
  },
});
