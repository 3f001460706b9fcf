/** Two operators take one conversation at the same instant, over the wire: one has it, the other is told who. */
import type { WebSocket } from 'ws';
import { logIn } from './support/login.ts';
import type { Server } from './support/server.ts';
import {
  callByPost,
  callBySocket,
  newVisitor,
  openSocket,
  startThread,
  threadCall,
  type Caller,
  type Json,
  type TestThread,
} from './support/wire.ts';

export interface RaceOutcome {
  readonly rounds: number;
  /** How often each operator won. */
  readonly wins: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

interface Rival {
  readonly name: string;
  readonly url: string;
  readonly caller: Caller;
  readonly socket: WebSocket;
}
interface Message {
  readonly kind: number;
  readonly message: string;
}

/** Kind of what the server tells about a conversation. */
const events = 6;
const takenByAnother = 105;

async function rival(server: Server, login: string, name: string): Promise<Rival> {
  const caller = { headers: await logIn(server, login, '', name) };
  const url = `${server.url}/thread/update`;
  return { name, url, caller, socket: await openSocket(url, caller) };
}

function take(
  { url, caller, socket }: Rival,
  { id, token }: TestThread,
  overSocket: boolean,
): Promise<readonly Json[]> {
  const args = { threadId: id, token, user: false };
  const call = threadCall('take', args, ['threadState', 'threadAgentId', 'agentName']);
  return overSocket ? callBySocket(socket, call) : callByPost(url, caller, call);
}

async function round(index: number, url: string, rivals: readonly Rival[], wins: Record<string, number>) {
  const visitor = newVisitor(index);
  const thread = await startThread(url, visitor);
  // All four pairs of carriers take turns, and who is asked first.
  const order = (index & 4) === 0 ? [0, 1] : [1, 0];
  const answers = order.map((at) => take(rivals[at]!, thread, ((index >> at) & 1) === 1));
  const inOrder = await Promise.all(answers);
  const results = rivals.map((_, at) => inOrder[order.indexOf(at)]!);
  const codes = results.map(([result]) => result?.['errorCode']);
  const at = codes.indexOf(0);
  const winner = rivals[at]?.name ?? 'nobody';
  wins[winner] = (wins[winner] ?? 0) + 1;
  const faults: string[] = [];
  const find = (what: string) => faults.push(`round ${index}: ${what}; ${JSON.stringify(results)}`);
  if (codes.filter((code) => code === 0).length !== 1) find('not exactly one has it');
  const told = results[1 - at]?.[0];
  if (told?.['errorCode'] !== takenByAnother || !String(told['errorMessage']).includes(winner))
    find(`the other one was not told that ${winner} has it`);
  if (results[at]?.[0]?.['agentName'] !== winner) find('the winner is told another name');

  const asked = { threadId: thread.id, token: thread.token, user: true };
  const [read, now] = await callByPost(
    url,
    visitor,
    threadCall('updateMessages', { ...asked, lastId: 0 }, ['messages']),
    threadCall('update', { ...asked, typed: false }, ['threadState', 'threadAgentId']),
  );
  const joined = (read!['messages'] as Message[]).filter(
    ({ kind, message }) => kind === events && rivals.some(({ name }) => message.includes(name)),
  );
  if (joined.length !== 1 || !joined[0]!.message.includes(winner)) find(`who joined: ${JSON.stringify(joined)}`);
  if (now?.['threadAgentId'] !== results[at]?.[0]?.['threadAgentId']) find(`the visitor has ${JSON.stringify(now)}`);
  return faults;
}

/** Runs the rounds; each of the two operators talks to his own server, which may be the same. */
export async function runTakeRace(servers: readonly [Server, Server], rounds: number): Promise<RaceOutcome> {
  const rivals = [await rival(servers[0], 'ann', 'Ann Archer'), await rival(servers[1], 'bob', 'Bob Baker')];
  const wins: Record<string, number> = {};
  const faults: string[] = [];
  for (let index = 0; index < rounds && faults.length < 10; index += 1) {
    faults.push(...(await round(index, rivals[index % 2]!.url, rivals, wins)));
  }
  for (const { socket } of rivals) socket.terminate();
  return { rounds, wins, faults };
}
