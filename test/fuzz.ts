/** Packages that were valid before something was done to them, sent to the real processors of a running product. */
import type { WebSocket } from 'ws';
import {
  fuzz,
  overSocket,
  type FuzzAnswer,
  type FuzzCarrier,
  type OracleRules,
} from '../plugins-core/rpc/test/fuzz.ts';
import { logIn } from './support/login.ts';
import { beforeChat, errorsIn, startServer, type Server } from './support/server.ts';
import { watchStored } from './support/watch.ts';
import {
  callByPost,
  newVisitor,
  openSocket,
  packageOf,
  post,
  startThread,
  threadCall,
  type Caller,
  type TestThread,
  type WireFunction,
} from './support/wire.ts';

export interface FuzzOutcome {
  readonly sent: number;
  /** How often each outcome was seen. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** Somebody who sends packages to a processor that lets him in. */
interface Target {
  readonly name: string;
  readonly path: string;
  readonly rules: OracleRules;
  readonly caller: Caller;
  /** One more conversation for each share of the packages, since some of them close it. */
  corpus(): Promise<readonly unknown[]>;
}

/** Packages between two conversations. */
const share = 500;
const config = `export default { plugins: { rpc: { packagesPerSecond: 1e6, packagesAtOnce: 1e6 } } };`;

const request = (token: string, ...functions: readonly WireFunction[]) => ({ token, functions });
const pack = (...requests: readonly object[]) => ({ signature: '', proto: '1.0', async: true, requests });

function threadCorpus({ id, token }: TestThread, other: TestThread, user: boolean): readonly unknown[] {
  const call = (name: string, args: object, results: readonly string[] = []) =>
    threadCall(name, { threadId: id, token, user, ...args }, results);
  const state = ['threadState', 'threadAgentId', 'typing', 'canPost'];
  const again = { lastId: 'lastId', references: { lastId: 1 } };
  return [
    pack(
      request('wnd1', call('updateMessages', { lastId: 0 }, ['messages', 'lastId'])),
      request('wnd2', call('update', { typed: false, lastId: 0 }, state)),
    ),
    pack(
      request('wnd3', call('post', { message: 'hi + % 👍 </script>', key: 'some key' }, ['id', 'created'])),
      request('wnd4', call('updateMessages', { lastId: 1 }, ['messages', 'lastId'])),
    ),
    pack(request('wnd5', call('post', { message: 'without a key' }), call('update', { typed: true }))),
    pack(request('wnd6', call('updateMessages', { lastId: 0 }, ['lastId']), call('updateMessages', again, ['lastId']))),
    pack(request('wnd7', call('rename', { name: 'Vera' })), request('wnd8', call('getAvatar', {}, ['imageLink']))),
    pack(request('wnd9', threadCall('start', { locale: 'en', name: 'Vera', url: 'https://example.com/' }, ['next']))),
    pack(request('wnd10', threadCall('close', { threadId: other.id, token: other.token, user }, ['closed']))),
    pack(request('wnd11', call('take', { user: false, force: false }, ['threadState', 'agentName']))),
    pack(request('wnd12', call('result', { errorCode: 0 })), request('wnd13', call('nobodyKnows', {}))),
    { ...pack(request('wnd14', call('post', { message: 'quiet' }))), async: false },
  ];
}

function usersCorpus(agentId: number, thread: TestThread): readonly unknown[] {
  const call = (name: string, args: object = {}, results: readonly string[] = []): WireFunction => ({
    function: name,
    arguments: { agentId, references: {}, return: Object.fromEntries(results.map((key) => [key, key])), ...args },
  });
  const again = { revision: 'lastRevision', references: { revision: 1 } };
  return [
    pack(
      request('wnd1', call('update')),
      request('wnd2', call('currentTime', {}, ['time']), call('updateThreads', { revision: 0 }, ['threads'])),
    ),
    pack(
      request(
        'wnd3',
        call('updateThreads', { revision: 0 }, ['lastRevision']),
        call('updateThreads', again, ['threads', 'lastRevision']),
      ),
    ),
    pack(request('wnd4', call('updateOperators', {}, ['operators'])), request('wnd5', call('nobodyKnows'))),
    pack(request('wnd6', call('away')), request('wnd7', call('available'))),
    pack(request('wnd8', call('threadFacts', { thread: thread.id }, ['referrer', 'locale']))),
    pack(request('wnd9', call('result', { errorCode: 0 })), request('wnd10', call('currentTime', {}, ['time']))),
    { ...pack(request('wnd11', call('away'))), async: false },
  ];
}

const thread = { path: '/thread/update', rules: { mandatory: ['threadId', 'token'] } };

async function targetsOf(server: Server): Promise<readonly Target[]> {
  const url = `${server.url}/thread/update`;
  const operator: Caller = { headers: await logIn(server, 'ann') };
  let index = 0;
  const open = async (visitor: Caller, taken: boolean) => {
    const started = await startThread(url, visitor);
    const { id, token } = started;
    const hello = threadCall('update', { threadId: id, token, user: true, typed: false }, ['threadState']);
    await callByPost(url, visitor, hello);
    if (taken) await callByPost(url, operator, threadCall('take', { threadId: id, token, user: false }));
    return started;
  };
  const someone = () => newVisitor((index += 1));
  const visitor = someone();
  const first = await open(visitor, true);
  const [taken] = await callByPost(
    url,
    operator,
    threadCall('take', { threadId: first.id, token: first.token, user: false }, ['threadAgentId']),
  );
  return [
    {
      ...thread,
      name: 'visitor',
      caller: visitor,
      async corpus() {
        const closed = await open(visitor, false);
        await callByPost(url, visitor, threadCall('close', { threadId: closed.id, token: closed.token, user: true }));
        return threadCorpus(await open(visitor, true), closed, true);
      },
    },
    {
      ...thread,
      name: 'operator',
      caller: operator,
      corpus: async () => threadCorpus(await open(someone(), true), await open(someone(), true), false),
    },
    {
      name: 'users',
      path: '/operator/users/update',
      rules: { mandatory: ['agentId'], mandatoryFor: { updateThreads: ['revision'] } },
      caller: operator,
      corpus: async () => usersCorpus(Number(taken!['threadAgentId']), await open(someone(), false)),
    },
  ];
}

async function shoot(server: Server, target: Target, seed: number, count: number, state: () => string) {
  const url = `${server.url}${target.path}`;
  const corpus = await target.corpus();
  const connect = (): Promise<WebSocket> => openSocket(url, target.caller);
  const agentId = { agentId: null, threadId: null, token: null };
  const marker = packageOf({ function: 'nobodyKnows', arguments: { ...agentId, references: {}, return: {} } });
  marker.requests[0]!.token = 'marker';
  const sockets = overSocket(connect, { token: 'marker', text: JSON.stringify(marker) });
  const send = async (carrier: FuzzCarrier, bytes: Uint8Array): Promise<FuzzAnswer> => {
    if (carrier === 'socket') return sockets.send(bytes);
    const type = carrier === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
    return post(url, target.caller, Uint8Array.from(bytes), type);
  };
  try {
    return await fuzz({ seed, count, corpus, rules: target.rules, send, state });
  } finally {
    sockets.close();
  }
}

/** Sends `count` packages, shared among visitors and operators at both processors. */
export async function runFuzz(seed: number, count: number): Promise<FuzzOutcome> {
  const server = await startServer({
    config,
    env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1' },
    without: beforeChat,
  });
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];
  let sent = 0;
  try {
    // Nobody is here all the time, and what the server does about that is not what is looked for.
    for (const setting of ['connection_timeout 3600', 'thread_lifetime 0']) {
      const { code, output } = server.command(['setting', 'set', ...setting.split(' ')]);
      if (code !== 0) throw new Error(output);
    }
    const targets = await targetsOf(server);
    const stored = watchStored(`${server.data}/mibew.db`);
    for (let part = 0; sent < count && faults.length < 10; part += 1) {
      const target = targets[part % targets.length]!;
      const report = await shoot(server, target, seed + part, Math.min(share, count - sent), stored.state);
      sent += report.sent;
      for (const [outcome, times] of Object.entries(report.outcomes))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
      for (const { index, carrier, why, body, answer } of report.findings) {
        const where = `${target.name}, seed ${seed + part}, package ${index} over ${carrier}`;
        faults.push(`${where}: ${why}; ${body.slice(0, 400)} → ${answer.status ?? ''} ${answer.text.slice(0, 400)}`);
      }
    }
    stored.close();
    faults.push(...errorsIn(server.output()));
  } finally {
    await server.stop();
  }
  return { sent, outcomes, faults };
}
