/** Why a mail was not taken, as classes that people are told of in plain words. */

/** The sentence of each is the text `mailer.cause.<name>`; `other` has none, and is told in the words of the system. */
export const causes = [
  /** Nobody listens there. */
  'refused',
  /** No way through the network. */
  'unreachable',
  'hostUnknown',
  'timeout',
  'closed',
  'certificate',
  /** TLS could not be begun, or is not offered. */
  'encryption',
  'login',
  /** The mail server does not talk to us at all. */
  'turnedAway',
  'sender',
  'recipient',
  'content',
  'tooLarge',
  /** The mail server wants it later. */
  'deferred',
  /** Our own server was stopped, or died. */
  'stopped',
  'other',
] as const;
export type Cause = (typeof causes)[number];

/** An attempt that was ended by ourselves. */
export class AttemptEnded extends Error {
  override readonly name = 'AttemptEnded';
  readonly why: Cause;
  constructor(why: Cause, message: string) {
    super(message);
    this.why = why;
  }
}

/** What SMTP and the connection below it say of an error. */
export interface SmtpError extends Error {
  readonly responseCode?: number;
  /** What the mail server said. */
  readonly response?: string | false;
  readonly command?: string;
  readonly code?: string;
  /** That of the system, where `code` is a class. */
  readonly originalCode?: string;
}

/** Replies about us, not about the mail: log in first, encryption needed, wrong password. They are cured without it. */
export const aboutUs: ReadonlySet<number> = new Set([530, 534, 535, 538]);
const subjects: Readonly<Record<string, Cause>> = { 'MAIL FROM': 'sender', 'RCPT TO': 'recipient', DATA: 'content' };

const byCode: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'hostUnknown',
  EAI_AGAIN: 'hostUnknown',
  EDNS: 'hostUnknown',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ECONNECTION: 'closed',
  ETLS: 'encryption',
  EPROTO: 'encryption',
  EAUTH: 'login',
  EMESSAGE: 'tooLarge',
};

/** The class of an error. */
export function causeOf(error: Error): Cause {
  if (error instanceof AttemptEnded) return error.why;
  const { code = '', originalCode = '', command = '', responseCode = 0 } = error as SmtpError;
  const codes = [originalCode, code];
  if (codes.some((one) => /CERT|SIGNATURE|CRL/.test(one))) return 'certificate';
  if (code === 'ETLS' || codes.some((one) => /^ERR_(SSL|TLS)/.test(one))) return 'encryption';
  if (responseCode >= 500) {
    if (code === 'EAUTH' || aboutUs.has(responseCode)) return 'login';
    // To a recipient the same number says that his mailbox is full.
    if (responseCode === 552 && command !== 'RCPT TO') return 'tooLarge';
    return subjects[command] ?? 'turnedAway';
  }
  if (responseCode >= 400) return 'deferred';
  return byCode[originalCode] ?? byCode[code] ?? 'other';
}

/** What went wrong last with a mail, as it was noted. */
export interface Failure {
  readonly cause: Cause;
  readonly reason: string;
}
/**
 * A failure in plain words.
 *
 * @param text gives texts of this plugin in the language of whoever reads
 * @returns `plain`: a sentence; `detail`: what system or mail server said, unless the sentence holds it
 */
export function explain(
  text: (key: string, args: Readonly<Record<string, string>>) => string,
  { cause, reason }: Failure,
): { readonly plain: string; readonly detail?: string } {
  const plain = cause === 'other' ? reason : text(`mailer.cause.${cause}`, { words: reason });
  return plain.includes(reason) ? { plain } : { plain, detail: reason };
}
