import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createTestKernel, type TestPlugin } from '../testing.ts';
import { definePlugin, open, type PluginContext } from '../plugin.ts';
import { defineHook, defineService, optional, pluginState, stopping, type PluginState } from '../tokens.ts';
import { deferred } from './deferred.ts';

const engine = defineService<{ name: string }>('low.engine');
const ping = defineHook.notify<[]>('low.ping');

/** A plugin that writes down when it starts and stops. */
const noted = (
  id: string,
  log: string[],
  more: (ctx: PluginContext<unknown, never>) => void | Promise<void> = () => {},
) =>
  definePlugin({
    id,
    async setup(ctx) {
      await ctx.effect(() => {
        log.push(`+${id}`);
        return () => void log.push(`-${id}`);
      }, id);
      await more(ctx as PluginContext<unknown, never>);
    },
  });

const tower = (log: string[]): TestPlugin[] => [
  { definition: noted('top', log), manifest: { plugins: { middle: '*' } } },
  { definition: noted('middle', log), manifest: { plugins: { low: '*' } } },
  { definition: noted('low', log), manifest: {} },
  { definition: noted('apart', log), manifest: {} },
];

describe('switching a plugin at run time', () => {
  it('starts in the order of needs, stops in reverse, and says so beforehand', async () => {
    const log: string[] = [];
    await using t = await createTestKernel({ plugins: tower(log) });
    expect(log).toEqual(['+apart', '+low', '+middle', '+top']);
    expect(t.plan({ disable: 'low' })).toEqual({ stops: ['top', 'middle'], starts: [] });
    await t.disable('low');
    expect(log.slice(4)).toEqual(['-top', '-middle', '-low']);
    expect(t.plan({ enable: 'low' })).toEqual({ stops: [], starts: ['middle', 'top'] });
    await t.enable('low');
    expect(log.slice(7)).toEqual(['+low', '+middle', '+top']);
    await t.dispose();
    expect(log.slice(10)).toEqual(['-top', '-middle', '-low', '-apart']);
  });

  it('restarts whoever can do without it, so that nobody holds a service that is gone', async () => {
    const log: string[] = [];
    const low = definePlugin({
      id: 'low',
      provides: [engine],
      setup: (ctx) => ctx.provide(engine, { name: 'diesel' }),
    });
    const user = definePlugin({
      id: 'user',
      needs: { engine: optional(engine) },
      setup: (ctx) => void log.push(ctx.use.engine?.name ?? 'none'),
    });
    await using t = await createTestKernel({ plugins: [user, low] });
    expect(t.plan({ disable: 'low' })).toEqual({ stops: ['user'], starts: ['user'] });
    await t.disable('low');
    await t.enable('low');
    expect(log).toEqual(['diesel', 'none', 'diesel']);
  });

  it('refuses what is unknown, essential, or lacks something', async () => {
    await using t = await createTestKernel({
      plugins: [{ definition: { id: 'heart' }, manifest: { essential: true } }, ...tower([])],
    });
    await expect(t.disable('heart')).rejects.toMatchObject({ code: 'PLUGIN_ESSENTIAL' });
    await expect(t.enable('ghost')).rejects.toMatchObject({ code: 'PLUGIN_UNKNOWN' });
    await t.disable('low');
    await expect(t.enable('middle')).rejects.toMatchObject({ code: 'DEPENDENCY_DISABLED' });
    expect(t.plan({ enable: 'middle' }).refused?.code).toBe('DEPENDENCY_DISABLED');
  });

  it('undoes everything in reverse when setup fails half way, and leaves nothing behind', async () => {
    const undone: string[] = [];
    const half = definePlugin({
      id: 'half',
      async setup(ctx) {
        await ctx.effect(() => () => void undone.push('first'), 'first');
        ctx.provide(engine, { name: 'steam' });
        ctx.on(ping, () => void undone.push('heard'));
        ctx.route({ name: 'r', method: 'GET', path: '/r', access: open, handler: (context) => context.text('r') });
        await ctx.effect(() => () => void undone.push('second'), 'second');
        throw new Error('no further');
      },
    });
    await using t = await createTestKernel({ plugins: [half], mayFail: true });
    expect(undone).toEqual(['second', 'first']);
    await t.call(ping);
    expect(undone).toHaveLength(2);
    expect(() => t.service(engine)).toThrow(/nobody provides it/);
    expect((await t.request('/plugins/half/r')).status).toBe(404);
    expect(t.report().plugins[0]?.effects).toEqual([]);
  });

  it('undoes at once what a timed-out setup still gets done later', async () => {
    const gate = { open: () => {} };
    const undo = vi.fn();
    const slow = definePlugin({
      id: 'slow',
      async setup(ctx) {
        await new Promise<void>((resolve) => (gate.open = resolve));
        await ctx.effect(() => undo, 'late').catch(undo);
      },
    });
    await using t = await createTestKernel({ plugins: [slow], mayFail: true, limits: { setup: 20 } });
    expect(t.problems('slow')).toEqual(['SETUP_TIMEOUT']);
    gate.open();
    await vi.waitFor(() => expect(undo).toHaveBeenCalledTimes(1));
    expect(undo.mock.calls[0]?.[0]).toMatchObject({ code: 'PLUGIN_STOPPED' });
  });

  it('tries a failed plugin again when it is enabled again', async () => {
    let broken = true;
    const moody = definePlugin({
      id: 'moody',
      setup: () => {
        if (broken) throw new Error('not today');
      },
    });
    await using t = await createTestKernel({ plugins: [moody], mayFail: true });
    broken = false;
    await t.enable('moody');
    expect(t.report().plugins[0]).toMatchObject({ status: 'active', problems: [] });
  });
});

describe('requests while plugins are switched', () => {
  it('waits for a call in flight, refuses new ones, and never touches another plugin', async () => {
    const inside = deferred();
    const release = deferred();
    const slow = definePlugin({
      id: 'slow',
      setup(ctx) {
        const handler = async (context: Parameters<Parameters<typeof ctx.route>[0]['handler']>[0]) => {
          inside.resolve();
          await release.promise;
          return context.text('done');
        };
        ctx.route({ name: 'work', method: 'GET', path: '/work', access: open, handler });
      },
    });
    const other = definePlugin({
      id: 'other',
      setup: (ctx) =>
        ctx.route({ name: 'hi', method: 'GET', path: '/hi', access: open, handler: (context) => context.text('hi') }),
    });
    await using t = await createTestKernel({ plugins: [slow, other] });
    const running = t.request('/plugins/slow/work');
    await inside.promise;
    const disabling = t.disable('slow');
    await vi.waitFor(() => expect(t.report().plugins[0]?.status).toBe('stopping'));
    const refused = await t.request('/plugins/slow/work');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'PLUGIN_STOPPING' } });
    expect(await (await t.request('/plugins/other/hi')).text()).toBe('hi');
    release.resolve();
    expect(await (await running).text()).toBe('done');
    await disabling;
    expect((await t.request('/plugins/slow/work')).status).toBe(404);
    expect(await (await t.request('/plugins/other/hi')).text()).toBe('hi');
  });

  it('loses no request of a plugin while an unrelated one is switched over and over', async () => {
    const answer = definePlugin({
      id: 'answer',
      setup(ctx) {
        const handler = async (context: Parameters<Parameters<typeof ctx.route>[0]['handler']>[0]) => {
          await ctx.call(ping);
          return context.text('ok');
        };
        ctx.route({ name: 'ok', method: 'GET', path: '/ok', access: open, handler });
      },
    });
    const flapping = noted('flapping', [], (ctx) => {
      ctx.on(ping, async () => {});
      ctx.route({ name: 'f', method: 'GET', path: '/f', access: open, handler: (context) => context.text('f') });
    });
    await using t = await createTestKernel({ plugins: [answer, flapping] });
    const statuses: number[] = [];
    const going = new AbortController();
    const client = async () => {
      while (!going.signal.aborted) {
        statuses.push((await t.request('/plugins/answer/ok')).status);
        await setImmediate();
      }
    };
    const clients = [client(), client(), client()];
    for (let round = 0; round < 10; round++) {
      await t.disable('flapping');
      await t.enable('flapping');
    }
    going.abort();
    await Promise.all(clients);
    expect(statuses.length).toBeGreaterThan(10);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('gives up waiting after the limit', async () => {
    const stuck = definePlugin({
      id: 'stuck',
      setup: (ctx) => ctx.on(ping, () => new Promise<void>(() => {})),
    });
    await using t = await createTestKernel({ plugins: [stuck], limits: { stop: 20 } });
    void t.call(ping);
    await t.disable('stuck');
    expect(t.report().plugins[0]?.status).toBe('disabled');
  });
});

describe('what is switched on is remembered', () => {
  const plugins = () => tower([]);

  it('in a file of the data folder', async () => {
    const first = await createTestKernel({ plugins: plugins() });
    await first.disable('apart');
    await first.kernel.stop();
    await using second = await createTestKernel({ plugins: plugins(), dataDir: first.dataDir, mayFail: true });
    expect(second.report().plugins.find(({ id }) => id === 'apart')?.status).toBe('disabled');
    await first.dispose();
  });

  it('or nothing is switched at all: a disk that is full leaves the plugin running', async () => {
    await using t = await createTestKernel({ plugins: plugins() });
    await mkdir(join(t.dataDir, 'plugins.json.new'));
    await expect(t.disable('low')).rejects.toThrow('EISDIR');
    expect(t.report().plugins.map(({ status }) => status)).toEqual(['active', 'active', 'active', 'active']);
    expect(t.plan({ disable: 'low' }).stops).toEqual(['top', 'middle']);
  });

  it('by the service of an essential plugin, which takes the file over once and tells of other nodes', async () => {
    const first = await createTestKernel({ plugins: plugins() });
    await first.disable('apart');
    await first.kernel.stop();
    const saved: Record<string, boolean>[] = [];
    let tell: (state: Record<string, boolean>) => void = () => {};
    const shared: PluginState = {
      load: async () => saved.at(-1) ?? {},
      save: async (state) => void saved.push(state),
      watch: (changed) => {
        tell = changed;
        return () => {};
      },
    };
    const cluster = definePlugin({
      id: 'cluster-like',
      provides: [pluginState],
      setup: (ctx) => ctx.provide(pluginState, shared),
    });
    await using t = await createTestKernel({
      plugins: [{ definition: cluster, manifest: { essential: true } }, ...plugins()],
      dataDir: first.dataDir,
      mayFail: true,
    });
    expect(saved).toEqual([{ apart: false }]);
    tell({ apart: true, low: false });
    await vi.waitFor(() => expect(t.report().plugins.find(({ id }) => id === 'apart')?.status).toBe('active'));
    await vi.waitFor(() => expect(t.report().plugins.find(({ id }) => id === 'low')?.status).toBe('disabled'));
    expect(saved).toHaveLength(1);
    await first.dispose();
  });
});

it('asks the listeners of the stop before it ends plugins', async () => {
  const log: string[] = [];
  const t = await createTestKernel({
    plugins: [noted('one', log, (ctx) => ctx.on(stopping, () => void log.push('stopping')))],
  });
  await t.dispose();
  expect(log).toEqual(['+one', 'stopping', '-one']);
});
