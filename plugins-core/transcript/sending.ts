/** The conversation by mail, to an address that the visitor gives. */
import type { CaptchaService } from '../captcha/api.ts';
import type { chatSettings, Thread } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { isAddress, type MailerService, type MailTemplate } from '../mailer/api.ts';
import type { AttemptsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import { transcriptErrors as codes } from './api.ts';
import type { transcriptSettings } from './settings.ts';
import type { Transcripts } from './transcript.ts';
import { keyedBy, type Keyed, type Wishes } from './wishes.ts';

export const historyMail: MailTemplate = {
  name: 'user_history',
  placeholders: ['name', 'history', 'company', 'host'],
};

export interface SendingNeeds {
  readonly settings: Values<typeof transcriptSettings>;
  readonly chat: Values<typeof chatSettings>;
  readonly locales: Pick<LocalesService, 'text'>;
  readonly attempts: AttemptsService;
  readonly transcripts: Pick<Transcripts, 'history'>;
  readonly wishes: Wishes;
  readonly mailer: Pick<MailerService, 'delivers' | 'send'> | undefined;
  readonly captcha: Pick<CaptchaService, 'verify' | 'url'> | undefined;
}
/** What was asked for. */
export interface Wish {
  readonly email: string;
  /** Address of whoever asks. */
  readonly remote: string;
  readonly captcha?: string | null | undefined;
  readonly key?: string | undefined;
  readonly timeZone?: string | null | undefined;
  /** From a browser without scripts, which can calculate nothing: fewer mails instead. */
  readonly withoutScripts?: boolean;
}

const captchaPurpose = 'transcript';
const minute = 60_000;
const hour = 60 * minute;

export type Sending = ReturnType<typeof createSending>;

export function createSending(needs: SendingNeeds) {
  const { settings, chat, locales, attempts, transcripts, wishes, mailer, captcha } = needs;
  // Mails carry what anybody wrote to whomever he likes: a few, and then slowly.
  const perThread = attempts.of({ free: 3, first: minute, longest: hour, forget: 2 * hour });
  const perAddress = attempts.of({ free: 10, first: minute, longest: hour, forget: 2 * hour });
  const unproved = attempts.of({ free: 2, first: 5 * minute, longest: hour, forget: 2 * hour });

  const refuse = ({ locale }: Thread, code: number, name: string, args: Record<string, number> = {}) =>
    new RpcError(code, name, locales.text(locale, `transcript.issue.${code}`, args));
  const guarded = () => settings.enableemailcaptcha && captcha !== undefined;

  /** @param kept under its key. @returns whether its mail is on its way. @throws RpcError 103 */
  function isSent(thread: Thread, { digest }: Keyed, kept: Awaited<ReturnType<Wishes['find']>>): boolean {
    if (kept && kept.digest !== digest) throw refuse(thread, codes.keyReused, 'KEY_REUSED');
    return kept !== undefined && kept.sentAt > 0;
  }

  /** @returns what takes the counts back */
  function count(thread: Thread, { remote, withoutScripts }: Wish): () => void {
    const network = attempts.network(remote);
    const counted: (() => void)[] = [];
    const counters = [
      { of: perThread, keys: [`thread:${thread.id}`, `visitor:${thread.visitorId}`] },
      { of: perAddress, keys: [network] },
      ...(withoutScripts && guarded() ? [{ of: unproved, keys: [network] }] : []),
    ];
    const undo = () => counted.forEach((back) => back());
    for (const { of, keys } of counters) {
      const wait = of.begin(...keys);
      if (wait > 0) {
        undo();
        throw refuse(thread, codes.tooMany, 'TOO_MANY_TRANSCRIPTS', { minutes: Math.ceil(wait / minute) });
      }
      counted.push(() => of.undo(...keys));
    }
    return undo;
  }

  return {
    /** A mail would arrive: where none is delivered, none is offered. */
    get offered(): boolean {
      return settings.usercansendemail && mailer?.delivers === true;
    },
    /** Where challenges come from; undefined when nobody has to prove anything. */
    get captchaUrl(): string | undefined {
      return guarded() ? captcha?.url(captchaPurpose) : undefined;
    },
    /** Once with `key`. @throws RpcError 10, 11, 103, 160, 161 */
    async send(thread: Thread, wish: Wish): Promise<void> {
      const email = wish.email.trim();
      const keyed = wish.key === undefined ? undefined : keyedBy(thread.id, wish.key, [email, wish.timeZone ?? '']);
      // Whoever asks once more is answered as before, whatever he would be refused for by now.
      if (keyed && isSent(thread, keyed, await wishes.find(keyed))) return;
      if (!mailer || !this.offered) throw refuse(thread, codes.off, 'TRANSCRIPT_MAIL_OFF');
      if (!isAddress(email)) throw refuse(thread, codes.wrongEmail, 'ERROR_WRONG_EMAIL');
      if (guarded() && !wish.withoutScripts && !(await captcha!.verify(captchaPurpose, wish.captcha ?? undefined)))
        throw refuse(thread, codes.wrongCaptcha, 'ERROR_WRONG_CAPTCHA');
      const undo = count(thread, wish);
      let created: boolean;
      try {
        // Of two at the same moment one has the key.
        if (keyed) isSent(thread, keyed, await wishes.keep(keyed));
        const history = await transcripts.history(thread, wish.timeZone);
        const values = { name: thread.userName, history, company: chat.title, host: chat.hosturl };
        const key = wish.key === undefined ? {} : { key: `${thread.id}:${wish.key}` };
        ({ created } = await mailer.send({
          template: historyMail.name,
          locale: thread.locale,
          to: email,
          values,
          by: 'transcript',
          ...key,
        }));
      } catch (error) {
        undo();
        throw error;
      }
      // The same wish again is no further mail.
      if (!created) undo();
      if (keyed) await wishes.sent(keyed);
    },
  };
}
