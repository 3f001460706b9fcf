/** What page requests carry: who the visitor is, where the request came from, and what a form says. */
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { KernelConfig, RequestFacts } from '../../kernel/plugin.ts';
import type { Thread, Visitor } from './api.ts';
import type { Heads } from './heads.ts';
import { isSecret, makeSecret, visitorCookie, type Visitors } from './visitors.ts';

/** Cookie that remembers a visitor's name, as the original has it. */
const nameCookie = 'MIBEW_Data';
const year = 31_536_000;
const largestForm = 256 * 1024;

export interface RequestNeeds {
  readonly config: Pick<KernelConfig, 'base'>;
  readonly facts: (context: Context) => RequestFacts;
  readonly heads: Pick<Heads, 'load'>;
  readonly visitors: Pick<Visitors, 'find'>;
}

const encodeName = (name: string): string =>
  Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ',');
const decodeName = (value: string | undefined): string =>
  Buffer.from((value ?? '').replaceAll('-', '+').replaceAll('_', '/').replaceAll(',', '='), 'base64').toString();

/** The header that makes a browser remember a name. */
export const nameHeader =
  ({ base }: Pick<KernelConfig, 'base'>) =>
  (name: string, secure: boolean): string =>
    `${nameCookie}=${encodeName(name)}; Path=${base || '/'}; Max-Age=${year}; SameSite=Lax${secure ? '; Secure' : ''}`;

export const nameOf = (context: Context): string => decodeName(getCookie(context, nameCookie)).trim();

/** The secret of the browser's visitor, made and remembered if need be. */
export function secretOf(context: Context, { config, facts }: Pick<RequestNeeds, 'config' | 'facts'>): string {
  const known = getCookie(context, visitorCookie);
  if (isSecret(known)) return known;
  const secret = makeSecret();
  setCookie(context, visitorCookie, secret, {
    httpOnly: true,
    sameSite: 'Lax',
    secure: facts(context).secure,
    path: config.base || '/',
    maxAge: year,
  });
  return secret;
}

/** The browser's visitor, if it has one already. */
export async function knownVisitor(
  context: Context,
  { visitors }: Pick<RequestNeeds, 'visitors'>,
): Promise<Visitor | undefined> {
  const secret = getCookie(context, visitorCookie);
  return secret === undefined ? undefined : visitors.find(secret);
}

/** The thread of the address, if it is this visitor's own. */
export async function ownThread(
  context: Context,
  { heads, visitors }: Pick<RequestNeeds, 'heads' | 'visitors'>,
): Promise<{ readonly thread: Thread; readonly visitor: Visitor } | undefined> {
  const visitor = await knownVisitor(context, { visitors });
  const thread = visitor && (await heads.load(Number(context.req.param('thread'))));
  if (!visitor || !thread) return undefined;
  return thread.visitorId === visitor.id && thread.token === Number(context.req.param('token'))
    ? { thread, visitor }
    : undefined;
}

/** True for our own pages, typed addresses and bookmarks; old browsers do not say. */
export function isFromHere(context: Context): boolean {
  const site = context.req.header('sec-fetch-site');
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Somebody opens a page, from wherever; not an image of it, not a frame elsewhere, not a guess of the browser. */
export function isVisit(context: Context): boolean {
  const { header } = { header: (name: string) => context.req.header(name) };
  if (/prefetch|prerender/.test(`${header('sec-purpose')} ${header('purpose')}`)) return false;
  if (isFromHere(context)) return true;
  return header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document';
}

/** Was the form sent by one of our own pages? Without any such header the caller is no browser. */
export function isOwnForm(context: Context, { facts }: Pick<RequestNeeds, 'facts'>): boolean {
  const origin = context.req.header('origin');
  return origin === undefined || origin === 'null'
    ? isFromHere(context) && origin === undefined
    : origin === facts(context).origin;
}

/** Fields of a posted form; undefined when it is none, or too large. */
export async function readForm(context: Context): Promise<URLSearchParams | undefined> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return undefined;
  if (Number(context.req.header('content-length') ?? 0) > largestForm) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of context.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > largestForm) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
