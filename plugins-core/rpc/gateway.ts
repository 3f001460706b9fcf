/** The gateway of a processor: one address for packages by POST, in both encodings, and for the upgrade to a socket. */
import type { Context } from 'hono';
import { open, type Method, type RequestFacts, type RouteSpec } from '../../kernel/plugin.ts';
import type { CallerRequest, CarrierSession, RunOutcome, SocketCarrier } from './api.ts';
import { readBody } from './body.ts';
import { type Headers as HeaderLookup, headersOf, postedBy, upgradedBy } from './caller.ts';
import { decodeBytes, decodeForm, encodeForm } from './codec.ts';
import { type Fault, isRefusal, ownFaults } from './refusals.ts';
import type { AnySpec } from './registry.ts';
import { endOfTurn } from './turn.ts';

/** What a gateway asks of the rest of the plugin. */
export interface GatewayNeeds {
  readonly facts: (context: Context) => RequestFacts;
  readonly carrier: () => SocketCarrier | undefined;
  readonly run: (
    processor: string,
    caller: unknown,
    text: string | undefined,
    request: CallerRequest,
    session?: CarrierSession,
  ) => Promise<RunOutcome>;
  readonly refuse: (processor: string, fault: Fault, text?: string, location?: string) => RunOutcome;
}

const methods: readonly Method[] = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
type Encoding = 'json' | 'form';

const contentTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  form: 'text/plain; charset=UTF-8',
};
const corsHeaders = { 'access-control-allow-origin': '*' };
const preflightHeaders = {
  ...corsHeaders,
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Content-Type, X-Mibew-Visitor',
  'access-control-max-age': '7200',
};

function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.toLowerCase().trimStart() ?? '';
  if (type.startsWith('application/json')) return 'json';
  return type.startsWith('application/x-www-form-urlencoded') ? 'form' : undefined;
}

export function createGateway(spec: AnySpec, needs: GatewayNeeds): RouteSpec {
  const { name } = spec.processor;
  const headers: Readonly<Record<Encoding, Readonly<Record<string, string>>>> = {
    json: { 'content-type': contentTypes.json, ...(spec.cors && corsHeaders) },
    form: { 'content-type': contentTypes.form, ...(spec.cors && corsHeaders) },
  };

  // A response made by hand from plain headers is what node-server sends without taking it apart.
  function respond({ status, body, retryAfter, location, headers: added }: RunOutcome, encoding: Encoding): Response {
    if (location !== undefined && encoding === 'form')
      return new Response(null, { status: 302, headers: { ...headers.form, location } });
    const text = encoding === 'form' && body !== '' ? encodeForm(body) : body;
    if (retryAfter === undefined && !added) return new Response(text, { status, headers: headers[encoding] });
    const own = new Headers(headers[encoding]);
    if (retryAfter !== undefined) {
      own.set('retry-after', String(retryAfter));
      if (spec.cors) own.set('access-control-expose-headers', 'Retry-After');
    }
    for (const [key, value] of added ?? []) own.append(key, value);
    return new Response(text, { status, headers: own });
  }

  async function post(context: Context): Promise<Response> {
    const header = headersOf(context);
    const encoding = encodingOf(header('content-type'));
    if (!encoding) return respond(needs.refuse(name, ownFaults.wrongType), 'json');
    let bytes: Buffer | undefined;
    try {
      bytes = await readBody(context, header('content-length'));
    } catch {
      // Whoever sent half a body is gone.
      return respond(needs.refuse(name, ownFaults.unread), encoding);
    }
    if (!bytes) return respond(needs.refuse(name, ownFaults.bodyTooLarge), encoding);
    const body = decodeBytes(bytes);
    const text = encoding === 'form' && body !== undefined ? decodeForm(body) : body;
    const carrier = encoding === 'json' && wantsStream(header) ? needs.carrier() : undefined;
    const request = postedBy(context, carrier ? 'stream' : encoding, header, needs.facts);
    const caller = await spec.identify(request);
    if (isRefusal(caller)) return respond(needs.refuse(name, caller.refusal, text, caller.location), encoding);
    const run = (session?: CarrierSession) => needs.run(name, caller, text, request, session);
    const outcome = await (carrier ? carrier.stream(context, streamOf(caller, request), run) : run());
    if ('sent' in outcome) return outcome.sent;
    await endOfTurn();
    return respond(outcome, encoding);
  }

  const wantsStream = (header: HeaderLookup) =>
    spec.streams === true && header('accept')?.includes('text/event-stream') === true;
  const streamOf = (caller: unknown, { address }: CallerRequest) => ({
    processor: name,
    address,
    key: spec.socketKey?.(caller) || undefined,
    headers: spec.cors ? corsHeaders : {},
  });

  return {
    name: 'gateway',
    method: methods,
    path: spec.path,
    access: open,
    handler(context) {
      const { method } = context.req;
      if (method === 'POST') return post(context);
      if (method === 'OPTIONS' && spec.cors) return new Response(null, { status: 204, headers: preflightHeaders });
      if (context.req.header('upgrade')?.toLowerCase() !== 'websocket')
        return respond(needs.refuse(name, ownFaults.notPost), 'json');
      const carrier = needs.carrier();
      if (!carrier) return respond(needs.refuse(name, ownFaults.noSockets), 'json');
      return carrier.upgrade(spec as never, context, upgradedBy(context, needs.facts));
    },
  };
}
