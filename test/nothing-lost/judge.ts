/** What must hold at the end: each message stored once and in order, and everybody has seen what he may. */
import type { Person } from './people.ts';
import type { StoredMessage } from './stored.ts';

/** Messages of this kind are hidden from visitors. */
const forAgent = 3;

/** The messages of a thread that this side may see. */
export const visibleTo = (user: boolean, messages: readonly StoredMessage[]) =>
  messages.filter(({ kind }) => !user || kind !== forAgent);

export function byThread(stored: readonly StoredMessage[]): Map<number, StoredMessage[]> {
  const threads = new Map<number, StoredMessage[]>();
  for (const one of stored) {
    const list = threads.get(one.threadId);
    if (list) list.push(one);
    else threads.set(one.threadId, [one]);
  }
  return threads;
}

/** The first place at which two lists differ, as text; undefined when they are the same. */
function difference(one: readonly string[], two: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(one.length, two.length) }).findIndex(
    (_, index) => one[index] !== two[index],
  );
  return at < 0 ? undefined : `at ${at + 1} of ${one.length}: "${one[at]}" against "${two[at]}" of ${two.length}`;
}

function judgeSender({ name, written, acknowledged }: Person, threads: ReadonlyMap<number, readonly StoredMessage[]>) {
  const faults: string[] = [];
  for (const [threadId, texts] of written) {
    const messages = threads.get(threadId) ?? [];
    const mine = messages.map(({ body }) => body).filter((body) => body.startsWith(`${name} `));
    const wrong = difference(texts, mine);
    if (wrong) faults.push(`${name} in thread ${threadId}: written and stored differ ${wrong}`);
    for (const text of texts) {
      const id = acknowledged.get(text);
      const body = messages.find(({ seq }) => seq === id)?.body;
      if (body !== text) faults.push(`${name}: "${text}" was acknowledged as ${id}, where "${body}" is stored`);
    }
  }
  return faults;
}

/** Compares what people wrote and saw with what is stored. @returns what is wrong */
export function judge(people: readonly Person[], stored: readonly StoredMessage[]): string[] {
  const faults: string[] = [];
  const threads = byThread(stored);
  const expected = new Set(people.flatMap(({ conversations }) => conversations.map(({ thread }) => thread.id)));
  if (threads.size !== expected.size) faults.push(`${threads.size} conversations instead of ${expected.size}`);
  for (const [threadId, messages] of threads) {
    messages.forEach(({ seq }, at) => {
      if (seq !== at + 1) faults.push(`thread ${threadId}: number ${seq} at place ${at + 1}`);
    });
  }
  for (const person of people) {
    for (const line of person.refused) faults.push(`${person.name}: refused ${line}`);
    faults.push(...judgeSender(person, threads));
    for (const { thread, messages } of person.conversations) {
      const there = visibleTo(person.user, threads.get(thread.id) ?? []).map(({ seq, body }) => `${seq} ${body}`);
      const wrong = difference(
        there,
        messages.map(({ id, message }) => `${id} ${message}`),
      );
      if (wrong) faults.push(`${person.name} in thread ${thread.id}: stored and seen differ ${wrong}`);
    }
  }
  return faults;
}
