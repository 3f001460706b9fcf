/** Reads MIBEW_SMTP (`smtp://user:password@host:port`, `smtps://…`) and MIBEW_MAILBOX (`Name <address>`). */
import { domainToASCII } from 'node:url';
import { isAddress } from './api.ts';

/** As in the original: without, TLS from the first byte, or STARTTLS, which then must succeed. */
export const encryptions = ['none', 'ssl', 'tls'] as const;
export type Encryption = (typeof encryptions)[number];

/** Where mail is handed in. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  readonly auth?: { readonly user: string; readonly pass: string };
}
/** Who our mails come from. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

const standardPorts = { none: 25, tls: 587, ssl: 465 } as const;
const here = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Errors never quote the address: it holds a password. @throws Error */
export function parseServer(text: string, wanted?: Encryption): MailServer {
  if (!URL.canParse(text)) throw new Error('is no address; write smtp://user:password@host:587');
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') throw new Error('must begin with smtp:// or smtps://');
  if (url.hostname === '') throw new Error('names no host');
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw new Error('must end after host and port; a "/", "?" or "#" in a password is written %2F, %3F, %23');
  const tls = url.protocol === 'smtps:';
  if (tls && wanted !== undefined && wanted !== 'ssl')
    throw new Error(`smtps:// is encrypted as "ssl", not "${wanted}"`);
  const host = hostOf(decoded(url.hostname));
  // What stays on this machine needs no encryption, and rarely has a certificate that could be verified.
  const encryption = wanted ?? (tls ? 'ssl' : here.test(host) ? 'none' : 'tls');
  if (url.port === '0') throw new Error('names no port that one can listen at');
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  if ((user === '') !== (pass === ''))
    throw new Error(user === '' ? 'has a password and no user' : 'has a user and no password');
  return {
    host,
    port: url.port === '' ? standardPorts[encryption] : Number(url.port),
    encryption,
    ...(user !== '' && { auth: { user, pass } }),
  };
}

/** As name servers know it: international names in ASCII. */
function hostOf(text: string): string {
  const [, six] = /^\[(.*)\]$/.exec(text) ?? [];
  const host = six ?? domainToASCII(text);
  if (host === '') throw new Error('names a host that cannot be one');
  return host;
}

/** @throws Error */
export function parseMailbox(text: string): Mailbox {
  const [, name = '', address = text] = /^([^<>]*)<([^<>]*)>$/.exec(text) ?? [];
  if (!isAddress(address.trim()))
    throw new Error('expected an address like help@example.com or Help <help@example.com>');
  if (/\p{Cc}/u.test(name)) throw new Error('the name holds a line break');
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address: address.trim() };
}

/** Where nothing tells whom mails come from: good for trying it out, refused by most mail servers. */
export const inventedAddress = 'mibew@localhost.localdomain';

/** Without a mailbox: the user of the mail server if that is an address, else one of the public address's host. */
export function mailboxFor(text: string | undefined, server: MailServer | undefined, publicHost?: string): Mailbox {
  if (text !== undefined) return parseMailbox(text);
  const own = [server?.auth?.user ?? '', `mibew@${publicHost ?? ''}`, `mibew@${server?.host ?? ''}`].find(isAddress);
  return { name: '', address: own ?? inventedAddress };
}

/** For logs and pages: without user and password. */
export const describeServer = ({ host, port, encryption }: MailServer): string =>
  `${encryption === 'ssl' ? 'smtps' : 'smtp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a "%" that stands for nothing (write %25)');
  }
}
