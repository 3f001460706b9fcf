import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSite } from './page-world.ts';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const settle = () => pass(0);

let site: ReturnType<typeof createSite>;
let unhandled: unknown[] = [];
let complaint: ReturnType<typeof vi.spyOn>;
const note = (reason: unknown) => void unhandled.push(reason);
const carriers = () => site.contacts.map(({ carrier }) => carrier);
const newest = () => site.contacts[site.contacts.length - 1]!;

beforeEach(() => {
  vi.useFakeTimers();
  complaint = vi.spyOn(console, 'error');
  site = createSite();
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  vi.useRealTimers();
  await new Promise((done) => setImmediate(done));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  expect(complaint).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

describe('a page that is followed', () => {
  it('makes a secret of 256 bits, keeps it, and says hello with it', async () => {
    const tab = site.tab();
    await settle();
    const secret = site.storage.get('tracking')!;
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(site.contacts).toMatchObject([
      { carrier: 'socket', secret, args: { page: 'https://shop.example/a', title: 'Shop', hidden: false } },
    ]);
    expect(tab.begun).toEqual([{ user_id: secret }]);
  });

  it('is the same visitor on the next page', async () => {
    site.tab('a');
    site.tab('b');
    await settle();
    expect(new Set(site.contacts.map(({ secret }) => secret)).size).toBe(1);
  });

  it('comes again after the pause that the server asks for', async () => {
    site.answer = () => ({ next: 30 });
    site.tab();
    await pass(29_900);
    expect(site.contacts).toHaveLength(1);
    await pass(200);
    expect(carriers()).toEqual(['socket', 'socket']);
    expect(site.open.size).toBe(1);
  });

  it('tells a new address of a page that only changes it, once for many changes', async () => {
    const tab = site.tab();
    await pass(2000);
    for (const path of ['b', 'c', 'd']) tab.change('path', { address: `https://shop.example/${path}` });
    await pass(300);
    expect(site.contacts.map(({ args }) => args['page'])).toEqual(['https://shop.example/a', 'https://shop.example/d']);
    tab.change('path');
    await pass(2000);
    expect(site.contacts).toHaveLength(2);
  });

  it('is heard at once when it comes into sight again', async () => {
    site.answer = ({ hidden }) => ({ next: hidden ? 300 : 10 });
    const tab = site.tab();
    await pass(5000);
    tab.change('sight', { hidden: true });
    await pass(60_000);
    expect(site.contacts.map(({ args }) => args['hidden'])).toEqual([false, true]);
    tab.change('sight', { hidden: false });
    await pass(300);
    expect(newest().args['hidden']).toBe(false);
  });

  it('cuts what is longer than the contract allows', async () => {
    const tab = site.tab('a', { start: false });
    Object.assign(tab.place, {
      address: `https://x/${'y'.repeat(3000)}`,
      title: 'z'.repeat(300),
      entry: 'e'.repeat(3000),
    });
    tab.start();
    await settle();
    const { page, title, entry } = newest().args as Record<string, unknown> as Record<string, string>;
    expect([page!.length, title!.length, entry!.length]).toEqual([2048, 255, 2048]);
  });
});

describe('carriers', () => {
  it('polls where sockets are refused, and has one stream for what is pushed', async () => {
    site.sockets = 'refused';
    const tab = site.tab();
    const calls: unknown[] = [];
    tab.functions['handle']!('greet', (data: unknown) => calls.push(data));
    await pass(2000);
    expect(carriers()).toEqual(['post', 'stream']);
    site.push('receiveWidget', { handlers: ['greet'], data: { word: 'hi' } });
    await settle();
    expect(calls).toEqual([{ word: 'hi' }]);
    await pass(20_000);
    expect(carriers()).toEqual(['post', 'stream', 'post', 'post']);
    expect(site.requests.filter((each) => each === 'socket')).toHaveLength(1);
  });

  it('polls alone where streams are not to be had, and asks for one ever more seldom', async () => {
    site.sockets = 'forbidden';
    site.streams = false;
    site.tab();
    await pass(60_000);
    expect(new Set(carriers())).toEqual(new Set(['post']));
    expect(site.contacts.length).toBeGreaterThanOrEqual(6);
    expect(site.contacts.length).toBeLessThan(9);
  });

  it('takes a stream that no answer comes through for none', async () => {
    site.sockets = 'refused';
    site.tab();
    await settle();
    site.answer = () => undefined;
    await pass(1300);
    site.answer = () => ({ next: 10 });
    await pass(14_000);
    expect(carriers()).toEqual(['post', 'stream', 'post']);
  });

  it('opens the stream again when it ends', async () => {
    site.sockets = 'refused';
    site.tab();
    await pass(2000);
    for (const each of site.running) each.cut();
    await pass(10_000);
    expect(carriers()).toEqual(['post', 'stream', 'stream']);
    expect(site.running.size).toBe(1);
  });

  it('never asks again for a socket that the server does not want', async () => {
    site.sockets = 4403;
    site.posts = 'down';
    site.tab();
    await pass(20_000);
    site.posts = 'ok';
    site.sockets = 'ok';
    await pass(60_000);
    expect(site.requests.filter((each) => each === 'socket')).toHaveLength(1);
    expect(site.contacts.length).toBeGreaterThan(3);
  });

  it('takes a socket again after the server was away', async () => {
    site.sockets = 'refused';
    site.posts = 'down';
    site.tab();
    await pass(10_000);
    expect(site.contacts).toEqual([]);
    Object.assign(site, { sockets: 'ok', posts: 'ok' });
    await pass(20_000);
    expect(carriers()[0]).toBe('socket');
  });

  it('makes a new socket after it was cut', async () => {
    site.tab();
    await pass(1000);
    for (const each of site.open) each.cut(4503);
    await pass(3500);
    expect(carriers()).toEqual(['socket', 'socket']);
  });

  it('gives up a socket that leaves a contact without an answer, and one that has gone silent', async () => {
    site.answer = () => ({ next: 300 });
    site.tab();
    await pass(1000);
    expect(site.requests).toEqual(['socket']);
    site.sockets = 'silent';
    await pass(40_100);
    expect(site.open.size).toBe(0);
    site.sockets = 'ok';
    await pass(20_000);
    expect(carriers()).toEqual(['socket', 'socket']);
  });

  it('waits longer and longer while the host is down, each page by its own clock', async () => {
    site.sockets = 'refused';
    site.posts = 'down';
    const times: number[] = [];
    site.requests.push = (...items: string[]) => times.push(...items.map(() => Date.now()));
    site.tab();
    await pass(3_600_000);
    const pauses = times.flatMap((time, at) => (at > 0 && time > times[at - 1]! ? [time - times[at - 1]!] : []));
    expect(pauses[0]).toBeGreaterThanOrEqual(1500);
    expect(pauses[0]).toBeLessThanOrEqual(3000);
    expect(Math.max(...pauses)).toBeGreaterThan(150_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(300_000);
    expect(pauses.length).toBeLessThan(32);
    expect(new Set(pauses.slice(-5)).size).toBe(5);
  });

  it('leaves the server alone for as long as it asks for', async () => {
    Object.assign(site, { sockets: 'refused', posts: 429, retryAfter: '120' });
    site.tab();
    await pass(119_000);
    expect(site.requests).toEqual(['socket', 'post']);
  });

  it('is not brought to more requests by the page while nothing answers', async () => {
    Object.assign(site, { sockets: 'refused', posts: 'down' });
    const tab = site.tab();
    await pass(40_000);
    const before = site.requests.length;
    for (let at = 0; at < 20; at++) tab.functions['track']!('click');
    await pass(1000);
    expect(site.requests.length - before).toBeLessThanOrEqual(2);
  });
});

describe('several tabs without sockets', () => {
  const streams = () => [...site.running].map(({ tab }) => tab);
  beforeEach(() => {
    site.sockets = 'refused';
  });

  it('have one stream among them, and all hear what comes through it', async () => {
    const tabs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => site.tab(name));
    const greeted: string[] = [];
    for (const { functions, name } of tabs) functions['handle']!('greet', () => greeted.push(name));
    await pass(30_000);
    expect(streams()).toHaveLength(1);
    site.push('receiveWidget', { handlers: ['greet'] });
    await settle();
    expect(greeted.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it('go on with another one when the one that led is closed', async () => {
    const a = site.tab('a');
    await pass(3000);
    site.tab('b');
    await pass(3000);
    expect(streams()).toEqual(['a']);
    a.change('leave');
    await pass(1500);
    expect(streams()).toEqual(['b']);
  });

  it('take over from one that was killed, and lead on when it was only asleep', async () => {
    site.storage.set('lead', `killed ${Date.now()}`);
    site.tab('b');
    await pass(14_000);
    expect(streams()).toEqual([]);
    await pass(10_000);
    expect(streams()).toEqual(['b']);
    site.storage.set('lead', `awake ${Date.now()}`);
    await pass(6000);
    expect(streams()).toEqual([]);
  });

  it('have no stream where they cannot hear each other', async () => {
    site.channels = false;
    site.tab('a');
    site.tab('b');
    await pass(30_000);
    expect(streams()).toEqual([]);
    expect(new Set(carriers())).toEqual(new Set(['post']));
  });

  it('all stop when one of them is told to', async () => {
    site.tab('a');
    site.tab('b');
    await pass(5000);
    site.push('stopWidget');
    await settle();
    const before = site.requests.length;
    await pass(3_600_000);
    expect(site.requests).toHaveLength(before);
    expect(site.running.size).toBe(0);
    expect(site.storage.has('lead')).toBe(false);
  });
});

describe('an open chat', () => {
  it('carries contacts and pushes, and the page’s own socket is closed', async () => {
    const tab = site.tab();
    await pass(1000);
    const secret = site.storage.get('tracking');
    const link = site.chatLink('a');
    tab.chat(link);
    await settle();
    expect(newest()).toMatchObject({ carrier: 'chat', secret, args: { user: true, page: 'https://shop.example/a' } });
    expect(newest().args['return']).toMatchObject({ next: 'next' });
    expect(site.open.size).toBe(0);
    const seen: unknown[] = [];
    tab.functions['handle']!('greet', (data: unknown) => seen.push(data));
    link.push('receiveWidget', { handlers: ['greet'], data: { a: 1 } });
    expect(seen).toEqual([{ a: 1 }]);
  });

  it('is followed by a socket of the page’s own when it ends', async () => {
    const tab = site.tab();
    const link = site.chatLink('a');
    tab.chat(link);
    await pass(2000);
    expect(site.open.size).toBe(0);
    tab.chat(undefined);
    await pass(2000);
    expect(newest().carrier).toBe('socket');
    expect(link.listeners.size).toBe(0);
  });

  it('is left alone when it cannot do it', async () => {
    const tab = site.tab();
    await pass(1000);
    const link = site.chatLink('a');
    link.works = false;
    tab.chat(link);
    await pass(15_000);
    expect(new Set(carriers())).toEqual(new Set(['socket']));
    expect(site.open.size).toBe(1);
  });

  it('tells the page to stop', async () => {
    const tab = site.tab();
    const link = site.chatLink('a');
    tab.chat(link);
    await pass(1000);
    link.push('stopWidget');
    const [requests, contacts] = [site.requests.length, site.contacts.length];
    tab.chat(site.chatLink('a'));
    await pass(3_600_000);
    expect([site.requests.length, site.contacts.length]).toEqual([requests, contacts]);
  });
});

describe('the end', () => {
  it.each([null, 0])('comes with an answer that names no next contact (%s): nothing is sent any more', async (next) => {
    const tab = site.tab();
    await pass(1000);
    site.answer = () => ({ next });
    await pass(10_000);
    const before = site.requests.length;
    tab.change('path', { address: 'https://shop.example/other' });
    tab.change('sight', { hidden: false });
    tab.functions['track']!('click');
    tab.agree(true);
    await pass(3_600_000);
    expect(site.contacts).toHaveLength(2);
    expect(site.requests).toHaveLength(before);
    expect(site.open.size).toBe(0);
  });

  it('comes at once over a socket', async () => {
    site.tab();
    await pass(1000);
    site.push('stopWidget');
    await pass(3_600_000);
    expect(site.requests).toEqual(['socket']);
    expect(site.open.size).toBe(0);
  });
});

describe('whoever', () => {
  it('has not agreed is neither stored nor told of, whatever the page says', async () => {
    const tab = site.tab('a', { start: false });
    tab.consented = false;
    tab.start();
    tab.functions['identify']!({ id: 7 });
    tab.change('path', { address: 'https://shop.example/b' });
    tab.chat(site.chatLink('a'));
    await pass(600_000);
    expect(site.requests).toEqual([]);
    expect(site.contacts).toEqual([]);
    expect(site.storage.size).toBe(0);
    expect(tab.begun).toEqual([]);
    tab.chat(undefined);
    tab.agree(true);
    await settle();
    expect(newest().args.custom).toEqual({ identify: '{"id":"7"}' });
  });

  it.each(['ok', 'refused'] as const)(
    'takes it back is forgotten, and nothing more is sent (sockets %s)',
    async (sockets) => {
      site.sockets = sockets;
      const tab = site.tab();
      await pass(5000);
      const secret = site.storage.get('tracking');
      tab.agree(false);
      const before = site.requests.length;
      tab.functions['track']!('click');
      await pass(3_600_000);
      expect(site.requests).toHaveLength(before);
      expect(site.storage.size).toBe(0);
      expect(tab.begun.at(-1)).toEqual({ user_id: '' });
      expect([site.open.size, site.running.size]).toEqual([0, 0]);
      tab.agree(true);
      await pass(100);
      expect(site.storage.get('tracking')).not.toBe(secret);
    },
  );

  it('takes it back while a contact is under way is not asked for again', async () => {
    const tab = site.tab('a', { start: false });
    const link = site.chatLink('a');
    let fail: (error: Error) => void = () => undefined;
    link.call = () => new Promise((_, failed) => (fail = failed));
    tab.chat(link);
    tab.start();
    await settle();
    tab.agree(false);
    fail(new Error('gone'));
    await pass(600_000);
    expect(site.requests).toEqual([]);
    expect(site.storage.size).toBe(0);
  });

  it('asks not to be tracked is not, where that counts', async () => {
    const tab = site.tab('a', { start: false });
    tab.declined = true;
    tab.start();
    await pass(60_000);
    expect([site.requests, site.storage.size, tab.begun]).toEqual([[], 0, []]);
    const other = site.tab('b', { start: false, facts: { poll: 10, consent: false, dnt: false } });
    other.declined = true;
    other.start();
    await settle();
    expect(site.contacts).toHaveLength(1);
  });
});

describe('what pages tell', () => {
  const custom = () => site.contacts.map(({ args }) => args.custom);

  it('is sent soon, and taken out once it is acknowledged', async () => {
    const tab = site.tab();
    await pass(2000);
    tab.functions['identify']!({ plan: 'gold', id: 7, hash: 'ab', fn: () => 1, deep: {} });
    tab.functions['track']!('basket', { items: 3 });
    tab.functions['sendToServer']!({ color: 'red', n: 2, list: [1] });
    await pass(300);
    expect(custom().at(-1)).toEqual({
      identify: '{"id":"7","hash":"ab","plan":"gold"}',
      track: '[{"name":"basket","data":{"items":"3"}}]',
      color: 'red',
      n: '2',
    });
    await pass(10_000);
    expect(custom().at(-1)).toEqual({});
  });

  it('is sent again until an answer has come', async () => {
    const tab = site.tab();
    await pass(2000);
    site.answer = () => undefined;
    tab.functions['track']!('basket');
    await pass(300);
    site.answer = () => ({ next: 10 });
    await pass(30_000);
    expect(custom().filter(({ track }) => track)).toHaveLength(2);
  });

  it('is sent soon, too, when it was told while a contact was under way', async () => {
    const tab = site.tab('a', { start: false });
    site.answer = () => {
      if (site.contacts.length === 1) tab.functions['track']!('early');
      return { next: 10 };
    };
    tab.start();
    await pass(1500);
    expect(custom()).toEqual([{}, { track: '[{"name":"early","data":{}}]' }]);
  });

  it('keeps within what the server takes, and comes in several contacts where it is much', async () => {
    const tab = site.tab();
    await pass(2000);
    for (let at = 0; at < 60; at++) tab.functions['track']!(`event ${at}`, { text: 'x'.repeat(at === 59 ? 5000 : 10) });
    tab.functions['identify']!({
      ...Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`a${at}`, 'y'.repeat(99)])),
      id: 'me',
    });
    tab.functions['sendToServer']!(
      Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`k${at}`, 'z'.repeat(2000)])),
    );
    await pass(30_000);
    for (const each of custom()) {
      expect(Object.keys(each).length).toBeLessThanOrEqual(32);
      for (const [name, value] of Object.entries(each))
        expect([name.length <= 64, value.length <= 1024]).toEqual([true, true]);
    }
    const names = custom().flatMap(({ track }) => (track ? (JSON.parse(track) as { name: string }[]) : []));
    expect(names).toHaveLength(50);
    expect(names.at(-1)!.name).toBe('event 59');
    const identity = custom().find(({ identify }) => identify)!['identify']!;
    expect(JSON.parse(identity)).toMatchObject({ id: 'me', a0: 'y'.repeat(99) });
  });

  it('is written as JSON though an old library gives arrays a toJSON of their own', async () => {
    const polluted = Array.prototype as unknown as { toJSON?: () => string };
    polluted.toJSON = () => 'broken';
    const bodies: string[] = [];
    try {
      const tab = site.tab('a', { start: false });
      site.sockets = 'refused';
      site.answer = (args) => {
        bodies.push((args['custom'] as Record<string, string>)['track'] ?? '');
        return undefined;
      };
      tab.start();
      tab.functions['track']!('click', { a: 1 });
      await pass(20_000);
    } finally {
      delete polluted.toJSON;
    }
    expect(bodies).toContain('[{"name":"click","data":{"a":"1"}}]');
  });
});

describe('an invitation that the page shows', () => {
  it('is named in each contact, and told at once when it is closed', async () => {
    const tab = site.tab();
    await pass(2000);
    tab.functions['invited']!(12);
    await pass(10_000);
    expect(newest().args).toMatchObject({ invitation: 12, rejected: false });
    tab.functions['invited']!(12, true);
    await settle();
    expect(newest().args).toMatchObject({ invitation: 12, rejected: true });
    tab.functions['invited']!(0);
    await pass(10_000);
    expect(newest().args).toMatchObject({ invitation: 0, rejected: false });
  });

  it('stays closed until the server has heard of it', async () => {
    const tab = site.tab();
    await pass(2000);
    site.answer = () => undefined;
    tab.functions['invited']!(12, true);
    await pass(100);
    site.answer = () => ({ next: 10 });
    await pass(20_000);
    expect(site.contacts.filter(({ args }) => args['rejected'])).toHaveLength(2);
  });
});
