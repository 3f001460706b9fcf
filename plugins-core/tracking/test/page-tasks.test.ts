import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSite } from './page-world.ts';

type Tab = ReturnType<ReturnType<typeof createSite>['tab']>;
const settle = () => vi.advanceTimersByTimeAsync(0);

let site: ReturnType<typeof createSite>;
let tab: Tab;
let ran: unknown[];
/** A function that the server can have the page call. */
const offer = (name: string) =>
  void (tab.page.APIFunctions![name] = (data: { readonly n?: number }) => ran.push(`${name} ${data.n ?? ''}`.trim()));
const respond = (response: Record<string, unknown>) =>
  (tab.page.Objects!['widget'] as { onResponse(response: unknown): void }).onResponse(response);
const scriptOf = (name: string) => tab.loads.find(({ address }) => address.includes(name))!;

beforeEach(async () => {
  vi.useFakeTimers();
  site = createSite();
  ran = [];
  tab = site.tab();
  await settle();
});
afterEach(() => {
  tab.agree(false);
  vi.useRealTimers();
});

describe('what the server has a page do', () => {
  it('is done at once and in order where no script is needed', () => {
    for (const name of ['one', 'two']) offer(name);
    respond({ load: [], handlers: ['two', 'one'], dependencies: [], data: { n: 1 } });
    expect(ran).toEqual(['two 1', 'one 1']);
  });

  it('comes with the answer to a contact as well as by push', async () => {
    offer('one');
    site.answer = () => ({ next: 10, load: {}, handlers: ['one'], dependencies: { one: [] }, data: { n: 1 } });
    await vi.advanceTimersByTimeAsync(10_000);
    site.push('receiveWidget', { handlers: ['one'], data: { n: 2 } });
    await settle();
    expect(ran).toEqual(['one 1', 'one 2']);
  });

  it('loads each script once per page, whatever its address is later', () => {
    respond({ load: { a: 'https://c/a.js' } });
    respond({ load: { a: 'https://c/a2.js', b: 'https://c/b.js' } });
    expect(tab.loads.map(({ address }) => address)).toEqual(['https://c/a.js', 'https://c/b.js']);
  });

  it('waits for the scripts of each handler, and calls each with the data that came with it', async () => {
    for (const name of ['one', 'two', 'three']) offer(name);
    const load = { a: 'https://c/a.js', b: 'https://c/b.js' };
    respond({
      load,
      handlers: ['one', 'two', 'three'],
      dependencies: { one: ['a', 'b'], two: ['b'], three: [] },
      data: { n: 1 },
    });
    respond({ handlers: ['one', 'three'], data: { n: 2 } });
    expect(ran).toEqual(['three 1', 'three 2']);
    scriptOf('b.js').done();
    await settle();
    expect(ran).toEqual(['three 1', 'three 2', 'two 1']);
    scriptOf('a.js').done();
    await settle();
    expect(ran).toEqual(['three 1', 'three 2', 'two 1', 'one 1', 'one 2']);
  });

  it('finds handlers that a script has brought with it', async () => {
    respond({ load: { a: 'https://c/a.js' }, handlers: ['late'], dependencies: { late: ['a'] }, data: { n: 3 } });
    offer('late');
    scriptOf('a.js').done();
    await settle();
    expect(ran).toEqual(['late 3']);
  });

  it('keeps the first word on what a handler depends on', async () => {
    offer('one');
    respond({ load: { a: 'https://c/a.js' }, handlers: [], dependencies: { one: ['a'] } });
    respond({ handlers: ['one'], dependencies: { one: [] }, data: { n: 1 } });
    expect(ran).toEqual([]);
    scriptOf('a.js').done();
    await settle();
    expect(ran).toEqual(['one 1']);
  });

  it('reports scripts that do not come, and holds up none but their handlers', async () => {
    for (const name of ['one', 'two']) offer(name);
    const load = { a: 'https://c/a.js', b: 'https://c/b.js', c: 'https://c/c.js' };
    respond({ load, handlers: ['one', 'two'], dependencies: { one: ['a'], two: ['b'] } });
    scriptOf('a.js').failed();
    scriptOf('c.js').failed();
    scriptOf('b.js').done();
    await vi.advanceTimersByTimeAsync(1500);
    expect(ran).toEqual(['two']);
    expect(site.contacts.at(-1)!.args.custom).toEqual({ failed_script: 'a,c' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(site.contacts.at(-1)!.args.custom).toEqual({});
  });

  it('passes over what nobody has defined, and names that every object has', () => {
    offer('one');
    respond({ handlers: ['nobody', 'toString', '__proto__', 'constructor', 'one'], data: { n: 1 } });
    expect(ran).toEqual(['one 1']);
  });

  it('is done late, with the newest data, by a part that comes late', () => {
    respond({ handlers: ['greet'], data: { n: 1 } });
    respond({ handlers: ['greet'], data: { n: 2 } });
    tab.functions['handle']!('greet', (data: unknown) => ran.push(data));
    expect(ran).toEqual([{ n: 2 }]);
    expect(tab.page.APIFunctions!['greet']).toBeTypeOf('function');
  });

  it('goes on when a function of the page fails, and says so to the page', () => {
    tab.page.APIFunctions!['bad'] = () => {
      throw new Error('the page’s own');
    };
    offer('one');
    respond({ handlers: ['bad', 'one'] });
    expect(ran).toEqual(['one']);
    expect(() => vi.advanceTimersByTime(0)).toThrow('the page’s own');
  });

  it('survives answers of any shape', () => {
    for (const odd of [
      {},
      { load: 3, handlers: 'x', dependencies: null, data: null },
      { handlers: { 0: 'one' }, load: null },
    ])
      expect(() => respond(odd)).not.toThrow();
  });

  it('leaves what the page has put there before', () => {
    const other = site.tab('b', { start: false });
    const widget = {};
    Object.assign(other.page, { APIFunctions: { mine: () => ran.push('mine') }, Objects: { widget, ChatPopups: {} } });
    other.start();
    expect(other.page.Objects).toEqual({ widget, ChatPopups: {} });
    expect(other.page.APIFunctions).toHaveProperty('mine');
    other.agree(false);
  });
});
