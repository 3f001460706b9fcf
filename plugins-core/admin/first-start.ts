/** What happens once in the life of an installation: the demo page is switched on where nobody set a public address. */
import type { Kernel, Logger } from '../../kernel/index.ts';
import { reasonOf } from '../../kernel/index.ts';
import type { Database } from '../database/api.ts';
import { fact } from './tables.ts';

const demo = 'demo';

/** @returns whether this was the first start on this database */
export async function firstStart(db: Database, kernel: Kernel, log: Logger): Promise<boolean> {
  const { affected } = await db.query.insertIgnore(db.table(fact), { name: 'first-start', value: '', at: Date.now() });
  if (affected === 0) return false;
  const installed = kernel.report().plugins.some(({ id }) => id === demo);
  if (kernel.config.publicUrl !== undefined || !installed) return true;
  await kernel
    .enable(demo)
    .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'the demo page did not start'));
  return true;
}
