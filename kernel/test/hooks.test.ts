import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PluginError } from '../errors.ts';
import { createInFlight } from '../flight.ts';
import { createHooks } from '../hooks.ts';
import { defineHook } from '../tokens.ts';
import { deferred } from './deferred.ts';

const told = defineHook.notify<[string]>('test.told');
const shaped = defineHook.filter<string, [number]>('test.shaped');
const allowed = defineHook.decide<[string], boolean>('test.allowed');
const ending = defineHook.series<[string[]]>('test.ending');

function world() {
  const blamed: PluginError[] = [];
  const flight = createInFlight();
  return { blamed, flight, hooks: createHooks(flight, (error) => blamed.push(error)) };
}

const fail = () => {
  throw new Error('broken');
};

describe('a hook with no listeners', () => {
  it('gives nothing, or the value of a filter', async () => {
    const { hooks } = world();
    expect(await hooks.call(told, ['x'])).toBeUndefined();
    expect(await hooks.call(allowed, ['x'])).toBeUndefined();
    expect(await hooks.call(shaped, ['as it was', 1])).toBe('as it was');
  });
});

describe('notify', () => {
  it('runs listeners side by side, and one that throws keeps nobody else from running', async () => {
    const { hooks, blamed } = world();
    const seen: string[] = [];
    const gate = deferred();
    hooks.add('slow', told, async (name: string) => {
      await gate.promise;
      seen.push(`slow ${name}`);
    });
    hooks.add('bad', told, fail);
    hooks.add('quick', told, (name: string) => {
      seen.push(`quick ${name}`);
      gate.resolve();
    });
    await hooks.call(told, ['Ann']);
    expect(seen).toEqual(['quick Ann', 'slow Ann']);
    expect(blamed).toMatchObject([{ code: 'HOOK_FAILED', plugin: 'bad', where: 'test.told' }]);
    expect(blamed[0]?.cause).toBeInstanceOf(Error);
  });
});

describe('filter', () => {
  it('hands the value on, keeps it where a listener returns nothing or throws', async () => {
    const { hooks, blamed } = world();
    hooks.add('a', shaped, (value: string, times: number) => value.repeat(times));
    hooks.add('b', shaped, () => {});
    hooks.add('c', shaped, fail);
    hooks.add('d', shaped, async (value: string) => `${value}!`);
    expect(await hooks.call(shaped, ['ab', 2])).toBe('abab!');
    expect(blamed.map(({ plugin }) => plugin)).toEqual(['c']);
  });
});

describe('an answer that comes later', () => {
  it('is waited for, also where it is no native promise, as a query is', async () => {
    const { hooks, flight } = world();
    let asked = false;
    const query = {
      // eslint-disable-next-line unicorn/no-thenable
      then(resolve: (value: string) => void) {
        asked = true;
        setImmediate(() => resolve('from the query'));
      },
    };
    hooks.add('reader', shaped, () => query);
    expect(await hooks.call(shaped, ['as it was', 1])).toBe('from the query');
    expect(asked).toBe(true);
    await flight.idle('reader', 1);
  });
});

describe('decide', () => {
  it('takes the first answer and asks nobody after it', async () => {
    const { hooks } = world();
    const last = vi.fn();
    hooks.add('silent', allowed, () => undefined);
    hooks.add('no', allowed, async () => false);
    hooks.add('yes', allowed, last);
    expect(await hooks.call(allowed, ['x'])).toBe(false);
    expect(last).not.toHaveBeenCalled();
  });

  it('fails closed: what a listener throws reaches the caller, with its author', async () => {
    const { hooks } = world();
    hooks.add('bad', allowed, fail);
    hooks.add('yes', allowed, () => true);
    await expect(hooks.call(allowed, ['x'])).rejects.toMatchObject({ code: 'HOOK_FAILED', plugin: 'bad' });
  });

  it('hands a PluginError of a listener on as it is', async () => {
    const { hooks } = world();
    const refusal = new PluginError('ACCESS_REFUSED', { plugin: 'strict' });
    hooks.add('strict', allowed, () => Promise.reject(refusal));
    await expect(hooks.call(allowed, ['x'])).rejects.toBe(refusal);
  });
});

describe('series', () => {
  it('runs listeners one after the other, in the order of their stages and wishes', async () => {
    const { hooks } = world();
    const say = (word: string) => async (list: string[]) => {
      await Promise.resolve();
      list.push(word);
    };
    hooks.add('late', ending, say('late'), { stage: 10 });
    hooks.add('middle', ending, say('middle'));
    hooks.add('first', ending, say('first'), { before: 'middle' });
    const list: string[] = [];
    await hooks.call(ending, [list]);
    expect(list).toEqual(['first', 'middle', 'late']);
  });

  it('ends at the first that throws', async () => {
    const { hooks } = world();
    const after = vi.fn();
    hooks.add('bad', ending, fail);
    hooks.add('after', ending, after);
    await expect(hooks.call(ending, [[]])).rejects.toBeInstanceOf(PluginError);
    expect(after).not.toHaveBeenCalled();
  });
});

describe('listeners come and go', () => {
  it('stops calling one that was removed, and all of a plugin at once', async () => {
    const { hooks } = world();
    const [a, b, c] = [vi.fn(), vi.fn(), vi.fn()];
    const remove = hooks.add('one', told, a);
    hooks.add('two', told, b);
    hooks.add('two', told, c);
    await hooks.call(told, ['x']);
    remove();
    await hooks.call(told, ['y']);
    hooks.removeAll('two');
    await hooks.call(told, ['z']);
    expect([a, b, c].map((spy) => spy.mock.calls.length)).toEqual([1, 2, 2]);
  });

  it('lets a running call end with the listeners it began with', async () => {
    const { hooks } = world();
    const second = vi.fn();
    hooks.add('one', ending, () => hooks.removeAll('two'));
    hooks.add('two', ending, second);
    await hooks.call(ending, [[]]);
    await hooks.call(ending, [[]]);
    expect(second).toHaveBeenCalledTimes(1);
  });
});

describe('the breaker', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it('leaves out a listener that blocks for more than a second in ten, and tries it again later', async () => {
    const { hooks, blamed } = world();
    const busy = vi.fn(() => vi.advanceTimersByTime(300));
    hooks.add('busy', told, busy);
    for (let call = 0; call < 6; call++) await hooks.call(told, ['x']);
    expect(busy).toHaveBeenCalledTimes(4);
    expect(blamed).toMatchObject([{ code: 'HOOK_TRIPPED', plugin: 'busy' }]);
    expect(blamed[0]?.message).toMatch(/blocked the server for 1200 ms in 10 s/);
    vi.advanceTimersByTime(10_000);
    await hooks.call(told, ['x']);
    expect(busy).toHaveBeenCalledTimes(5);
  });

  it('lets a listener take its time once, as at a start', async () => {
    const { hooks, blamed } = world();
    hooks.add('builder', told, () => void vi.advanceTimersByTime(3_000));
    await hooks.call(told, ['x']);
    expect(blamed).toEqual([]);
    await hooks.call(told, ['x']);
    expect(blamed).toMatchObject([{ code: 'HOOK_TRIPPED', plugin: 'builder' }]);
  });

  it('does not mind a cheap listener that is called very often', async () => {
    const { hooks, blamed } = world();
    hooks.add('cheap', told, () => vi.advanceTimersByTime(1));
    for (let call = 0; call < 3_000; call++) await hooks.call(told, ['x']);
    expect(blamed).toEqual([]);
  });

  it('leaves out a listener that throws again and again, until it behaves', async () => {
    const { hooks, blamed } = world();
    let broken = true;
    const listener = vi.fn(() => (broken ? fail() : undefined));
    hooks.add('bad', told, listener);
    for (let call = 0; call < 8; call++) {
      await hooks.call(told, ['x']);
      vi.advanceTimersByTime(1);
    }
    expect(listener).toHaveBeenCalledTimes(5);
    expect(blamed.map(({ code }) => code).filter((code) => code === 'HOOK_TRIPPED')).toHaveLength(1);
    broken = false;
    vi.advanceTimersByTime(10_000);
    for (let call = 0; call < 3; call++) await hooks.call(told, ['x']);
    expect(listener).toHaveBeenCalledTimes(8);
  });

  it('counts an answer that takes over a second as a failure', async () => {
    const { hooks, blamed } = world();
    hooks.add('slow', told, () => new Promise((resolve) => setTimeout(resolve, 1_500)));
    for (let call = 0; call < 5; call++) {
      const done = hooks.call(told, ['x']);
      await vi.advanceTimersByTimeAsync(1_500);
      await done;
    }
    expect(blamed).toMatchObject([{ code: 'HOOK_TRIPPED', plugin: 'slow' }]);
  });

  it('refuses in the place of a tripped listener that decides', async () => {
    const { hooks } = world();
    hooks.add('bad', allowed, fail);
    for (let call = 0; call < 5; call++) {
      await expect(hooks.call(allowed, ['x'])).rejects.toMatchObject({ code: 'HOOK_FAILED' });
      vi.advanceTimersByTime(1);
    }
    await expect(hooks.call(allowed, ['x'])).rejects.toMatchObject({ code: 'HOOK_TRIPPED', plugin: 'bad' });
  });
});
