/** What a processor may know about an HTTP request when it identifies the caller. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'hono';
import { parse } from 'hono/utils/cookie';
import type { RequestFacts } from '../../kernel/plugin.ts';
import type { CallerRequest, Carrier } from './api.ts';

export type Headers = (name: string) => string | undefined;

/** Node has the headers ready; asking Hono for them would build a second set. */
export function headersOf(context: Context): Headers {
  const incoming = (context.env as { incoming?: { headers?: IncomingHttpHeaders } } | undefined)?.incoming?.headers;
  if (!incoming) return (name) => context.req.header(name);
  return (name) => {
    const value = incoming[name.toLowerCase()];
    return typeof value === 'string' ? value : value?.join(', ');
  };
}

/**
 * Cookies travel by themselves, so a page of another site could use them: they count only when the request says that
 * it comes from our own origin, or shows that no browser sent it.
 */
function cookiesCount(header: Headers, origin: () => string): boolean {
  const from = header('origin');
  return from === undefined ? header('sec-fetch-site') === undefined : from === origin();
}

const cookieOf = (header: Headers, origin: () => string, name: string) => {
  const line = header('cookie');
  return line !== undefined && cookiesCount(header, origin) ? parse(line, name)[name] : undefined;
};

/** A POST: everything is looked at only when it is asked for. */
class PostedBy implements CallerRequest {
  readonly carrier: Carrier;
  readonly header: Headers;
  readonly #context: Context;
  readonly #look: (context: Context) => RequestFacts;
  #facts: RequestFacts | undefined;

  constructor(context: Context, carrier: Carrier, header: Headers, look: (context: Context) => RequestFacts) {
    this.carrier = carrier;
    this.header = header;
    this.#context = context;
    this.#look = look;
  }

  get #known(): RequestFacts {
    return (this.#facts ??= this.#look(this.#context));
  }
  get address(): string {
    return this.#known.address;
  }
  get origin(): string {
    return this.#known.origin;
  }
  get secure(): boolean {
    return this.#known.secure;
  }
  get visitor(): string | undefined {
    return this.header('x-mibew-visitor');
  }
  cookie(name: string): string | undefined {
    return cookieOf(this.header, () => this.#known.origin, name);
  }
}

export const postedBy = (
  context: Context,
  carrier: Carrier,
  header: Headers,
  facts: (context: Context) => RequestFacts,
): CallerRequest => new PostedBy(context, carrier, header, facts);

/** A socket outlives its request: what may be asked later is copied now. */
export function upgradedBy(
  context: Context,
  facts: (context: Context) => RequestFacts,
): (visitor: string | undefined) => CallerRequest {
  const { address, origin, secure } = facts(context);
  const headers: Readonly<Record<string, string | undefined>> = { ...context.req.header() };
  const header: Headers = (name) => headers[name.toLowerCase()];
  const cookie = (name: string) => cookieOf(header, () => origin, name);
  return (visitor) => ({
    carrier: 'socket',
    address,
    origin,
    secure,
    header,
    cookie,
    visitor: visitor ?? header('x-mibew-visitor'),
  });
}
