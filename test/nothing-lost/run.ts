/**
 * Nothing lost, nothing doubled: visitors and operators talk through the worst network while the server is killed again and
 * again. At the end each acknowledged message is stored once, in its sender's order, and everybody has seen what he may.
 */
import { randomBytes } from 'node:crypto';
import { startProxy } from '../support/proxy.ts';
import { createRandom, type Random } from '../support/random.ts';
import { moments, type Moment } from '../support/assassin/moments.ts';
import { logIn } from '../support/login.ts';
import { root, startServer, type Server } from '../support/server.ts';
import { createPerson, type Person, type Thread } from './people.ts';

export interface Plan {
  readonly seed: number;
  readonly messages: number;
  readonly visitors: number;
  readonly operators: number;
  /** Kills at each of the moments. */
  readonly kills: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Reads what is stored after the server stopped. */
  readonly stored: (server: Server) => Promise<readonly StoredMessage[]>;
}
export interface StoredMessage {
  readonly threadId: number;
  readonly seq: number;
  readonly kind: number;
  readonly body: string;
}
export interface Outcome {
  readonly seed: number;
  readonly stored: number;
  readonly acknowledged: number;
  readonly kills: Readonly<Record<Moment, number>>;
  readonly network: Readonly<Record<string, number>>;
  /** What went wrong; empty when all is well. */
  readonly faults: readonly string[];
}

const forAgent = 3;

/** A condition that is looked at again whenever something happened. */
function createBell() {
  let waiting: { condition: () => boolean; done: () => void }[] = [];
  return {
    ring() {
      const ready = waiting.filter((one) => one.condition());
      waiting = waiting.filter((one) => !ready.includes(one));
      for (const one of ready) one.done();
    },
    until: (condition: () => boolean) =>
      new Promise<void>((done) => {
        if (condition()) done();
        else waiting.push({ condition, done });
      }),
  };
}

/** Kills and starts the server until each moment has had its share. */
async function terror(server: Server, plan: Plan, random: Random, counts: Record<Moment, number>, over: () => boolean) {
  const heard = () => moments.map((one) => server.output().split(`assassin: ${one}`).length - 1);
  const note = () => heard().forEach((count, at) => (counts[moments[at]!] = count));
  while (!over()) {
    await server.ended();
    note();
    const left = moments.filter((one) => counts[one] < plan.kills);
    const next = left.length > 0 ? `${random.pick(left)}:${5 + random.below(60)}` : ':0';
    await server.start({ MIBEW_ASSASSIN: next });
    if (left.length === 0) return;
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
    const { thread } = (options as { chatOptions: { thread: Thread } }).chatOptions;
    threads.push(thread);
    visitor.join({ id: Number(thread.id), token: Number(thread.token) });
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

const groupBy = <T>(list: readonly T[], key: (item: T) => number): Map<number, T[]> => {
  const groups = new Map<number, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};

/** Compares what people wrote and saw with what is stored. */
function judge(people: readonly Person[], stored: readonly StoredMessage[]): string[] {
  const faults: string[] = [];
  const byThread = groupBy(stored, (one) => one.threadId);
  for (const [threadId, messages] of byThread) {
    messages.sort((a, b) => a.seq - b.seq);
    messages.forEach(({ seq }, at) => {
      if (seq !== at + 1) faults.push(`thread ${threadId}: number ${seq} at place ${at + 1}`);
    });
  }
  for (const person of people) {
    for (const line of person.refused) faults.push(`${person.name}: refused ${line}`);
    for (const [threadId, texts] of person.written) {
      const bodies = (byThread.get(threadId) ?? []).map(({ body }) => body);
      const mine = bodies.filter((body) => body.startsWith(`${person.name} `));
      if (mine.join('\n') !== texts.join('\n')) {
        const missing = texts.filter((text) => !mine.includes(text)).length;
        faults.push(`${person.name} in ${threadId}: wrote ${texts.length}, stored ${mine.length}, missing ${missing}`);
      }
      for (const text of texts) {
        const id = person.acknowledged.get(text);
        const found = byThread.get(threadId)?.find(({ seq }) => seq === id);
        if (found?.body !== text) faults.push(`${person.name}: "${text}" was acknowledged as ${id}, stored "${found?.body}"`);
      }
    }
    for (const { thread, messages } of person.conversations) {
      const visible = (byThread.get(thread.id) ?? []).filter(({ kind }) => !person.user || kind !== forAgent);
      const [seen, there] = [messages.map(({ id }) => id).join(), visible.map(({ seq }) => seq).join()];
      if (seen !== there) faults.push(`${person.name} in ${thread.id}: saw ${messages.length} of ${visible.length}`);
    }
  }
  return faults;
}

/** Runs the plan. Rejects only when the world around it breaks; what the product did wrong is in `faults`. */
export async function runNothingLost(plan: Plan): Promise<Outcome> {
  const random = createRandom(plan.seed);
  const bell = createBell();
  const server = await startServer({
    config: `export default { plugins: {}, pluginFolders: [${JSON.stringify(`${root}test/support/assassin`)}] };`,
    env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1', ...plan.env },
  });
  const bad = { dropAnswer: 0.3, repeatRequest: 0.3, cutSocket: 0.01 };
  const proxy = await startProxy(server.port, bad, random);
  const people = await startPeople(server, proxy.url, plan, random, bell.ring);
  const counts: Record<Moment, number> = { 'before-commit': 0, 'after-commit': 0, 'between-answer-and-push': 0 };

  let over = false;
  await server.kill();
  const killing = terror(server, plan, random, counts, () => over);
  let number = 0;
  // Everybody keeps a few messages under way; kills and the network set the pace.
  const enough = () => number >= plan.messages && moments.every((one) => counts[one] >= plan.kills);
  while (!enough()) {
    const person = random.pick(people);
    person.say(random.pick(person.conversations), `${person.name} ${(number += 1)}`);
    await bell.until(() => people.reduce((sum, one) => sum + one.waiting(), 0) < 2 * people.length);
  }
  await killing;
  over = true;
  proxy.calm();

  const numbers = () => people.map((one) => one.acknowledged.size).reduce((sum, size) => sum + size, 0);
  await bell.until(() => numbers() + people.flatMap((one) => one.refused).length === number);
  const ends = new Map<number, number>();
  for (const one of people.flatMap((person) => person.conversations)) {
    const last = one.messages.at(-1)?.id ?? 0;
    ends.set(one.thread.id, Math.max(ends.get(one.thread.id) ?? 0, last));
  }
  for (const person of people) {
    for (const [threadId] of person.written) {
      const mine = (person.written.get(threadId) ?? []).map((text) => person.acknowledged.get(text) ?? 0);
      ends.set(threadId, Math.max(ends.get(threadId) ?? 0, ...mine));
    }
  }
  await bell.until(() =>
    people.every((one) => one.conversations.every((each) => (each.messages.at(-1)?.id ?? 0) >= ends.get(each.thread.id)!)),
  );
  for (const person of people) person.stop();
  await proxy.close();
  await server.quit();
  const stored = await plan.stored(server);
  await server.stop();
  return {
    seed: plan.seed,
    stored: stored.length,
    acknowledged: numbers(),
    kills: counts,
    network: proxy.counts,
    faults: judge(people, stored),
  };
}
