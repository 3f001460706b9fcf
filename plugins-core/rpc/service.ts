/** The service behind the token: runs packages, calls clients, makes gateways. */
import type { Context } from 'hono';
import type { RequestFacts } from '../../kernel/plugin.ts';
import type { CallerRequest, PackagedCall, RpcService, RunOutcome, SocketCarrier } from './api.ts';
import type { Callbacks } from './callbacks.ts';
import { headersOf, postedBy } from './caller.ts';
import { callText, newToken, pushText } from './calls.ts';
import { checkPackage, type Package, packageText, parse, readableTokens } from './codec.ts';
import type { Executor } from './executor.ts';
import { createGateway } from './gateway.ts';
import type { Rate, Rates } from './rates.ts';
import { type Fault, ownFaults, refusalBody } from './refusals.ts';
import type { AnySpec, Registry } from './registry.ts';
import type { Waiting } from './waiting.ts';

export interface ServiceNeeds {
  readonly registry: Registry;
  readonly executor: Executor;
  readonly rates: Rates;
  /** Packages of one caller. */
  readonly rate: Rate;
  readonly waiting: Waiting;
  readonly callbacks: Callbacks;
  readonly facts: (context: Context) => RequestFacts;
  readonly received: (
    pack: Readonly<Record<string, unknown>>,
    about: { processor: string },
  ) => Promise<Readonly<Record<string, unknown>>>;
  readonly refused: (about: { processor: string; code: number; name: string }) => void;
  /** What was not asked for by anybody who could be told failed. */
  readonly failed: (error: unknown) => void;
}

/** The service, and what the plugin itself uses of it. */
export interface RpcHost extends RpcService {
  readonly run: (
    processor: string,
    caller: unknown,
    text: string | undefined,
    request: CallerRequest,
    session?: Parameters<RpcService['run']>[4],
  ) => Promise<RunOutcome>;
  readonly drop: (processor: string) => void;
  /** Calls wait for this addressee, here or on another node. */
  readonly arrived: (addressee: string) => void;
}

export function createService(needs: ServiceNeeds): RpcHost {
  const { registry, executor, rates, waiting, callbacks } = needs;
  let carrier: SocketCarrier | undefined;

  function refuse(processor: string, fault: Fault, value?: unknown, location?: string): RunOutcome {
    const { status, code, name, retryAfter } = fault;
    needs.refused({ processor, code, name });
    return { status, body: refusalBody(fault, readableTokens(value)), retryAfter, location };
  }

  const refuseText = (processor: string, fault: Fault, text?: string, location?: string): RunOutcome =>
    refuse(processor, fault, text === undefined ? undefined : parse(text).value, location);

  function specOf(processor: string): AnySpec {
    const found = registry.processor(processor);
    if (!found) throw new Error(`there is no processor "${processor}"`);
    return found.spec;
  }

  /** Sends to the sockets of one addressee what waits for him. */
  async function deliver(addressee: string): Promise<void> {
    const texts = await waiting.take([addressee]);
    if (!texts || texts.length === 0) return;
    if (carrier && carrier.send(addressee, packageText(texts)) > 0) return;
    // The last socket went away meanwhile: it waits for the next one, or for a poll.
    for (const text of texts) await waiting.add([addressee], text);
  }

  const service: RpcHost = {
    async run(processor, caller, text, request, session) {
      const found = registry.processor(processor);
      const { value, fault } = parse(text);
      if (!found) return refuse(processor, ownFaults.processorUnknown, value);
      const { spec, rules } = found;
      const retryAfter = rates.take(`${processor} ${spec.rateKey(caller, request)}`, needs.rate);
      if (retryAfter > 0) return refuse(processor, { ...ownFaults.rate, retryAfter }, value);
      const wrong = fault ?? checkPackage(value, rules);
      if (wrong) return refuse(processor, wrong, value);

      const sent = value as Readonly<Record<string, unknown>>;
      const heard = await needs.received(sent, { processor });
      // A listener may have made another package of it, which has to keep the rules as well.
      const again = heard === sent ? undefined : checkPackage(heard, rules);
      if (again) return refuse(processor, again, heard);
      const pack = heard as unknown as Package;

      if (spec.admit) {
        const answer = spec.admit(caller, callsOf(pack));
        const refused = answer instanceof Promise ? await answer : answer;
        if (refused) return refuse(processor, refused.refusal, heard, refused.location);
      }
      // By name, and a cookie by its own: a package that sets one a thousand times gets one header, not a thousand.
      let headers: Map<string, [string, string]> | undefined;
      const setHeader = session
        ? undefined
        : (name: string, content: string) =>
            void (headers ??= new Map()).set(`${name} ${content.split('=', 1)[0]}`.toLowerCase(), [name, content]);
      const body = await executor.execute(pack, { spec, caller, request, session, setHeader });
      return headers ? { status: 200, body, headers: [...headers.values()] } : { status: 200, body };
    },

    async identify(processor, request) {
      const found = registry.processor(processor);
      return found ? found.spec.identify(request) : { refusal: ownFaults.processorUnknown };
    },

    async call(processor, keys, calls, callback) {
      const spec = specOf(processor);
      spec.checkCalls?.(calls);
      const token = newToken();
      const text = callText(token, calls, spec.mandatory);
      if (callback) await callbacks.add(token, processor, callback, keys.length);
      const absent = keys.filter((key) => !carrier || carrier.send(key, packageText([text])) === 0);
      if (absent.length === 0) return;
      await waiting.add(absent, text);
      // A socket may have come between the two.
      for (const key of absent) if (carrier?.listens(key)) await deliver(key);
    },

    processors: () => registry.all() as unknown as ReturnType<RpcService['processors']>,

    gateway: (spec) =>
      createGateway(spec as unknown as AnySpec, {
        facts: needs.facts,
        carrier: () => carrier,
        run: service.run,
        refuse: refuseText,
      }),

    request: (context) => postedBy(context, 'json', headersOf(context), needs.facts),
    take: (key) => rates.take(key, needs.rate),
    packageOf: pushText,

    attach(attached) {
      carrier = attached;
      return {
        subscribed: (topic) => void deliver(topic).catch(needs.failed),
        refuse: (processor, fault, text) => refuseText(processor, fault, text),
        detach() {
          if (carrier === attached) carrier = undefined;
        },
      };
    },

    drop: (processor) => carrier?.drop(processor),
    arrived(addressee) {
      if (carrier?.listens(addressee)) void deliver(addressee).catch(needs.failed);
    },
  };
  return service;
}

/** What the package asks for; replies ask for nothing. */
function callsOf({ requests }: Package): readonly PackagedCall[] {
  const calls: PackagedCall[] = [];
  for (const { functions } of requests) for (const one of functions) if (one.function !== 'result') calls.push(one);
  return calls;
}
