import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallFailed, createOutbox, memoryStorage, pageStorage } from '../client/index.ts';
import type { Entry, KeyValue, Outbox, Receipt } from '../client/index.ts';
import { createWorld } from './world.ts';

const settle = () => vi.advanceTimersByTimeAsync(0);
const thread = { id: 42, token: 1234567 };
const other = { id: 43, token: 7654321 };
const timeout = () => new CallFailed('timeout', '');
const status = (code: number) => new CallFailed('refused', '', { status: code });

interface Sent {
  entry: Entry;
  answer(receipt?: Receipt): Promise<void>;
  fail(error: unknown): Promise<void>;
}
interface Tab {
  outbox: Outbox;
  sent: Sent[];
  /** The browser dies: no handler runs any more. */
  crash(): void;
  session: KeyValue;
}

let storage: KeyValue;
let tabs: Tab[] = [];
let number = 0;

function openTab({ owner = 'visitor', session = memoryStorage(), store = storage } = {}): Tab {
  const sent: Sent[] = [];
  let alive = true;
  const { environment } = createWorld();
  const outbox = createOutbox({
    storage: store,
    session,
    prefix: 'mibew:',
    owner,
    environment: { ...environment, setTimeout: (run, ms) => setTimeout(() => alive && run(), ms) },
    send: (entry) =>
      new Promise((resolve, reject) =>
        sent.push({
          entry,
          async answer(receipt = { id: ++number, created: 0 }) {
            resolve(receipt);
            await settle();
          },
          async fail(error) {
            reject(error);
            await settle();
          },
        }),
      ),
  });
  outbox.start();
  const tab = { outbox, sent, session, crash: () => void (alive = false) };
  tabs.push(tab);
  return tab;
}
const texts = (entries: readonly Entry[]) => entries.map((entry) => entry.text);

beforeEach(() => {
  vi.useFakeTimers();
  storage = memoryStorage();
});
afterEach(() => {
  for (const tab of tabs) tab.outbox.stop();
  tabs = [];
  vi.useRealTimers();
});

describe('order', () => {
  it('has at most one unacknowledged post per thread, and sends in order', async () => {
    const { outbox, sent } = openTab();
    for (const text of ['one', 'two', 'three']) outbox.add(thread, text);
    await settle();
    expect(sent.map((each) => each.entry.text)).toEqual(['one']);
    await sent[0]?.answer();
    await sent[1]?.answer();
    expect(sent.map((each) => each.entry.text)).toEqual(['one', 'two', 'three']);
  });

  it('lets one thread not wait for another', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'one');
    outbox.add(other, 'two');
    await settle();
    expect(sent.map((each) => each.entry.threadId)).toEqual([42, 43]);
  });

  it('gives every message a random key of its own, from getRandomValues', () => {
    const { outbox } = openTab();
    const keys = ['a', 'a', 'a'].map((text) => outbox.add(thread, text).key);
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[\w-]{22}$/);
  });

  it('keeps the order of those behind a message that is tried again', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'one');
    outbox.add(thread, 'two');
    await settle();
    await sent[0]?.fail(timeout());
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.map((each) => each.entry.text)).toEqual(['one', 'one']);
  });
});

describe('sending again', () => {
  it.each([
    ['no answer', timeout()],
    ['a broken connection', new CallFailed('network', '')],
    ['an answer without a reply', new CallFailed('unanswered', '')],
    ['500', status(500)],
    ['503', status(503)],
    ['429', status(429)],
    ['code 102 of the package', new CallFailed('refused', '', { status: 429, code: 102 })],
    ['code 102 of the function', new CallFailed('function', '', { code: 102 })],
    ['a failure of the server inside a result', new CallFailed('function', '', { code: 120 })],
  ])('happens after %s, under the same key', async (_, error) => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'hello');
    await settle();
    await sent[0]?.fail(error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent[1]?.entry.key).toBe(sent[0]?.entry.key);
    await sent[1]?.answer();
    expect(outbox.entries()).toEqual([]);
  });

  it('makes growing pauses, up to half a minute, and shorter ones after a success', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'hello');
    outbox.add(thread, 'again');
    await settle();
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const from = Date.now();
      const count = sent.length;
      await sent.at(-1)?.fail(timeout());
      while (sent.length === count) await vi.advanceTimersByTimeAsync(100);
      pauses.push(Math.round((Date.now() - from) / 1000));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    await sent.at(-1)?.answer();
    await sent.at(-1)?.fail(timeout());
    const count = sent.length;
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(count + 1);
  });

  it('waits at least as long as the server asked', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'hello');
    await settle();
    await sent[0]?.fail(new CallFailed('refused', '', { status: 429, retryAfter: 9 }));
    await vi.advanceTimersByTimeAsync(8900);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toHaveLength(2);
  });

  it('goes on at once when it is told that the connection is back', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'hello');
    await settle();
    for (let i = 0; i < 4; i++) {
      await sent.at(-1)?.fail(timeout());
      outbox.wake();
      await settle();
    }
    expect(sent).toHaveLength(5);
  });

  it('ends after 24 hours; the text stays visible as not sent', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'hello');
    await settle();
    await vi.advanceTimersByTimeAsync(24 * 3600_000);
    await sent[0]?.fail(timeout());
    await vi.advanceTimersByTimeAsync(2000);
    expect(sent).toHaveLength(1);
    expect(outbox.entries()).toMatchObject([{ text: 'hello', reason: { kind: 'expired' } }]);
  });
});

describe('a refusal', () => {
  it.each([
    ['code 5', new CallFailed('function', 'Cannot send', { code: 5 })],
    ['code 101', new CallFailed('function', 'Too long', { code: 101 })],
    ['403', new CallFailed('refused', 'Not yours', { status: 403, code: 4 })],
    ['413', new CallFailed('refused', 'Too large', { status: 413, code: 110 })],
    ['400', new CallFailed('refused', 'Bad', { status: 400, code: 12 })],
  ])('is final: %s; the text stays with its reason and the next one goes', async (_, error) => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'bad');
    outbox.add(thread, 'good');
    await settle();
    await sent[0]?.fail(error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map((each) => each.entry.text)).toEqual(['bad', 'good']);
    expect(outbox.entries()[0]).toMatchObject({
      text: 'bad',
      reason: { kind: 'refused', code: error.code, message: error.message },
    });
  });

  it('outlives a reload, and can be tried again under its old key or removed', async () => {
    const first = openTab();
    const { key } = first.outbox.add(thread, 'bad');
    await settle();
    await first.sent[0]?.fail(status(400));
    first.outbox.stop();
    const { outbox, sent } = openTab({ session: first.session });
    expect(texts(outbox.entries())).toEqual(['bad']);
    await settle();
    expect(sent).toHaveLength(0);
    outbox.retry(key);
    await settle();
    expect(sent[0]?.entry.key).toBe(key);
    outbox.remove(key);
    expect(outbox.entries()).toEqual([]);
    await sent[0]?.answer();
    expect(storage.keys()).toEqual([]);
  });
});

describe('tabs', () => {
  it('keep their outbox over a reload', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    first.outbox.add(thread, 'two');
    first.outbox.stop();
    const second = openTab({ session: first.session });
    expect(texts(second.outbox.entries())).toEqual(['one', 'two']);
    await settle();
    expect(second.sent.map((each) => each.entry.text)).toEqual(['one']);
  });

  it('leave the outbox of a living tab alone', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    const second = openTab();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(second.sent).toHaveLength(0);
    expect(second.outbox.entries()).toEqual([]);
  });

  it('take over an expired outbox whole and in order, with its keys', async () => {
    const first = openTab();
    const keys = ['one', 'two', 'three'].map((text) => first.outbox.add(thread, text).key);
    await settle();
    first.crash();
    const second = openTab();
    second.outbox.add(thread, 'mine');
    await vi.advanceTimersByTimeAsync(4000);
    expect(texts(second.outbox.entries())).toEqual(['mine']);
    await vi.advanceTimersByTimeAsync(3000);
    expect(texts(second.outbox.entries())).toEqual(['mine', 'one', 'two', 'three']);
    for (let i = 0; i < 4; i++) await second.sent[i]?.answer();
    expect(second.sent.slice(1).map((each) => each.entry.key)).toEqual(keys);
    expect(storage.keys()).toEqual([]);
  });

  it('take over what a closed tab left', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    first.outbox.stop();
    await vi.advanceTimersByTimeAsync(3600_000);
    const second = openTab();
    await settle();
    expect(second.sent.map((each) => each.entry.text)).toEqual(['one']);
  });

  it('that slept while another took their outbox over let go of it, and keep what is new', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    await settle();
    first.crash();
    const second = openTab();
    await vi.advanceTimersByTimeAsync(7000);
    expect(texts(second.outbox.entries())).toEqual(['one']);
    first.outbox.add(thread, 'two');
    expect(texts(first.outbox.entries())).toEqual(['two']);
    await first.sent[0]?.answer();
    expect(texts(second.outbox.entries())).toEqual(['one']);
    expect(texts(first.outbox.entries())).toEqual(['two']);
  });

  it('that were duplicated do not share an outbox', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    const copy = memoryStorage();
    for (const key of first.session.keys()) copy.set(key, first.session.get(key) ?? '');
    const second = openTab({ session: copy });
    await settle();
    expect(second.outbox.entries()).toEqual([]);
    expect(second.sent).toHaveLength(0);
  });

  it('count a lease from the future as expired', async () => {
    const first = openTab();
    first.outbox.add(thread, 'one');
    first.crash();
    vi.setSystemTime(Date.now() - 3600_000);
    const second = openTab();
    await vi.advanceTimersByTimeAsync(2000);
    expect(texts(second.outbox.entries())).toEqual(['one']);
  });
});

describe('an operator', () => {
  it('never sends what another wrote', async () => {
    const ann = openTab({ owner: 'agent-1' });
    ann.outbox.add(thread, 'by Ann');
    ann.outbox.stop();
    const bob = openTab({ owner: 'agent-2', session: ann.session });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bob.sent).toHaveLength(0);
    const again = openTab({ owner: 'agent-1' });
    await settle();
    expect(again.sent.map((each) => each.entry.text)).toEqual(['by Ann']);
  });

  it('is told how much waits, in any tab, and throws all of it away at log-out', async () => {
    const one = openTab({ owner: 'agent-1' });
    const two = openTab({ owner: 'agent-1' });
    const stranger = openTab({ owner: 'agent-2' });
    one.outbox.add(thread, 'a');
    two.outbox.add(thread, 'b');
    stranger.outbox.add(thread, 'c');
    expect(one.outbox.waiting()).toBe(2);
    one.outbox.discard();
    await vi.advanceTimersByTimeAsync(2000);
    expect(one.outbox.entries()).toEqual([]);
    expect(two.outbox.entries()).toEqual([]);
    expect(texts(stranger.outbox.entries())).toEqual(['c']);
  });
});

describe('storage', () => {
  it('that refuses to be used is replaced by memory, which says so', async () => {
    const store = pageStorage(() => {
      throw new Error('SecurityError');
    });
    const { outbox, sent } = openTab({ store });
    outbox.add(thread, 'one');
    await settle();
    await sent[0]?.fail(timeout());
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(2);
    expect(store.lasting).toBe(false);
  });

  it('that is full loses nothing while the page stays', async () => {
    const map = new Map<string, string>();
    const full = {
      getItem: (key: string) => map.get(key) ?? null,
      removeItem: (key: string) => void map.delete(key),
      setItem(key: string, value: string) {
        if (key.includes(':box:')) throw new Error('QuotaExceededError');
        map.set(key, value);
      },
    } as Storage;
    const store = pageStorage(() => full);
    expect(store.lasting).toBe(true);
    const { outbox, sent } = openTab({ store });
    outbox.add(thread, 'one');
    outbox.add(thread, 'two');
    await settle();
    await sent[0]?.answer();
    expect(sent.map((each) => each.entry.text)).toEqual(['one', 'two']);
    expect(store.lasting).toBe(false);
  });

  it('with rubbish in it is an empty outbox', () => {
    const session = memoryStorage();
    session.set('mibew:outbox:visitor:tab', 'mine');
    storage.set('mibew:outbox:visitor:box:mine', '{"not": "a list"');
    expect(openTab({ session }).outbox.entries()).toEqual([]);
  });

  it('is empty when nothing waits, so that a page can see whether there is anything to do', async () => {
    const { outbox, sent } = openTab();
    outbox.add(thread, 'one');
    await settle();
    expect(storage.keys().some((key) => key.includes('box:'))).toBe(true);
    await sent[0]?.answer();
    await vi.advanceTimersByTimeAsync(5000);
    expect(storage.keys()).toEqual([]);
  });
});
