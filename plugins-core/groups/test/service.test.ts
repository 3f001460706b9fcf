import { expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { memoryBus } from '../../operators/test/world.ts';
import type { GroupError, GroupInput } from '../api.ts';
import { group, member } from '../tables.ts';
import { createWorld, family, open as openWorld, operator } from './world.ts';

const issuesOf = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: GroupError) => error.issues.map(({ field, code }) => `${field}:${code}`),
  );

eachDialect((_dialect, openDatabase) => {
  const open = () => openWorld(openDatabase);

  it('keeps a group as it was given, trimmed, and tells of it', async () => {
    const { service, told } = await open();
    const made = await service.create({ name: '  Sales ', description: ' one\r\ntwo ', weight: 7 });
    expect(made).toMatchObject({ name: 'Sales', description: 'one\ntwo', weight: 7, parentId: 0, email: '' });
    expect(await service.byId(made.id)).toEqual(made);
    expect(told.created).toEqual([made]);
    expect(JSON.stringify(made)).not.toContain('nameKey');
  });

  it('lists by weight, then name, children after their parent', async () => {
    const { service } = await open();
    const { sales, web, shop, support } = await family(service);
    const desk = await service.create({ name: 'Desk', weight: 1 });
    expect((await service.list()).map(({ id }) => id)).toEqual([desk.id, support.id, sales.id, shop.id, web.id]);
  });

  it('takes a name once, whatever its case, width and spaces', async () => {
    const { service } = await open();
    const made = await service.create({ name: 'Über uns' });
    for (const name of ['über  UNS', 'ÜBER\u00a0uns', 'Ｕ\u0308ber uns'])
      expect(await issuesOf(service.create({ name }))).toEqual(['name:taken']);
    expect(await issuesOf(service.update(made.id, { name: 'ÜBER UNS' }))).toBeUndefined();
    expect((await service.byId(made.id))?.name).toBe('ÜBER UNS');
  });

  it('lets one of two win who ask for the same name at once', async () => {
    const { service } = await open();
    for (let round = 1; round <= 10; round += 1) {
      const answers = await Promise.all([1, 2, 3].map(() => issuesOf(service.create({ name: `Sales ${round}` }))));
      expect(answers.filter((one) => one?.[0] === 'name:taken')).toHaveLength(2);
      expect(await service.list()).toHaveLength(round);
    }
  });

  const wrong: readonly [GroupInput, string][] = [
    [{}, 'name:required'],
    [{ name: ' \n ' }, 'name:required'],
    [{ name: 'n'.repeat(65) }, 'name:too_long'],
    [{ name: 'a\u0000b' }, 'name:invalid'],
    [{ name: 'a\nb' }, 'name:invalid'],
    [{ name: 'x', commonName: 'n'.repeat(65) }, 'commonName:too_long'],
    [{ name: 'x', description: 'd'.repeat(1025) }, 'description:too_long'],
    [{ name: 'x', commonDescription: 'd'.repeat(1025) }, 'commonDescription:too_long'],
    [{ name: 'x', email: 'nobody' }, 'email:invalid'],
    [{ name: 'x', email: 'a@b, c@d' }, 'email:invalid'],
    [{ name: 'x', email: `${'e'.repeat(250)}@b.de` }, 'email:too_long'],
    [{ name: 'x', weight: -1 }, 'weight:invalid'],
    [{ name: 'x', weight: 1.5 }, 'weight:invalid'],
    [{ name: 'x', weight: 1_000_000_000 }, 'weight:invalid'],
    [{ name: 'x', title: 't'.repeat(256) }, 'title:too_long'],
    [{ name: 'x', chatTitle: 't'.repeat(256) }, 'chatTitle:too_long'],
    [{ name: 'x', logo: 'javascript:alert(1)' }, 'logo:invalid'],
    [{ name: 'x', logo: '//evil.example/x.png' }, 'logo:invalid'],
    [{ name: 'x', logo: `https://${'l'.repeat(250)}` }, 'logo:too_long'],
    [{ name: 'x', hostUrl: 'javascript:alert(1)' }, 'hostUrl:invalid'],
    [{ name: 'x', hostUrl: `https://${'h'.repeat(250)}` }, 'hostUrl:too_long'],
    [{ name: 'x', parentId: 4711 }, 'parentId:unknown'],
  ];
  it('refuses what does not fit, field by field, and stores nothing of it', async () => {
    const { service } = await open();
    for (const [input, issue] of wrong) expect(await issuesOf(service.create(input)), issue).toEqual([issue]);
    expect(await service.list()).toEqual([]);
  });

  it('keeps what fits to the last character', async () => {
    const { service } = await open();
    const longest = {
      name: '😀'.repeat(32),
      commonName: 'ü'.repeat(64),
      description: 'ß\n'.repeat(511) + 'ab',
      commonDescription: '語'.repeat(1024),
      email: `${'e'.repeat(64)}@${[63, 63, 58].map((length) => 'b'.repeat(length)).join('.')}.de`,
      weight: 999_999_999,
      title: '語'.repeat(255),
      chatTitle: '語'.repeat(255),
      logo: `/${'l'.repeat(254)}`,
      hostUrl: `https://${'h'.repeat(247)}`,
    };
    const { id } = await service.create(longest);
    expect(await service.byId(id)).toEqual({ id, parentId: 0, ...longest });
  });

  it('has two levels, whatever is tried', async () => {
    const { service } = await open();
    const { sales, web, support } = await family(service);
    expect(await issuesOf(service.create({ name: 'Deep', parentId: web.id }))).toEqual(['parentId:level']);
    expect(await issuesOf(service.update(support.id, { parentId: web.id }))).toEqual(['parentId:level']);
    expect(await issuesOf(service.update(sales.id, { parentId: support.id }))).toEqual(['parentId:children']);
    expect(await issuesOf(service.update(support.id, { parentId: support.id }))).toEqual(['parentId:unknown']);
    expect(await issuesOf(service.update(web.id, { parentId: 0 }))).toBeUndefined();
    expect(await issuesOf(service.update(web.id, { parentId: support.id }))).toBeUndefined();
  });

  it('keeps two levels when two groups are put below each other at once', async () => {
    const { service } = await open();
    const [one, two] = [await service.create({ name: 'One' }), await service.create({ name: 'Two' })];
    const answers = await Promise.all([
      issuesOf(service.update(one.id, { parentId: two.id })),
      issuesOf(service.update(two.id, { parentId: one.id })),
    ]);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect((await service.list()).filter(({ parentId }) => parentId !== 0)).toHaveLength(1);
  });

  it('changes members, tells once what became of them, and lets nobody join who is not there', async () => {
    const { service, told } = await open();
    const { sales, web } = await family(service);
    await service.changeMembers(web.id, { add: [2, 1, 2, 4711] });
    expect(await service.members(web.id)).toEqual([1, 2]);
    expect(await service.ofOperator(1)).toEqual([web.id]);
    expect(told.members).toEqual([{ group: web, original: [], operators: [1, 2] }]);
    expect(told.refreshed.at(-1)).toEqual([web.id, sales.id]);
    await service.changeMembers(web.id, { add: [1], remove: [2, 3] });
    expect(told.members.at(-1)).toEqual({ group: web, original: [1, 2], operators: [1] });
    const before = told.refreshed.length;
    await service.changeMembers(web.id, { add: [1], remove: [3] });
    expect(told.members).toHaveLength(2);
    expect(told.refreshed).toHaveLength(before);
    await expect(service.changeMembers(4711, { add: [1] })).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
  });

  it('changes the groups of an operator, telling of each that changed', async () => {
    const { service, told } = await open();
    const { sales, web, support } = await family(service);
    await service.changeMembers(support.id, { add: [3] });
    told.members.length = 0;
    await service.changeGroupsOf(3, { add: [sales.id, support.id, 4711], remove: [web.id] });
    expect(told.members).toEqual([{ group: sales, original: [], operators: [3] }]);
    await service.changeGroupsOf(3, { remove: [sales.id, support.id] });
    expect(await service.ofOperator(3)).toEqual([]);
    await service.changeGroupsOf(4711, { add: [sales.id] });
    expect(await service.members(sales.id)).toEqual([]);
  });

  it('loses no member when two forms are sent at once', async () => {
    const { service } = await open();
    const { support } = await family(service);
    await Promise.all([1, 2, 3, 4].map((id) => service.changeMembers(support.id, { add: [id] })));
    expect(await service.members(support.id)).toEqual([1, 2, 3, 4]);
  });

  it('forgets an operator who is no more', async () => {
    const { service, told } = await open();
    const { web, support } = await family(service);
    await service.changeGroupsOf(2, { add: [web.id, support.id] });
    await service.changeMembers(web.id, { add: [1] });
    told.members.length = 0;
    await service.forget(2);
    expect(await service.ofOperator(2)).toEqual([]);
    expect(told.members.map(({ operators }) => operators)).toEqual([[1], []]);
  });

  it('deletes a group with its memberships, releases its conversations, and brings its children to the top', async () => {
    const { service, told } = await open();
    const { sales, web, shop } = await family(service);
    await service.changeMembers(sales.id, { add: [1] });
    expect(await service.remove(sales.id)).toBe(true);
    expect(await service.byId(sales.id)).toBeUndefined();
    expect(await service.ofOperator(1)).toEqual([]);
    expect((await service.list()).map(({ id, parentId }) => [id, parentId])).toContainEqual([web.id, 0]);
    expect(told.released).toEqual([sales.id]);
    expect(told.updated).toEqual([
      { group: { ...web, parentId: 0 }, original: web },
      { group: { ...shop, parentId: 0 }, original: shop },
    ]);
    expect(told.deleted).toEqual([sales.id]);
    expect(await service.remove(sales.id)).toBe(false);
    expect(told.deleted).toHaveLength(1);
    await expect(service.update(sales.id, { name: 'Ghost' })).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
  });

  it('shows a change on every node at once, and within a second where the message was lost', async () => {
    const db = await openDatabase([group, member]);
    const bus = memoryBus({ shared: true });
    const here = createWorld(db, bus);
    const there = createWorld(db, bus);
    const deaf = createWorld(db, memoryBus({ shared: true }));
    for (const world of [here, there, deaf]) expect(await world.service.list()).toEqual([]);
    const { id } = await here.service.create({ name: 'Sales' });
    await here.service.changeMembers(id, { add: [1] });
    expect(await there.service.members(id)).toEqual([1]);
    expect(await deaf.service.list()).toEqual([]);
    deaf.clock.now += 1_000;
    expect(await deaf.service.members(id)).toEqual([1]);
  });

  it('offers groups with members, the first that is online selected, else the first', async () => {
    const { service, online } = await open();
    const { sales, web, support } = await family(service);
    const choices = async (groupId?: number, locale = 'en') =>
      (await service.choices(groupId, locale)).map(
        ({ name, online: there, selected }) => `${name}${there ? '+' : ''}${selected ? '*' : ''}`,
      );
    expect(await choices()).toEqual([]);
    await service.changeMembers(sales.id, { add: [1] });
    await service.changeMembers(web.id, { add: [2] });
    await service.changeMembers(support.id, { add: [3] });
    expect(await choices()).toEqual(['Support*', 'Sales', 'Web']);
    online.set(2, 'available');
    // The parent's mark is that of its own members.
    expect(await choices()).toEqual(['Support', 'Sales', 'Web+*']);
    online.set(3, 'away');
    expect(await choices()).toEqual(['Support', 'Sales', 'Web+*']);
    expect(await choices(sales.id)).toEqual(['Sales', 'Web+*']);
    expect(await choices(support.id)).toEqual([]);
    expect(await choices(4711)).toEqual(['Support', 'Sales', 'Web+*']);
  });

  it('speaks the language of the house at home and the international one elsewhere', async () => {
    const { service } = createWorld(await openDatabase([group, member]), memoryBus(), 'de');
    const made = await service.create({
      name: 'Vertrieb',
      commonName: 'Sales',
      description: 'Wir',
      commonDescription: 'Us',
    });
    const bare = await service.create({ name: 'Lager' });
    await service.changeMembers(made.id, { add: [1] });
    expect(['de', 'de-at', 'en', 'fr'].map((locale) => service.nameOf(made, locale))).toEqual([
      'Vertrieb',
      'Vertrieb',
      'Sales',
      'Sales',
    ]);
    expect(service.nameOf(bare, 'en')).toBe('Lager');
    expect(await service.choices(undefined, 'en')).toMatchObject([{ name: 'Sales', description: 'Us' }]);
    expect(await service.choices(undefined, 'de')).toMatchObject([{ name: 'Vertrieb', description: 'Wir' }]);
  });

  it('finds mail address and branding at the group or above it', async () => {
    const { service } = await open();
    const { sales, web, shop, support } = await family(service);
    const addresses = await Promise.all(
      [sales, web, shop, support, { id: 4711 }].map(({ id }) => service.mailAddress(id)),
    );
    expect(addresses).toEqual(['sales@example.com', 'sales@example.com', 'shop@example.com', undefined, undefined]);
    expect(await service.branding(web.id)).toEqual({ title: 'Sales Ltd', chatTitle: 'Ask us' });
    expect(await service.branding(sales.id)).toEqual({ title: 'Sales Ltd', chatTitle: 'Ask us' });
    expect(await service.branding(support.id)).toEqual({});
    expect(await service.branding(0)).toEqual({});
  });

  it('isolates operators to neighbouring groups, administrators never', async () => {
    const { service, settings } = await open();
    const { sales, web, shop, support } = await family(service);
    await service.changeMembers(web.id, { add: [1] });
    await service.changeMembers(shop.id, { add: [2] });
    await service.changeMembers(sales.id, { add: [3] });
    await service.changeMembers(support.id, { add: [4] });
    expect(await service.adjacent(operator(1))).toBeUndefined();
    settings.enablegroupsisolation = true;
    const around = async (id: number, permissions: readonly string[] = []) => {
      const found = await service.adjacent(operator(id, permissions));
      return found && [[...found.groups].toSorted((a, b) => a - b), [...found.operators].toSorted((a, b) => a - b)];
    };
    expect(await around(1)).toEqual([
      [sales.id, web.id, shop.id],
      [1, 2, 3],
    ]);
    expect(await around(3)).toEqual([
      [sales.id, web.id, shop.id],
      [1, 2, 3],
    ]);
    expect(await around(4)).toEqual([[support.id], [4]]);
    expect(await around(5)).toEqual([[], [5]]);
    expect(await around(5, ['admin'])).toBeUndefined();
  });

  it('offers nothing and rules nothing while groups are switched off', async () => {
    const { service, settings } = await open();
    const { sales } = await family(service);
    await service.changeMembers(sales.id, { add: [1] });
    settings.enablegroupsisolation = true;
    settings.enablegroups = false;
    expect(service.enabled).toBe(false);
    expect(await service.choices(undefined, 'en')).toEqual([]);
    expect(await service.mailAddress(sales.id)).toBeUndefined();
    expect(await service.branding(sales.id)).toEqual({});
    expect(await service.adjacent(operator(1))).toBeUndefined();
    // What is stored can be prepared meanwhile.
    expect(await service.members(sales.id)).toEqual([1]);
  });
});
