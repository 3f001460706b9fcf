/**
 * A rush at a support desk, over the wire: a thousand open conversations, and fifty things a second that happen in them. Half are messages
 * to one operator, the rest are visitors who come, are taken by somebody else, and go. As many come as go, so the queue stays as long as it is.
 */
import { logIn } from '../support/login.ts';
import { startServer, beforeChat, type Server } from '../support/server.ts';
import { callByPost, newVisitor, startThread, threadCall, type Caller, type TestThread } from '../support/wire.ts';

interface Guest {
  readonly caller: Caller;
  readonly thread: TestThread;
  said: number;
  /** Messages more than others: not all end at once. */
  readonly patience: number;
}
export interface RushOptions {
  /** Open conversations. */
  readonly open: number;
  /** Of them with Ann. */
  readonly own: number;
  /** Of them with somebody else. */
  readonly others: number;
}
export interface Rush {
  /** Headers of Ann, who is looked at. */
  readonly ann: Caller;
  /** Her number. */
  readonly agentId: number;
  /** What happened so far. */
  readonly counts: { messages: number; came: number; taken: number; left: number };
  /** How many are where just now. */
  standing(): { readonly waiting: number; readonly mine: number; readonly others: number };
  /** Lets so many things happen, at this pace. */
  run(changes: number, perSecond: number): Promise<void>;
}

/** What one of ten changes is. The two kinds of leaving and the taking make room for the two who come. */
const round = ['say', 'come', 'say', 'leave', 'say', 'take', 'say', 'come', 'say', 'finish'] as const;
/** After so many messages an own conversation ends, and the next visitor is taken. */
const enough = 20;
/** Conversations are begun this many at once. */
const together = 16;

/** A server on which nobody is asked anything before a chat, and nothing limits how quickly people write. */
export async function startDesk(built = false): Promise<Server> {
  const rpc = { packagesPerSecond: 1_000_000, packagesAtOnce: 1_000_000 };
  const server = await startServer({
    built,
    without: beforeChat,
    config: `export default ${JSON.stringify({ plugins: { rpc } })};`,
    env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1' },
  });
  // Visitors and the other operator say nothing between their deeds, and are there all the same.
  const patient = { connection_timeout: '3600', disconnect_grace: '3600', online_timeout: '3600' };
  const settings = {
    message_rate: '0',
    start_rate: '0',
    thread_lifetime: '0',
    max_connections_from_one_host: '0',
    ...patient,
  };
  for (const [key, value] of Object.entries(settings)) {
    const { code, output } = server.command(['setting', 'set', key, value]);
    if (code !== 0) throw new Error(`${key} could not be set: ${output}`);
  }
  return server;
}

export async function openRush(server: Server, { open, own, others }: RushOptions): Promise<Rush> {
  const url = `${server.url}/thread/update`;
  const ann: Caller = { headers: await logIn(server, 'ann', '', 'Ann') };
  const bob: Caller = { headers: await logIn(server, 'bob', '', 'Bob') };
  const waiting: Guest[] = [];
  const withBob: Guest[] = [];
  const withAnn: Guest[] = [];
  const counts = { messages: 0, came: 0, taken: 0, left: 0 };
  let serial = 0;

  const ask = (caller: Caller, { thread }: Guest, name: string, args: object) =>
    callByPost(url, caller, threadCall(name, { threadId: thread.id, token: thread.token, ...args }));
  async function say(guest: Guest) {
    guest.said += 1;
    counts.messages += 1;
    await ask(guest.caller, guest, 'post', {
      user: true,
      message: `Word ${guest.said}: it is still not here, and I wait.`,
    });
  }
  async function come() {
    serial += 1;
    const caller = newVisitor(serial);
    const guest: Guest = { caller, thread: await startThread(url, caller), said: 0, patience: (serial % 5) * 4 };
    await ask(caller, guest, 'update', { user: true, typed: false, lastId: 0 });
    await say(guest);
    counts.came += 1;
    waiting.push(guest);
  }
  async function take(operator: Caller, list: Guest[]) {
    const guest = waiting.shift();
    if (!guest) return;
    await ask(operator, guest, 'take', { user: false });
    counts.taken += 1;
    list.push(guest);
  }
  async function leave(guest: Guest | undefined) {
    if (!guest) return;
    await ask(guest.caller, guest, 'close', { user: true });
    counts.left += 1;
  }
  async function sayToAnn(turn: number) {
    const guest = withAnn[turn % withAnn.length];
    // All of them are just being replaced.
    if (!guest) return;
    if (guest.said < enough + guest.patience) return say(guest);
    withAnn.splice(withAnn.indexOf(guest), 1);
    await leave(guest);
    await take(ann, withAnn);
  }
  const changes = {
    say: sayToAnn,
    come,
    leave: () => leave(waiting.splice(Math.floor(waiting.length / 2), 1)[0]),
    take: () => take(bob, withBob),
    finish: () => leave(withBob.shift()),
  } satisfies Record<(typeof round)[number], (turn: number) => Promise<void>>;

  for (let begun = 0; begun < open; begun += together)
    await Promise.all(Array.from({ length: Math.min(together, open - begun) }, come));
  for (let taken = 0; taken < own; taken += 1) await take(ann, withAnn);
  for (let taken = 0; taken < others; taken += 1) await take(bob, withBob);

  let turn = 0;
  return {
    ann,
    // Operators are numbered as they come.
    agentId: 1,
    counts,
    standing: () => ({ waiting: waiting.length, mine: withAnn.length, others: withBob.length }),
    async run(count, perSecond) {
      const started = performance.now();
      const under: Promise<void>[] = [];
      for (let done = 0; done < count; done += 1) {
        const due = started + (done * 1000) / perSecond;
        const early = due - performance.now();
        if (early > 0) await new Promise((resume) => setTimeout(resume, early));
        under.push(changes[round[turn % round.length]!](turn));
        turn += 1;
        // Nothing piles up where the machine is slower than the pace.
        if (under.length >= together) await under.shift();
      }
      await Promise.all(under);
    },
  };
}
