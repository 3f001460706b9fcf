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
import { value } from '../tables.ts';

const chat = defineSettings('chat', {
  thread_lifetime: field.number({ default: 600, min: 0, max: 9999 }),
  title: field.text({ default: 'Chat', maxLength: 10 }),
  color: field.text({ default: '#fff', pattern: '#[0-9a-f]{3}' }),
  ask_name: field.switch({ default: true }),
  order: field.choice({ default: 'up', options: ['up', 'down'] }),
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
  const service = createSettings({ db, cluster, registry, tell, failed, languages: () => ['de', 'en'] });
  await service.load();
  registry.add(chat, 'chat');
  return { service, registry, tell, ignored, values: service.of(chat) };
}

eachDialect((_dialect, open) => {
  it('has the default until somebody changes a value, and keeps it over a restart', async () => {
    const db = await open([value]);
    const { service, values, tell } = await start(db);
    const untouched = { thread_lifetime: 600, title: 'Chat', color: '#fff', ask_name: true, order: 'up', tongue: '' };
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
      tongue: '',
    });
    const [row] = await db.query.select().from(db.table(value));
    expect(row?.changedBy).toBe('operator:3');
  });

  it('refuses all values when one does not fit, and says why for each', async () => {
    const { service, values, tell } = await start(await open([value]));
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
        { key: 'color', message: 'has the wrong form' },
        { key: 'ask_name', message: 'expected true or false' },
        { key: 'order', message: 'must be one of: up, down' },
        { key: 'nothing', message: 'there is no such setting' },
      ],
    });
    await expect(service.change(wrong, 'operator:1')).rejects.toMatchObject({ issues: { length: 6 } });
    await expect(service.change({ title: 'a\nb' }, 'operator:1')).rejects.toThrow('title: must be a single line');
    expect(values.thread_lifetime).toBe(600);
    expect(tell).not.toHaveBeenCalled();
  });

  it('asks the check of a field what else is wrong, and keeps what was stored when it would be refused today', async () => {
    const db = await open([value]);
    const { service, values } = await start(db);
    await expect(service.change({ tongue: 'fr', order: 'left' }, 'operator:1')).rejects.toMatchObject({
      issues: [
        { key: 'tongue', message: 'is none of de, en' },
        { key: 'order', message: 'must be one of: up, down' },
      ],
    });
    await expect(service.change({ tongue: 'e\nn' }, 'operator:1')).rejects.toThrow('tongue: must be a single line');
    await service.change({ tongue: 'de' }, 'operator:1');
    expect(values.tongue).toBe('de');
    await db.query.update(db.table(value)).set({ value: 'fr' });
    expect((await start(db)).values.tongue).toBe('fr');
  });

  it('tells nobody when nothing changed', async () => {
    const { service, tell } = await start(await open([value]));
    await service.change({ thread_lifetime: 600 }, 'operator:1');
    expect(tell).not.toHaveBeenCalled();
  });

  it('reaches the other nodes', async () => {
    const bus = { bus: createMemoryBus(() => {}) };
    const db = await open([value]);
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
    const db = await open([value]);
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
