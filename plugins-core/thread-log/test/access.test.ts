/** Who may read which past conversation: by address, in the list, in parts, beside another one. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { threads, type Thread } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { groups, type Group } from '../../groups/api.ts';
import { threadLog } from '../api.ts';
import { createWorld, type Person, type World } from './world.ts';

const names = ['root', 'owner', 'plain', 'near', 'apart', 'alone'] as const;
type Name = (typeof names)[number];
const nowhere = 999_999;

eachDialect((dialect) => {
  describe('past conversations', () => {
    let world: World;
    const people = {} as Record<Name, Person>;
    const group = {} as Record<'sales' | 'web' | 'support', Group>;
    /** All of one visitor, from the oldest on. */
    const past = {} as Record<'owners' | 'sales' | 'web' | 'support' | 'nobodys' | 'now', Thread>;
    let userId: string;

    beforeAll(async () => {
      world = await createWorld(dialect, ['thread-log', 'groups', 'users', 'widget']);
      const view = ['viewthreads', 'takeover'];
      // `owner` had a conversation; `near` is in the group beside it, `apart` in another one, `alone` in none.
      people.root = await world.person('root', ['admin']);
      people.owner = await world.person('owner', []);
      people.plain = await world.person('plain', []);
      people.near = await world.person('near', view);
      people.apart = await world.person('apart', view);
      people.alone = await world.person('alone', view);
      const service = world.kernel.service(groups);
      group.sales = await service.create({ name: 'Sales' });
      group.web = await service.create({ name: 'Web', parentId: group.sales.id });
      group.support = await service.create({ name: 'Support' });
      await service.changeMembers(group.sales.id, { add: [people.owner.id, people.plain.id, people.root.id] });
      await service.changeMembers(group.web.id, { add: [people.near.id] });
      await service.changeMembers(group.support.id, { add: [people.apart.id] });
      await world.change({ enablegroups: true });

      const vera = await world.visitor();
      ({ userId } = vera);
      past.owners = await world.past(vera, people.owner, { group: group.sales.id });
      past.sales = await world.past(vera, undefined, { group: group.sales.id });
      past.web = await world.past(vera, people.near, { group: group.web.id });
      past.support = await world.past(vera, people.apart, { group: group.support.id });
      past.nobodys = await world.past(vera);
      past.now = await world.begin(vera, undefined, { group: group.sales.id });
    });
    afterAll(() => world?.stop());

    const addresses = (id: number) => [`/operator/history/thread/${id}`, `/operator/history/thread/${id}/messages`];
    const settled = (text: string, id: number) =>
      text.replaceAll(/nonce-?="?[^" ]*"?|(csrf_token" value=)"[^"]*"/g, '$1').replaceAll(`thread/${id}`, 'thread/ID');

    /** What he reads, asked for in every way; the answers agree, or the test is red. */
    async function reads(who: Person): Promise<string[]> {
      const found: string[] = [];
      const missing = await Promise.all(addresses(nowhere).map(async (one) => (await who.browser.get(one)).text()));
      for (const [name, { id }] of Object.entries(past)) {
        const answers = await Promise.all(addresses(id).map((address) => who.browser.get(address)));
        const statuses = new Set(answers.map(({ status }) => status));
        expect([...statuses], name).toHaveLength(1);
        if (statuses.has(200)) found.push(name);
        else {
          expect([...statuses]).toEqual([404]);
          const bodies = await Promise.all(answers.map(async (one) => settled(await one.text(), id)));
          expect(bodies).toEqual(missing.map((one) => settled(one, nowhere)));
        }
      }
      const rows: number[] = [];
      for (const page of [1, 2]) {
        const html = await (await who.browser.get(`/operator/history/user/${userId}?page=${page}`)).text();
        for (const [, id] of html.matchAll(/href="\/operator\/history\/thread\/(\d+)"/g)) rows.push(Number(id));
      }
      const listed = Object.entries(past).filter(([, { id }]) => rows.includes(id));
      expect(listed.map(([name]) => name)).toEqual(found);
      const service = world.kernel.service(threadLog);
      expect((await service.readable(who, Object.values(past))).map(({ id }) => id)).toEqual(
        found.map((name) => past[name as keyof typeof past].id),
      );
      return found;
    }
    /** What stands beside the conversation that goes on; undefined where that is out of sight. */
    async function beside(who: Person): Promise<unknown> {
      const wanted = { count: 'count', threads: 'threads', all: 'all' };
      const answer = await world.call(who, 'earlierThreads', { thread: past.now.id, return: wanted });
      if (answer.errorCode === 0) return answer['count'];
      expect(answer).toEqual(await world.call(who, 'earlierThreads', { thread: nowhere, return: wanted }));
      return undefined;
    }

    it('are read by administrators all, but for one that goes on out of their sight', async () => {
      expect(await reads(people.root)).toEqual(Object.keys(past));
      await world.kernel.service(groups).changeMembers(group.sales.id, { remove: [people.root.id] });
      expect(await reads(people.root)).toEqual(['owners', 'sales', 'web', 'support', 'nobodys']);
      await world.kernel.service(groups).changeMembers(group.sales.id, { add: [people.root.id] });
      expect(await beside(people.root)).toBe(5);
    });

    it('are read without the right to watch others by whoever had them', async () => {
      expect(await reads(people.owner)).toEqual(['owners']);
      expect(await beside(people.owner)).toBe(1);
      expect(await reads(people.plain)).toEqual([]);
      expect(await beside(people.plain)).toBe(0);
    });

    it('are all read with it while groups are not kept apart; what goes on has to be in sight all the same', async () => {
      const over = ['owners', 'sales', 'web', 'support', 'nobodys'];
      expect(await reads(people.near)).toEqual([...over, 'now']);
      expect(await reads(people.apart)).toEqual(over);
      expect(await reads(people.alone)).toEqual(over);
      expect(await beside(people.near)).toBe(5);
      expect(await beside(people.apart)).toBeUndefined();
    });

    it('are those of neighbouring groups and of their people where groups are kept apart', async () => {
      await world.change({ enablegroupsisolation: true });
      expect(await reads(people.near)).toEqual(['owners', 'sales', 'web', 'now']);
      expect(await reads(people.apart)).toEqual(['support']);
      expect(await reads(people.alone)).toEqual([]);
      expect(await reads(people.owner)).toEqual(['owners']);
      expect(await reads(people.root)).toEqual(Object.keys(past));
      expect(await beside(people.near)).toBe(3);
      // Whose people had it counts as well as whose group it came to.
      await world.kernel.service(groups).changeMembers(group.support.id, { add: [people.near.id] });
      expect(await reads(people.apart)).toEqual(['web', 'support']);
      await world.kernel.service(groups).changeMembers(group.support.id, { remove: [people.near.id] });
    });

    it('know nothing of groups while those are switched off', async () => {
      await world.change({ enablegroups: false });
      expect(await reads(people.apart)).toEqual(Object.keys(past));
      expect(await reads(people.plain)).toEqual([]);
      await world.change({ enablegroups: true, enablegroupsisolation: false });
    });

    it('know no groups at all where that plugin is not there', async () => {
      await world.kernel.disable('groups');
      expect(await reads(people.apart)).toEqual(Object.keys(past));
      await world.kernel.enable('groups');
      expect(await reads(people.apart)).toEqual(['owners', 'sales', 'web', 'support', 'nobodys']);
    });

    it('are out of sight where groups cannot be read', async () => {
      await world.change({ enablegroupsisolation: true });
      const adjacent = vi.spyOn(world.kernel.service(groups), 'adjacent').mockRejectedValue(new Error('gone'));
      try {
        expect(await reads(people.near)).toEqual(['web']);
      } finally {
        adjacent.mockRestore();
        await world.change({ enablegroupsisolation: false });
      }
    });

    it('leave messages that wait for an answer to those who see them', async () => {
      const talks = world.kernel.service(threads);
      const input = { remote: '192.0.2.7', userAgent: '', group: group.support.id };
      const left = await talks.leave(await world.visitor(), input, []);
      const read = async (who: Person) => (await who.browser.get(`/operator/history/thread/${left.id}`)).status;
      expect(await read(people.root)).toBe(200);
      expect(await read(people.apart)).toBe(200);
      expect(await read(people.near)).toBe(404);
    });

    it('hold no invitation that came to nothing', async () => {
      const talks = world.kernel.service(threads);
      const ida = await world.visitor();
      const invite = async () => (await talks.invite(ida, people.owner, { remote: '', userAgent: '' }))!;
      const all: Thread[] = [];
      for (const answer of ['rejected', 'ignored'] as const) {
        const invited = await invite();
        all.push((await talks.answerInvitation(invited.id, answer))!);
      }
      all.push(await invite());
      for (const who of [people.root, people.owner]) {
        for (const { id } of all) expect((await who.browser.get(`/operator/history/thread/${id}`)).status).toBe(404);
        const list = await (await who.browser.get(`/operator/history/user/${ida.userId}`)).text();
        expect(list).toContain('No conversations');
      }
    });

    it('are nothing for whoever is not logged in', async () => {
      for (const path of [...addresses(past.owners.id), `/operator/history/user/${userId}`]) {
        const answer = await world.kernel.request(path);
        expect([answer.status, answer.headers.get('location')]).toEqual([302, '/operator/login']);
      }
    });
  });
});
