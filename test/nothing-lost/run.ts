/**
 * Nothing lost, nothing doubled: visitors and operators talk through the worst network while the server is killed again and
 * again. At the end each acknowledged message is stored once, in its sender's order, and everybody has seen what he may.
 */
import { randomBytes } from 'node:crypto';
import { startProxy } from '../support/proxy.ts';
import { createRandom, type Random } from '../support/random.ts';
import { moments, type Moment } from '../support/assassin/moments.ts';
import { logIn } from '../support/login.ts';
import { beforeChat, errorsIn, root, startServer, type Server } from '../support/server.ts';
import { createBell, type Bell } from './bell.ts';
import { byThread, judge, visibleTo } from './judge.ts';
import { createPerson, type Person, type Thread } from './people.ts';
import { readMessages } from './stored.ts';

export interface Plan {
  readonly seed: number;
  readonly messages: number;
  readonly visitors: number;
  readonly operators: number;
  /** Kills at each of the moments. */
  readonly kills: number;
  /** MIBEW_DATABASE; a SQLite file of its own where it is left out. */
  readonly database?: string;
  /** The network refuses sockets, so that everybody polls. Nothing is pushed then. */
  readonly polling?: boolean;
}
export interface Outcome {
  readonly seed: number;
  readonly stored: number;
  readonly acknowledged: number;
  readonly kills: Readonly<Partial<Record<Moment, number>>>;
  readonly network: Readonly<Record<string, number>>;
  /** What went wrong; empty when all is well. */
  readonly faults: readonly string[];
}

const bad = { dropAnswer: 0.3, repeatRequest: 0.3, cutSocket: 0.01, losePush: 0.05 };
const config = `export default { plugins: { realtime: { heartbeat: 3 } }, pluginFolders: [${JSON.stringify(`${root}test/support/assassin`)}] };`;

type Counts = Partial<Record<Moment, number>>;

/** Kills and starts the server until each moment has had its share. */
async function terrorize(
  server: Server,
  plan: Plan,
  random: Random,
  counts: Counts,
  over: () => boolean,
): Promise<void> {
  const wanted = Object.keys(counts) as Moment[];
  // So far apart that messages and kills run out at about the same time.
  const apart = Math.max(10, Math.round((1.5 * plan.messages) / (plan.kills * wanted.length)));
  await server.kill();
  for (;;) {
    for (const one of wanted) counts[one] = server.output().split(`assassin: ${one}\n`).length - 1;
    const left = over() ? [] : wanted.filter((one) => counts[one]! < plan.kills);
    const next = left.length > 0 ? `${random.pick(left)}:${5 + random.below(apart)}` : ':0';
    try {
      await server.start({ MIBEW_ASSASSIN: next });
    } catch (error) {
      // Killed while it started is killed as well.
      if ((await server.ended()) !== 'SIGKILL') throw error;
      continue;
    }
    if (left.length === 0) return;
    const why = await server.ended();
    if (why !== 'SIGKILL') throw new Error(`the server ended by itself (${why}):\n${server.output().slice(-4000)}`);
  }
}

async function startPeople(server: Server, url: string, plan: Plan, random: Random, changed: () => void) {
  const visitors: Person[] = [];
  const threads: Thread[] = [];
  for (let index = 0; index < plan.visitors; index += 1) {
    const secret = randomBytes(32).toString('base64url');
    const headers = { 'X-Forwarded-For': `10.1.0.${index}` };
    const visitor = createPerson({ name: `v${index}`, url, user: true, secret, headers, random, changed });
    const { options } = await visitor.ask('start', {}, ['options']);
    const { thread } = options as { thread: Thread };
    threads.push(thread);
    visitor.join({ id: thread.id, token: thread.token });
    visitors.push(visitor);
  }
  const operators: Person[] = [];
  for (let index = 0; index < plan.operators; index += 1) {
    const headers = await logIn(server, `op${index}`);
    const operator = createPerson({ name: `op${index}`, url, user: false, headers, random, changed });
    operators.push(operator);
    for (const thread of threads.filter((_, at) => at % plan.operators === index)) {
      await operator.ask('take', { threadId: thread.id, token: thread.token, user: false }, ['threadState']);
      operator.join(thread);
    }
  }
  return [...visitors, ...operators];
}

const sum = (people: readonly Person[], of: (person: Person) => number) =>
  people.reduce((total, person) => total + of(person), 0);

/** Everybody writes, a few messages ahead of their acknowledgements; kills and the network set the pace. */
async function talk(people: readonly Person[], bell: Bell, random: Random, enough: (written: number) => boolean) {
  let written = 0;
  while (!enough(written)) {
    const person = random.pick(people);
    person.say(random.pick(person.conversations), `${person.name} ${(written += 1)}`);
    const moving = await bell.until(() => sum(people, (one) => one.waiting()) < 2 * people.length);
    if (!moving) break;
  }
  return written;
}

/** Waits until everything is acknowledged and seen. @returns what was stored then */
async function comeToRest(url: string, people: readonly Person[], bell: Bell, written: number) {
  await bell.until(() => sum(people, (one) => one.acknowledged.size + one.refused.length) === written);
  let stored = await readMessages(url);
  for (;;) {
    const threads = byThread(stored);
    const seen = () =>
      people.every(({ user, conversations }) =>
        conversations.every(({ thread, messages }) => {
          const last = visibleTo(user, threads.get(thread.id) ?? []).at(-1)?.seq ?? 0;
          return (messages.at(-1)?.id ?? 0) >= last;
        }),
      );
    const arrived = await bell.until(seen);
    // The server may have said something by itself meanwhile.
    const now = await readMessages(url);
    if (!arrived || now.length === stored.length) return now;
    stored = now;
  }
}

/** Runs the plan. Rejects only when the world around it breaks; what the product did wrong is in `faults`. */
export async function runNothingLost(plan: Plan): Promise<Outcome> {
  const random = createRandom(plan.seed);
  const bell = createBell();
  const env = { MIBEW_TRUSTED_PROXIES: '127.0.0.1', ...(plan.database ? { MIBEW_DATABASE: plan.database } : {}) };
  const server = await startServer({ config, env, without: beforeChat });
  const database = plan.database ?? `sqlite:${server.data}/mibew.db`;
  const proxy = await startProxy(server.port, { ...bad, refuseSockets: plan.polling }, random);
  const people: Person[] = [];
  try {
    people.push(...(await startPeople(server, proxy.url, plan, random, bell.ring)));
    const counts: Counts = Object.fromEntries(
      moments.filter((one) => !plan.polling || one !== 'between-answer-and-push').map((one) => [one, 0]),
    );
    const killed = () => Object.values(counts).every((count) => count >= plan.kills);
    let over = false;
    const terror = terrorize(server, plan, random, counts, () => over);
    const talking = talk(people, bell, random, (written) => written >= plan.messages && killed());
    const written = await Promise.race([talking, terror.then(() => talking)]);
    over = true;
    const stuck = killed()
      ? []
      : [`nothing moved any more after ${written} messages and kills ${JSON.stringify(counts)}`];
    if (stuck.length > 0) await server.kill();
    await terror;
    proxy.calm();
    const stored = await comeToRest(database, people, bell, written);
    const faults = [...stuck, ...judge(people, stored)];
    for (const person of people) person.stop();
    await server.quit();
    const kept = await readMessages(database);
    if (kept.length < stored.length)
      faults.push(`${stored.length - kept.length} messages went away when the server stopped`);
    faults.push(...errorsIn(server.output()));
    const acknowledged = sum(people, (one) => one.acknowledged.size);
    return { seed: plan.seed, stored: stored.length, acknowledged, kills: counts, network: proxy.counts, faults };
  } finally {
    for (const person of people) person.stop();
    await proxy.close();
    await server.stop();
  }
}
