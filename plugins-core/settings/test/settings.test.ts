import { eq } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryBus } from '../../cluster/bus.ts';
import { createMemoryLocks } from '../../cluster/locks.ts';
import { createMemoryPresence } from '../../cluster/presence.ts';
import { connect, eachDialect, type TestDatabase } from '../../database/testing.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { definePlugin } from '../../../kernel/plugin.ts';
import { defineSettings, field, settings, settingsChanged, settingsPage } from '../api.ts';
import { createRegistry } from '../registry.ts';
import { createSettings } from '../service.ts';
import { createChanges } from '../changes.ts';
import { change, value } from '../tables.ts';

const chat = defineSettings('chat', {
  thread_lifetime: field.number({ default: 600, min: 0, max: 9999 }),
  title: field.text({ default: 'Chat', maxLength: 10 }),
  color: field.text({ default: '#fff', pattern: '#[0-9a-f]{3}' }),
  ask_name: field.switch({ default: true }),
  order: field.choice({ default: 'up', options: ['up', 'down'] }),
  door: field.text({ default: '', secret: true }),
  tongue: field.text({
    default: '',
    check: (value, { languages }) => (languages.includes(value) ? undefined : `is none of ${languages.join(', ')}`),
  }),
});

const buses = { bus: createMemoryBus(() => {}) };
async function start(db: TestDatabase, nodeId = 'one', { bus } = buses) {
  const tell = vi.fn<(keys: readonly string[]) => Promise<void>>(async () => {});
  const ignored = vi.fn<(key: string, reason: string) => void>();
  const registry = createRegistry(ignored);
  const cluster = { nodeId, bus, presence: createMemoryPresence(), locks: createMemoryLocks() };
  const failed = (error: unknown) => expect.unreachable(String(error));
  const changes = createChanges(db);
  const service = createSettings({ db, cluster, registry, changes, tell, failed, languages: () => ['de', 'en'] });
  await service.load();
  registry.add(chat, 'chat');
  return { service, changes, registry, tell, ignored, values: service.of(chat) };
}

eachDialect((_dialect, open) => {
  it('has the default until somebody changes a value, and keeps it over a restart', async () => {
    const db = await open([value, change]);
    const { service, values, tell } = await start(db);
    const untouched = {
      thread_lifetime: 600,
      title: 'Chat',
      color: '#fff',
      ask_name: true,
      order: 'up',
      door: '',
      tongue: '',
    };
    expect(values).toEqual(untouched);
    await service.change({ thread_lifetime: 30, title: 'Плюс 🙂', ask_name: false }, 'operator:3');
    expect(values.thread_lifetime).toBe(30);
    expect(tell.mock.calls).toEqual([[['thread_lifetime', 'title', 'ask_name']]]);
    const again = await start(db);
    expect(again.values).toEqual({
      thread_lifetime: 30,
      title: 'Плюс 🙂',
      color: '#fff',
      ask_name: false,
      order: 'up',
      door: '',
      tongue: '',
    });
  });

  it('refuses all values when one does not fit, and says why for each', async () => {
    const { service, values, tell } = await start(await open([value, change]));
    const wrong = {
      thread_lifetime: -1,
      title: 'much too long',
      color: 'red',
      ask_name: 'yes',
      order: 'left',
      nothing: 1,
    };
    await expect(service.change({ ...wrong, thread_lifetime: 20, title: 'fine' }, 'operator:1')).rejects.toMatchObject({
      code: 'SETTING_INVALID',
      issues: [
        { key: 'color', problem: 'form', message: 'has the wrong form' },
        { key: 'ask_name', problem: 'switch', message: 'expected true or false' },
        { key: 'order', problem: 'option', message: 'must be one of: up, down' },
        { key: 'nothing', problem: 'unknown', message: 'there is no such setting' },
      ],
    });
    await expect(service.change(wrong, 'operator:1')).rejects.toMatchObject({ issues: { length: 6 } });
    await expect(service.change({ title: 'a\nb' }, 'operator:1')).rejects.toThrow('title: must be a single line');
    expect(values.thread_lifetime).toBe(600);
    expect(tell).not.toHaveBeenCalled();
  });

  it('asks the check of a field what else is wrong, and keeps what was stored when it would be refused today', async () => {
    const db = await open([value, change]);
    const { service, values } = await start(db);
    await expect(service.change({ tongue: 'fr', order: 'left' }, 'operator:1')).rejects.toMatchObject({
      issues: [
        { key: 'tongue', problem: 'check', message: 'is none of de, en' },
        { key: 'order', problem: 'option', message: 'must be one of: up, down' },
      ],
    });
    await expect(service.change({ tongue: 'e\nn' }, 'operator:1')).rejects.toThrow('tongue: must be a single line');
    await service.change({ tongue: 'de' }, 'operator:1');
    expect(values.tongue).toBe('de');
    await db.query
      .update(db.table(value))
      .set({ value: 'fr' })
      .where(eq(db.table(value).key, 'tongue'));
    expect((await start(db)).values.tongue).toBe('fr');
  });

  it('tells nobody when nothing changed', async () => {
    const { service, tell } = await start(await open([value, change]));
    await service.change({ thread_lifetime: 600 }, 'operator:1');
    expect(tell).not.toHaveBeenCalled();
  });

  it('tells the second of two what the first has changed, and keeps what both want', async () => {
    const db = await open([value, change]);
    const second = connect(db.url);
    const [one, two] = [await start(db), await start(second, 'two')];
    await one.service.change({ thread_lifetime: 30, title: 'Tea' }, 'operator:1', {
      thread_lifetime: 600,
      title: 'Chat',
    });
    const late = two.service.change({ thread_lifetime: 40, order: 'down' }, 'operator:2', { thread_lifetime: 600 });
    await expect(late).rejects.toMatchObject({
      code: 'SETTING_CHANGED',
      issues: [{ key: 'thread_lifetime', problem: 'changed' }],
    });
    await two.service.change({ title: 'Tea', order: 'down' }, 'operator:2', { title: 'Chat', order: 'up' });
    expect(await one.changes.list({}, { offset: 0, limit: 9 })).toMatchObject([
      { key: 'order', by: 'operator:2' },
      { key: 'title', by: 'operator:1' },
      { key: 'thread_lifetime', by: 'operator:1' },
    ]);
    await second.close();
  });

  it('lets one of two win who change the same at once, where nothing was stored before', async () => {
    const db = await open([value, change]);
    const second = connect(db.url);
    const [one, two] = [await start(db), await start(second, 'two')];
    for (let from = 600; from > 595; from -= 1) {
      const answers = await Promise.allSettled([
        one.service.change({ thread_lifetime: from - 1, color: '#111' }, 'operator:1', { thread_lifetime: from }),
        two.service.change({ thread_lifetime: from - 100, color: '#222' }, 'operator:2', { thread_lifetime: from }),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      await one.service.change({ thread_lifetime: from - 1 }, 'operator:1');
    }
    const log = await one.changes.list({ key: 'thread_lifetime' }, { offset: 0, limit: 99 });
    log.slice(1).forEach((line, index) => expect(line.after).toBe(log[index]!.before));
    await second.close();
  });

  it('notes who changed what from what to what, newest first, and no secret', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000 });
    const { service, changes } = await start(await open([value, change]));
    await service.change({ thread_lifetime: 30, ask_name: false }, 'operator:1');
    vi.setSystemTime(2_000);
    await service.change({ door: 'sesame' }, 'operator:2');
    await changes.note({ area: 'plugin', key: 'rating', before: true, after: false, by: 'operator:2' });
    vi.useRealTimers();
    const all = await changes.list({}, { offset: 0, limit: 9 });
    expect(all.map(({ id: _id, ...line }) => line)).toEqual([
      { area: 'plugin', key: 'rating', before: true, after: false, by: 'operator:2', at: 2_000 },
      { area: 'setting', key: 'door', before: null, after: null, by: 'operator:2', at: 2_000 },
      { area: 'setting', key: 'ask_name', before: true, after: false, by: 'operator:1', at: 1_000 },
      { area: 'setting', key: 'thread_lifetime', before: 600, after: 30, by: 'operator:1', at: 1_000 },
    ]);
    expect(await changes.byId(all[3]!.id)).toEqual(all[3]);
    expect(await changes.count({ by: 'operator:2', area: 'setting' })).toBe(1);
    expect(await changes.list({ by: 'operator:1' }, { offset: 1, limit: 1 })).toEqual([all[3]]);
    expect(await changes.known()).toEqual({
      keys: ['ask_name', 'door', 'rating', 'thread_lifetime'],
      by: ['operator:1', 'operator:2'],
    });
    expect(await changes.forget(2_000)).toBe(2);
    expect(await changes.count({})).toBe(2);
  });

  it('stores nothing and notes nothing where one of them is refused', async () => {
    const { service, changes, values } = await start(await open([value, change]));
    await service.change({ title: 'Tea' }, 'operator:1');
    const wrong = service.change({ thread_lifetime: 30, title: 'Milk' }, 'operator:2', { title: 'Chat' });
    await expect(wrong).rejects.toMatchObject({ code: 'SETTING_CHANGED' });
    expect([values.thread_lifetime, values.title, await changes.count({})]).toEqual([600, 'Tea', 1]);
  });

  it('keeps nothing stored where the default is chosen again, so that a new default counts', async () => {
    const db = await open([value, change]);
    const { service, changes } = await start(db);
    await service.change({ thread_lifetime: 30 }, 'operator:1');
    await service.change({ thread_lifetime: 600 }, 'operator:1', { thread_lifetime: 30 });
    const table = db.table(value);
    expect(await db.query.count(table, eq(table.key, 'thread_lifetime'))).toBe(0);
    expect((await changes.list({}, { offset: 0, limit: 1 }))[0]).toMatchObject({ before: 30, after: 600 });
  });

  it('reaches the other nodes', async () => {
    const bus = { bus: createMemoryBus(() => {}) };
    const db = await open([value, change]);
    const second = connect(db.url);
    const [one, two] = [await start(db, 'one', bus), await start(second, 'two', bus)];
    const ends = [one.service.watch(), two.service.watch()];
    const told = new Promise((resolve) => two.tell.mockImplementation(async (keys) => resolve(keys)));
    await one.service.change({ order: 'down' }, 'operator:1');
    expect(await told).toEqual(['order']);
    expect(two.values.order).toBe('down');
    expect(one.tell).toHaveBeenCalledTimes(1);
    for (const end of ends) end();
    await second.close();
  });

  it('falls back to the default when a stored value does not fit any more', async () => {
    const db = await open([value, change]);
    const row = { key: 'order', value: 'sideways', changedAt: 1, changedBy: 'operator:1' };
    await db.query.insert(db.table(value)).values(row);
    const { values, ignored } = await start(db);
    expect(values.order).toBe('up');
    expect(ignored).toHaveBeenCalledWith('order', 'must be one of: up, down');
  });
});

describe('the settings plugin', () => {
  const shop = defineSettings('shop', { price: field.number({ default: 5 }) });
  const contributor = (id: string, spec: Parameters<typeof settingsPage>[0]) =>
    definePlugin({ id, needs: { settings }, contributes: [settingsPage(spec)] });

  it('serves contributed fields and calls the hook', async () => {
    await using t = await createTestKernel({ plugins: ['settings', contributor('shop', shop)] });
    const service = t.kernel.service(settings);
    expect(service.groups().find(({ plugin }) => plugin === 'shop')).toEqual({
      plugin: 'shop',
      spec: shop,
      values: { price: 5 },
    });
    await service.change({ price: 6 }, 'operator:1');
    expect(service.of(shop).price).toBe(6);
    expect(t.calls(settingsChanged)).toEqual([[{ keys: ['price'] }]]);
  });

  it('rejects a second owner of a key, and a default that does not fit', async () => {
    const twice = contributor('twice', defineSettings('other', { price: field.number({ default: 1 }) }));
    const odd = contributor('odd', defineSettings('odd', { size: field.number({ default: 1, min: 2 }) }));
    await using t = await createTestKernel({
      plugins: ['settings', contributor('shop', shop), twice, odd],
      mayFail: true,
    });
    expect(t.problems('twice')).toEqual(['CONTRIBUTION_REJECTED']);
    expect(t.problems('odd')).toEqual(['CONTRIBUTION_REJECTED']);
  });
});
