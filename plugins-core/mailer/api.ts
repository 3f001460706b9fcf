/** Mail: what other plugins send, through an outbox in the database, in words that administrators may change. */
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

/**
 * A kind of mail. Its words are texts of the contributing plugin: `mail.<name>` (what it is called),
 * `mail.<name>.subject`, `mail.<name>.body` with `{0}`, `{1}` … for the placeholders, and `mail.<name>.<placeholder>`
 * (what stands there). Administrators may put words of their own in their place, per language.
 */
export interface MailTemplate {
  /** Unique in the product: letters, digits and `_`, at most 64. */
  readonly name: string;
  /** Names of the values, in the order of `{0}`, `{1}` …; the same in subject and body. */
  readonly placeholders: readonly string[];
}
/**
 * Contributes a kind of mail.
 *
 * @example
 * contributes: [mailTemplate({ name: 'user_history', placeholders: ['name', 'history', 'company', 'host'] })]
 */
export const mailTemplate = definePoint<MailTemplate>('mailer.template');

/** A mail to send. */
export interface Mail {
  /** Name of a {@link MailTemplate}. */
  readonly template: string;
  /** Language of its words. */
  readonly locale: string;
  /** One address; test it with {@link isAddress}. */
  readonly to: string;
  readonly replyTo?: string;
  /** By the names of the placeholders; what is absent is left empty. */
  readonly values: Readonly<Record<string, string>>;
  /** Id of the plugin that sends it; the owner of the template unless given. */
  readonly by?: string;
  /** At most one mail per template and key, however often it is sent. At most 120 characters. */
  readonly key?: string;
}

/** Where a mail is: `logged` when no mail server is configured, `discarded` by an administrator. */
export type MailState = 'waiting' | 'sent' | 'failed' | 'logged' | 'discarded';

/** Why a mail was not taken. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: 'ADDRESS_INVALID' | 'TEMPLATE_UNKNOWN' | 'MAIL_TOO_LARGE' | 'KEY_INVALID';
  constructor(code: MailError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface MailerService {
  /** A mail server is configured. Without one mails are noted and not sent; say so to whoever expects a mail. */
  readonly delivers: boolean;
  /**
   * Puts a mail into the outbox; resolves when it is stored. It is delivered soon after, and tried again while the mail
   * server cannot take it.
   * @returns its number, and whether it is new: a key that was used before gives the first mail
   * @throws MailError
   */
  send(mail: Mail): Promise<{ readonly id: number; readonly created: boolean }>;
  /** Where a mail is; undefined when it is long gone. */
  state(id: number): Promise<MailState | undefined>;
}
/** @example await ctx.use.mailer.send({ template: 'user_history', locale, to, values: { name }, key: `thread:${id}` }) */
export const mailer = defineService<MailerService>('mailer.mailer');

/** A mail whose fate is known. */
export interface SettledMail {
  readonly id: number;
  readonly template: string;
  readonly by: string;
  readonly key: string | null;
}
/** The mail server took a mail. */
export const mailSent = defineHook.notify<[SettledMail]>('mailer.mail.sent');
/**
 * A mail was refused for good, or tried too often. Told once, at once: who was off or died in that moment hears nothing, so
 * where a failure must not be missed ask {@link MailerService.state} as well.
 */
export const mailFailed = defineHook.notify<[SettledMail & { readonly reason: string }]>('mailer.mail.failed');

const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
// Letters of any script, and the two joiners that some scripts need.
const domainPart = /^[\p{L}\p{M}\p{N}.\-\u200c\u200d]+$/u;
const label = /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/;

/**
 * Whether a text is an address that mail can be sent to: `ann@example.com`, `ann@bücher.example`. Nothing around it, no
 * name beside it, nothing that could end a header. International domains count in the form that goes over the wire.
 */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || local.length > 64 || domain.length > 255 || !localPart.test(local) || !domainPart.test(domain))
    return false;
  if (!URL.canParse(`http://${domain}/`)) return false;
  const { hostname } = new URL(`http://${domain}/`);
  const labels = hostname.split('.');
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1)!)) return false;
  return local.length + 1 + hostname.length <= 254 && labels.every((one) => label.test(one));
}
