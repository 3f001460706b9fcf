import { expect, it } from 'vitest';
import type { Thread } from '../../chat/api.ts';
import { eachDialect, type TestDatabase } from '../../database/testing.ts';
import type { Group } from '../../groups/api.ts';
import type { Operator } from '../../operators/api.ts';
import { CannedError, type CannedInput } from '../api.ts';
import { createMessages } from '../messages.ts';
import { fillIn } from '../placeholders.ts';
import { seed } from '../seed.ts';
import { message, seeded } from '../tables.ts';

const languages = ['en', 'de', 'pt'].map((code) => ({ code, name: code, rtl: false }));
const sales = { id: 7, name: 'Verkauf', commonName: 'Sales' } as Group;
const input: CannedInput = { locale: 'en', groupId: 0, title: 'Hello', body: 'Hello!' };
const thread = { id: 42, locale: 'en', groupId: 0, userName: 'Carl', agentName: 'Ann B.' } as Thread;
const ann = { id: 3, name: 'Ann' } as Operator;

function createCanned(db: TestDatabase, groupsEnabled: boolean | undefined = true) {
  const groups = {
    enabled: groupsEnabled,
    byId: async (id: number) => (id === sales.id ? sales : undefined),
    nameOf: (group: Group, locale: string) => (locale === 'de' ? group.name : group.commonName),
  };
  return createMessages({ db, locales: { available: () => languages }, groups, title: () => 'Shop {id}' });
}

const issuesOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CannedError)) throw error ?? new Error('nothing was refused');
  return error.issues.map(({ field, code }) => [field, code]);
};

it('fills in what is known, once, and leaves everything else as it was typed', () => {
  const values = { visitor: '{operator}', operator: 'Ann' };
  expect(fillIn('{visitor}, {operator}: {unknown} { visitor } {} {toString} {visitor', values)).toBe(
    '{operator}, Ann: {unknown} { visitor } {} {toString} {visitor',
  );
});

eachDialect((_, open) => {
  const tables = [message, seeded];

  it('offers messages of the group first, then those for all, each by title, in the language of the conversation', async () => {
    const canned = createCanned(await open(tables));
    await canned.create({
      ...input,
      title: 'B',
      body: 'b of {group} for {visitor} from {operator} at {title}, {id} {x}',
    });
    await canned.create({ ...input, title: 'A', body: 'a' });
    await canned.create({ ...input, title: 'Z', body: 'z in {group}', groupId: 7 });
    await canned.create({ ...input, title: 'C', body: 'c', locale: 'de' });
    expect(await canned.answers(thread, ann)).toEqual([
      { short: 'A', full: 'a' },
      { short: 'B', full: 'b of  for Carl from Ann B. at Shop {id}, 42 {x}' },
    ]);
    expect((await canned.answers({ ...thread, groupId: 7 }, ann)).map(({ full }) => full)).toEqual([
      'z in Sales',
      'a',
      'b of Sales for Carl from Ann B. at Shop {id}, 42 {x}',
    ]);
    expect((await canned.answers({ ...thread, groupId: 8 }, ann)).map(({ short }) => short)).toEqual(['A', 'B']);
    expect((await canned.answers({ ...thread, locale: 'de', groupId: 7 }, ann)).map(({ short }) => short)).toEqual([
      'C',
    ]);
    expect(await canned.answers({ ...thread, locale: 'pt' }, ann)).toEqual([]);
  });

  it('offers those of a language where its variety has none', async () => {
    const canned = createCanned(await open(tables));
    await canned.create({ ...input, locale: 'pt', title: 'Olá' });
    expect((await canned.answers({ ...thread, locale: 'pt-br' }, ann)).map(({ short }) => short)).toEqual(['Olá']);
  });

  it('knows no groups while they are switched off', async () => {
    const canned = createCanned(await open(tables), false);
    await canned.create({ ...input, title: 'Z', groupId: 7 });
    expect(await canned.answers({ ...thread, groupId: 7 }, ann)).toEqual([]);
  });

  it('lists by language and group, page by page', async () => {
    const canned = createCanned(await open(tables));
    for (const title of ['C', 'A', 'B']) await canned.create({ ...input, title });
    await canned.create({ ...input, title: 'G', groupId: 7 });
    const titles = async (filter: { locale: string; groupId?: number }, offset = 0) =>
      (await canned.list(filter, { offset, limit: 2 })).map(({ title }) => title);
    expect(await titles({ locale: 'en' })).toEqual(['A', 'B']);
    expect(await titles({ locale: 'en' }, 2)).toEqual(['C', 'G']);
    expect(await titles({ locale: 'en', groupId: 7 })).toEqual(['G']);
    expect(await titles({ locale: 'de' })).toEqual([]);
    expect([await canned.count({ locale: 'en' }), await canned.count({ locale: 'en', groupId: 0 })]).toEqual([4, 3]);
  });

  it.each([
    [{ title: ' ' }, [['title', 'required']]],
    [{ title: '😀'.repeat(101) }, [['title', 'too_long']]],
    [{ body: '\0' }, [['body', 'required']]],
    [{ body: '😀'.repeat(1025) }, [['body', 'too_long']]],
    [{ locale: 'xx' }, [['locale', 'unknown']]],
    [{ groupId: 8 }, [['groupId', 'unknown']]],
    [{ groupId: -1 }, [['groupId', 'unknown']]],
    [
      { title: '', body: '' },
      [
        ['title', 'required'],
        ['body', 'required'],
      ],
    ],
  ])('refuses %j', async (wrong, issues) => {
    const canned = createCanned(await open(tables));
    const stored = await canned.create(input);
    expect(await issuesOf(canned.create({ ...input, ...wrong }))).toEqual(issues);
    expect(await issuesOf(canned.update(stored.id, wrong))).toEqual(issues);
    expect(await canned.list({ locale: 'en' }, { offset: 0, limit: 9 })).toEqual([stored]);
  });

  it('keeps what just fits, changes it, and takes it away once', async () => {
    const canned = createCanned(await open(tables));
    const stored = await canned.create({ ...input, title: '😀'.repeat(100), body: '😀'.repeat(1024) });
    expect(await canned.byId(stored.id)).toEqual(stored);
    expect(await canned.update(stored.id, input)).toEqual({ ...input, id: stored.id });
    expect(await canned.update(stored.id, input)).toEqual({ ...input, id: stored.id });
    expect([await canned.delete(stored.id), await canned.delete(stored.id)]).toEqual([
      { ...input, id: stored.id },
      undefined,
    ]);
    await expect(canned.update(stored.id, input)).rejects.toMatchObject({ code: 'CANNED_UNKNOWN' });
  });

  it('changes only what is said, and refuses what somebody else changed to something else', async () => {
    const canned = createCanned(await open(tables));
    const { id } = await canned.create(input);
    await canned.update(id, { title: 'Hi' }, { title: 'Hello' });
    await canned.update(id, { body: 'Hi!' }, { body: 'Hello!' });
    expect(await canned.byId(id)).toEqual({ ...input, id, title: 'Hi', body: 'Hi!' });
    const late = canned.update(id, { title: 'Welcome', groupId: 7 }, { title: 'Hello', groupId: 0 });
    await expect(late).rejects.toMatchObject({ code: 'CANNED_CHANGED', issues: [{ field: 'title', code: 'changed' }] });
    expect(await canned.byId(id)).toMatchObject({ title: 'Hi', groupId: 0 });
    // The same twice is no quarrel.
    await canned.update(id, { title: 'Hi', groupId: 7 }, { title: 'Hello', groupId: 0 });
    expect(await canned.byId(id)).toMatchObject({ title: 'Hi', groupId: 7 });
  });

  it('brings back what was deleted under its number, once, whatever came after it', async () => {
    const canned = createCanned(await open(tables));
    const first = await canned.create(input);
    expect(await canned.delete(first.id)).toEqual(first);
    const next = await canned.create({ ...input, title: 'Next' });
    expect(next.id).not.toBe(first.id);
    await canned.restore(first);
    await canned.update(first.id, { title: 'Changed' });
    await canned.restore(first);
    expect(await canned.byId(first.id)).toEqual({ ...first, title: 'Changed' });
    expect(await canned.count({ locale: 'en' })).toBe(2);
  });

  it('seeds each language that has words of its own, once, however many servers start', async () => {
    const db = await open(tables);
    const text = (locale: string, key: string) => (locale === 'pt' ? `en ${key}` : `${locale} ${key}`);
    const locales = { available: () => languages, text };
    await Promise.all([seed(db, locales), seed(db, locales)]);
    const canned = createCanned(db);
    const first = await canned.list({ locale: 'de' }, { offset: 0, limit: 99 });
    expect(first.length).toBeGreaterThan(3);
    expect(new Set(first.map(({ title }) => title)).size).toBe(first.length);
    expect(await canned.count({ locale: 'pt' })).toBe(0);
    await canned.delete(first[0]!.id);
    await seed(db, locales);
    expect(await canned.count({ locale: 'de' })).toBe(first.length - 1);
  });
});
