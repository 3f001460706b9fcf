/** One mail over SMTP, and what became of it as far as anybody can know. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { wireAddress } from './address.ts';
import { aboutUs, AttemptEnded, causeOf, type Failure, type SmtpError } from './causes.ts';
import type { Mailbox, MailServer } from './server-address.ts';

/** A mail as it is carried. */
interface Letter {
  readonly to: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  readonly createdAt: number;
}
/**
 * `refused`: for good. `later`: not taken, may be tried again. `uncertain`: everything was sent and no answer came, so
 * it may have been taken.
 */
export type Outcome = { readonly kind: 'sent' } | ({ readonly kind: 'refused' | 'later' | 'uncertain' } & Failure);

interface Carriage {
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** Called when all but the end of the mail was sent; it is not ended, so not delivered, unless this gives true. */
  readonly handOver: () => Promise<boolean>;
}
export interface Carrier {
  carry(letter: Letter, carriage: Carriage): Promise<Outcome>;
}

/** Milliseconds. An answer to the end of a mail may take long, and giving up too early is what makes mails come twice. */
export interface Timeouts {
  readonly connection: number;
  readonly greeting: number;
  readonly answer: number;
}
const patience: Timeouts = { connection: 20_000, greeting: 20_000, answer: 300_000 };

export function createSmtp(server: MailServer, mailbox: Mailbox, timeouts: Timeouts = patience): Carrier {
  const { host, port, encryption, auth } = server;
  const connect = () =>
    new SMTPConnection({
      host,
      port,
      secure: encryption === 'ssl',
      requireTLS: encryption === 'tls',
      ignoreTLS: encryption === 'none',
      connectionTimeout: timeouts.connection,
      greetingTimeout: timeouts.greeting,
      dnsTimeout: timeouts.connection,
      socketTimeout: timeouts.answer,
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    });

  /** The dialogue up to the answer to the mail. Rejects with what the mail server or the connection said. */
  async function talk(connection: SMTPConnection, letter: Letter, content: Readable, size: number): Promise<void> {
    await calling((done) => connection.connect(done));
    if (auth) {
      if (!connection.allowsAuth) throw new AttemptEnded('login', 'The mail server takes no user name and password.');
      await calling((done) => connection.login({ credentials: { ...auth } }, done));
    }
    // A mail server that says how much it takes is not sent more in vain.
    const envelope = { from: wireAddress(mailbox.address), to: [wireAddress(letter.to)], size };
    await calling((done) => connection.send(envelope, content, done));
  }

  return {
    async carry(letter, { signal, handOver }) {
      const composed = await compose(letter, mailbox);
      let handed = false;
      const content = Readable.from(
        (async function* () {
          yield composed;
          if (!(await handOver())) throw new Error('Another server has taken the mail over.');
          handed = true;
        })(),
        { objectMode: false },
      );
      const connection = connect();
      // Until the very end: what a socket throws after its mail is settled is nobody's concern.
      const broken = once(connection, 'error').then(([error]) => Promise.reject(error as Error));
      broken.catch(() => {});
      connection.on('error', () => {});
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        if (signal.aborted) reject(signal.reason as Error);
      });
      try {
        await Promise.race([talk(connection, letter, content, composed.length), broken, stopped]);
        connection.quit();
        return { kind: 'sent' };
      } catch (error) {
        connection.close();
        return outcomeOf(error as SmtpError, handed, auth);
      } finally {
        content.destroy();
      }
    },
  };
}

const calling = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));

/** Plain text, and the same bytes at each attempt. */
function compose(letter: Letter, mailbox: Mailbox): Promise<Buffer> {
  const from = { name: mailbox.name, address: wireAddress(mailbox.address) };
  const composer = new MailComposer({
    from,
    to: wireAddress(letter.to),
    ...(letter.replyTo !== null && { replyTo: wireAddress(letter.replyTo) }),
    subject: letter.subject,
    text: letter.body,
    messageId: letter.messageId,
    date: new Date(letter.createdAt),
    // Nobody's holiday notice should answer.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

const aboutMail = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

function outcomeOf(error: SmtpError, handed: boolean, auth: MailServer['auth']): Outcome {
  const { responseCode = 0, command = '', code = '' } = error;
  const failure = { cause: causeOf(error), reason: reasonOf(error, auth) };
  if (responseCode >= 500 && aboutMail.has(command) && !aboutUs.has(responseCode))
    return { kind: 'refused', ...failure };
  if (responseCode >= 400) return { kind: 'later', ...failure };
  // Too large for this mail server, or nothing that an envelope can carry: found out before it was asked.
  if (!handed && (code === 'EMESSAGE' || code === 'EENVELOPE')) return { kind: 'refused', ...failure };
  return { kind: handed ? 'uncertain' : 'later', ...failure };
}

/** What mail servers say, in one line and without our password, which a careless one might repeat. */
function reasonOf({ message, response, code }: SmtpError, auth: MailServer['auth']): string {
  // Nodemailer's own words before those of the mail server say no more, but where STARTTLS was asked for.
  const said = (code !== 'ETLS' && response) || message || code || 'unknown';
  const secrets = auth ? [auth.pass, `\0${auth.user}\0${auth.pass}`] : [];
  const hidden = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  const plain = hidden.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')), said);
  return plain
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
}
