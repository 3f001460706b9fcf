/** What nobody asks for: mails that were left lying are taken up again, old ones are forgotten. */
import type { MailStore } from './store.ts';

/** Milliseconds that a mail may be late before somebody looks after it. */
const late = 60_000;
const month = 30 * 24 * 60 * 60_000;

export function upkeep(
  store: MailStore,
  schedule: (id: number, at: number) => Promise<void>,
  now: () => number = Date.now,
) {
  return {
    /** A server may die between storing a mail and scheduling it. */
    async recover(): Promise<void> {
      for (const id of await store.forgotten(now() - late, 100)) await schedule(id, now());
    },
    /** Failures are kept for longer: somebody may come back from a long holiday. */
    async tidy(): Promise<void> {
      await store.tidy(now() - month, ['sent', 'logged', 'discarded']);
      await store.tidy(now() - 3 * month, ['failed']);
    },
  };
}
