/**
 * A mail server as a process of its own, told by its parent what to do with each connection to come. It keeps mails as
 * many servers do: one per Message-ID.
 */
import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** What happens to one connection. */
export type Treatment =
  | 'take'
  | 'refuse recipient'
  | 'defer recipient'
  | 'refuse mail'
  | 'defer mail'
  | 'drop at greeting'
  | 'drop before data'
  | 'drop in data'
  | 'drop before answer'
  | 'hold before data'
  | 'hold answer';

/** What the parent hears. */
export type News =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'connection'; readonly treatment: Treatment }
  | { readonly kind: 'held' }
  | { readonly kind: 'understood' }
  | {
      readonly kind: 'arrived';
      readonly messageId: string;
      readonly from: string;
      readonly to: readonly string[];
      readonly text: string;
    };

const plan: Treatment[] = [];
const treatments = new Map<number, Treatment>();
const sockets = new Map<number, Socket>();
const tell = (news: News) => process.send?.(news);
const treatmentOf = ({ remotePort }: SMTPServerSession) => treatments.get(remotePort) ?? 'take';
const drop = ({ remotePort }: SMTPServerSession) => sockets.get(remotePort)?.destroy();
const reply = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/** The library shows international domains in their own letters; what was on the wire is only in its log. */
const recipients: string[] = [];
const listen = (_fields: object, _pattern: string, ...args: readonly unknown[]) => {
  const recipient = /^RCPT TO:<(.+)>$/i.exec(args.map(String).find((arg) => /^RCPT TO:/i.test(arg)) ?? '')?.[1];
  if (recipient !== undefined) recipients.push(recipient);
};
const ignore = () => {};

const given = JSON.parse(process.argv[2] ?? '{}') as SMTPServerOptions & { user?: string; pass?: string };
const { user, pass, ...options } = given;

const server = new SMTPServer({
  authOptional: user === undefined,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  closeTimeout: 100,
  logger: { debug: listen, trace: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore, level: ignore },
  ...options,
  onAuth: (auth, _session, done) =>
    auth.username === user && auth.password === pass
      ? done(null, { user: auth.username })
      : done(reply(535, `5.7.8 no such user with ${auth.password}`)),
  onConnect(session, done) {
    const treatment = plan.shift() ?? 'take';
    treatments.set(session.remotePort, treatment);
    tell({ kind: 'connection', treatment });
    if (treatment === 'drop at greeting') drop(session);
    else done();
  },
  onRcptTo(_address, session, done) {
    const treatment = treatmentOf(session);
    if (treatment === 'drop before data') drop(session);
    else if (treatment === 'hold before data') tell({ kind: 'held' });
    else if (treatment === 'refuse recipient') done(reply(550, '5.1.1 no such mailbox'));
    else if (treatment === 'defer recipient') done(reply(451, '4.7.1 greylisted, come back later'));
    else done();
  },
  onData(stream, session, done) {
    const treatment = treatmentOf(session);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (treatment === 'drop in data') drop(session);
    });
    stream.on('end', () => {
      if (treatment === 'refuse mail') return done(reply(554, '5.7.1 looks like advertising'));
      if (treatment === 'defer mail') return done(reply(452, '4.3.1 the disk is full'));
      const text = Buffer.concat(chunks).toString('utf8');
      const messageId = /^message-id: *(<[^>]+>)/im.exec(text)?.[1] ?? '';
      const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
      tell({ kind: 'arrived', messageId, from, to: recipients.slice(-session.envelope.rcptTo.length), text });
      if (treatment === 'drop before answer') return drop(session);
      if (treatment === 'hold answer') return tell({ kind: 'held' });
      return done(null, 'taken');
    });
  },
});
server.server.on('connection', (socket: Socket) => {
  if (socket.remotePort !== undefined) sockets.set(socket.remotePort, socket);
});
server.on('error', () => {});
process.on('message', (next: readonly Treatment[]) => {
  plan.push(...next);
  tell({ kind: 'understood' });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.server.address() as { port: number }).port }),
);
