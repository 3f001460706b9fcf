/**
 * Brings one mail of the outbox to the mail server. Three notes lie on the way: `sending` before the first byte,
 * `handing` when all but the end was sent (a mail that is not ended is not delivered), and the result. A server that dies
 * leaves the mail under one of them, and only `handing` means that nobody knows.
 */
import type { Logger } from '../../kernel/index.ts';
import { AttemptEnded, type Cause, type Failure } from './causes.ts';
import { claimFor, type MailStore } from './store.ts';
import type { Carrier, Outcome } from './smtp.ts';
import { pauseAfter } from './pauses.ts';
import type { MailRow } from './tables.ts';

export interface DeliveryNeeds {
  readonly store: MailStore;
  /** Undefined: no mail server is configured. */
  readonly carrier: Carrier | undefined;
  /** After so many attempts it has failed. */
  readonly attempts: number;
  readonly log: Logger;
  /** Has the mail delivered at a time. */
  readonly schedule: (id: number, at: number) => Promise<void>;
  /** A failure in plain words, for the log. */
  readonly explain: (failure: Failure) => string;
  readonly settled: (mail: MailRow, state: 'sent' | 'failed', reason: string) => Promise<void>;
  /** Aborted when the plugin stops. */
  readonly stopping: AbortSignal;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** However slowly a mail server talks. */
const longestAttempt = 600_000;
/** How long a stop waits for the answer to a mail that was sent already. */
const lastWords = 5_000;

export function createDelivery(needs: DeliveryNeeds): (id: number) => Promise<void> {
  const { store, carrier, log, schedule, settled, explain, stopping, now = Date.now, random = Math.random } = needs;

  /** For the log: a sentence, and the words of system or mail server. */
  const told = ({ cause, reason }: Failure) => ({ cause, why: explain({ cause, reason }), reason });

  return async function deliver(id) {
    const claimed = await store.claim(id, now());
    if (!claimed) return;
    if ('wait' in claimed) return schedule(id, claimed.wait);
    if (!carrier) return noted(claimed);
    // Servers died with it again and again: the attempt that this would be is one too many.
    if (claimed.attempts > needs.attempts)
      return failed(
        claimed,
        claimed.reason === '' ? { cause: 'stopped', reason: 'The server stopped while it was sending.' } : claimed,
      );
    await settle(claimed, await attempt(claimed, carrier));
  };

  async function noted(mail: MailRow): Promise<void> {
    log.info({ mail: mail.id, template: mail.template, to: mail.to }, 'no mail server is configured: mail not sent');
    await store.change(mail, { state: 'logged', settledAt: now(), attempts: 0 });
  }

  async function attempt(mail: MailRow, by: Carrier): Promise<Outcome & { readonly interrupted?: boolean }> {
    const ended = new AbortController();
    let handed = false;
    let grace: NodeJS.Timeout | undefined;
    const end = (why: Cause, message: string) => ended.abort(new AttemptEnded(why, message));
    const stop = () => {
      if (handed) grace = setTimeout(end, lastWords, 'stopped', 'The server was stopped.').unref();
      else end('stopped', 'The server was stopped.');
    };
    const deadline = setTimeout(end, longestAttempt, 'timeout', 'The mail server takes too long.').unref();
    const renewal = setInterval(() => {
      store
        .change(mail, { claimedUntil: now() + claimFor })
        .catch((error: unknown) => log.error({ error }, 'a mail was not renewed'));
    }, claimFor / 3).unref();
    stopping.addEventListener('abort', stop, { once: true });
    try {
      if (stopping.aborted) return { kind: 'later', cause: 'stopped', reason: '', interrupted: true };
      const handOver = async () =>
        (handed = await store.change(mail, { state: 'handing', claimedUntil: now() + claimFor }));
      const outcome = await by.carry(mail, { signal: ended.signal, handOver });
      return { ...outcome, interrupted: stopping.aborted && outcome.kind === 'later' };
    } finally {
      stopping.removeEventListener('abort', stop);
      clearInterval(renewal);
      clearTimeout(deadline);
      clearTimeout(grace);
    }
  }

  async function settle(mail: MailRow, outcome: Outcome & { readonly interrupted?: boolean }): Promise<void> {
    if (outcome.kind === 'sent') {
      // From here until this is on disk a crash makes the mail come twice: nothing else happens in between.
      const done = { state: 'sent', settledAt: now(), reason: '', body: '', version: mail.version + 1 } as const;
      if (await insist(() => store.change(mail, done))) await settled(mail, 'sent', '');
      return;
    }
    const { kind, cause, reason } = outcome;
    if (kind === 'refused') return failed(mail, outcome);
    const again = {
      state: 'queued',
      version: mail.version + 1,
      uncertain: mail.uncertain || kind === 'uncertain',
      ...(outcome.interrupted ? { attempts: mail.attempts - 1 } : { cause, reason }),
    } as const;
    if (!outcome.interrupted && mail.attempts >= needs.attempts)
      return failed({ ...mail, uncertain: again.uncertain }, outcome);
    const at = outcome.interrupted ? now() : now() + pauseAfter(mail.attempts, random());
    if (!(await store.change(mail, { ...again, nextAt: at }))) return;
    if (!outcome.interrupted)
      log.warn(
        {
          mail: mail.id,
          template: mail.template,
          attempts: mail.attempts,
          uncertain: again.uncertain,
          ...told(outcome),
        },
        'a mail waits',
      );
    await schedule(mail.id, at);
  }

  async function failed(mail: MailRow, { cause, reason }: Failure): Promise<void> {
    const { id, template, attempts, uncertain } = mail;
    const change = { state: 'failed', settledAt: now(), cause, reason, uncertain, version: mail.version + 1 } as const;
    if (!(await store.change(mail, change))) return;
    const fields = { code: 'MAIL_FAILED', mail: id, template, attempts, ...told({ cause, reason }) };
    log.error(fields, 'a mail failed');
    await settled(mail, 'failed', reason);
  }
}

/** A database that hiccups just now must not make a mail come twice. */
async function insist(write: () => Promise<boolean>, tries = 3): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    if (tries <= 1) throw error;
    return insist(write, tries - 1);
  }
}
