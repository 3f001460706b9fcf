/** What is shown of past conversations: the log, the list, what stands beside another one and in the queue. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { messageKind, threads, visitors, type Thread, type WireMessage } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import type { WireThread } from '../../users/api.ts';
import type { EarlierThread } from '../api.ts';
import { durationText } from '../record.ts';
import { createWorld, type Person, type World } from './world.ts';

interface Part {
  readonly messages: readonly WireMessage[];
  readonly lastId: number;
  readonly more: boolean;
}
const second = 1000;

it('says how long something took in its two greatest units', () => {
  const said = [0, 999, 59 * second, 60 * second, 3_725 * second, 90_000 * second].map((ms) => durationText(ms, 'en'));
  expect(said).toEqual(['0 seconds', '1 second', '59 seconds', '1 minute', '1 hour, 2 minutes', '1 day, 1 hour']);
});

eachDialect((dialect) => {
  describe('the log', () => {
    let world: World;
    let ann: Person;
    beforeAll(async () => {
      world = await createWorld(dialect, ['thread-log', 'groups', 'users', 'rating', 'widget']);
      ann = await world.person('ann', ['admin', 'takeover', 'viewthreads']);
    });
    afterAll(() => world?.stop());

    const address = ({ id }: Pick<Thread, 'id'>) => `/operator/history/thread/${id}`;
    const page = async (path: string, who = ann) => (await who.browser.get(path)).text();
    const bootOf = (html: string) =>
      (JSON.parse(/id="mibew-boot">(.*?)<\/script>/.exec(html)![1]!) as { boot: Part & { source: string } }).boot;
    /** Without scripts, as lines. */
    const plain = (html: string) =>
      [...html.matchAll(/id="message-\d+">[^]*?<\/li>/g)].map(([line]) =>
        line
          .replaceAll(/<span class="mb-list__meta">[^]*$|^[^>]*>/g, '')
          .replaceAll(/<[^>]*>/g, ' ')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      );

    it('holds all that was said, noted and told, escaped, with scripts and without', async () => {
      const talks = world.kernel.service(threads);
      const { id } = await world.begin(await world.visitor(), ann, { url: 'https://shop.example/' });
      await talks.post(id, 'user', { message: 'Is <b>it</b> blue?\nOr green?' });
      await talks.post(id, 'agent', { message: 'Regular customer', operator: ann, private: true });
      await talks.post(id, 'agent', { message: 'Blue', operator: ann });
      const data = { order: 4711 };
      await talks.postSystem(id, {
        kind: messageKind.plugin,
        body: 'Order 4711',
        name: null,
        agentId: 0,
        plugin: 'acme',
        data,
      });
      await talks.close(id, 'user');
      const html = await page(address({ id }));
      const { messages, more } = bootOf(html);
      expect(more).toBe(false);
      expect(messages.map(({ kind }) => kind)).toEqual([3, 4, 6, 1, 3, 2, 7, 6]);
      expect(messages.find(({ kind }) => kind === messageKind.plugin)).toMatchObject({ plugin: 'acme', data });
      const lines = plain(html);
      expect(lines).toContain('Vera Is &lt;b&gt;it&lt;/b&gt; blue? Or green?');
      expect(lines).toContain('Ann Only operators see this Regular customer');
      expect(lines).toContain('Order 4711');
      expect(lines.at(-1)).toBe('Vera left the chat');
      expect(html).not.toContain('<b>it</b>');
    });

    it('is headed by who, when, how long, and what became of it', async () => {
      const { id: groupId } = await world.kernel.service(groups).create({ name: 'Sales <&>' });
      await world.change({ enablegroups: true });
      const thread = await world.past(await world.visitor(), ann, { group: groupId, name: 'Vera <V>' });
      const html = await page(address(thread));
      expect(html).toContain('Conversation with Vera &lt;V&gt;');
      expect(html).toMatch(/<dt>Operator<\/dt><dd><bdi>Ann<\/bdi>/);
      expect(html).toContain('<bdi>Sales &lt;&amp;&gt;</bdi>');
      expect(html).toContain('Ended');
      const missed = await page(address(await world.past(await world.visitor())));
      expect(missed).toContain('Never answered');
      expect(missed).toMatch(/<dt>Operator<\/dt><dd><bdi>Nobody<\/bdi>/);
      expect(await page(address(await world.begin(await world.visitor(), ann)))).toContain('Going on');
      await world.change({ enablegroups: false });
    });

    it('tells the rating to whom it was given, and to administrators', async () => {
      const bob = await world.person(`bob${dialect}`, ['viewthreads']);
      const eve = await world.person(`eve${dialect}`, ['viewthreads']);
      const thread = await world.past(await world.visitor(), bob);
      await world.rate(thread, 4);
      for (const who of [bob, ann]) expect(await page(address(thread), who)).toMatch(/<dt>Rating<\/dt><dd><bdi>4 of 5/);
      expect(await page(address(thread), eve)).not.toContain('<dt>Rating</dt>');
    });

    it('comes in parts where it is long, each message once', async () => {
      const talks = world.kernel.service(threads);
      const { id } = await world.begin(await world.visitor(), ann);
      for (let number = 1; number <= 430; number++)
        await talks.post(id, number % 2 ? 'user' : 'agent', { message: `Line ${number}`, operator: ann });
      const html = await page(address({ id }));
      const first = bootOf(html);
      expect(first.messages).toHaveLength(200);
      const all = [...first.messages];
      for (let part: Part = first; part.more;) {
        part = (await (await ann.browser.get(`${first.source}?after=${part.lastId}`)).json()) as Part;
        all.push(...part.messages);
      }
      expect(all.map((one) => one.id)).toEqual(all.map((_, index) => index + 1));
      expect(all.at(-1)!.message).toBe('Line 430');

      const next = /<a class="mb-link" href="([^"]*after[^"]*)">Next messages/.exec(html)![1]!.replace('&#x3D;', '=');
      const later = await page(next);
      expect(plain(later)).toHaveLength(200);
      expect(plain(later)[0]).not.toBe(plain(html)[0]);
      expect(later).toContain('From the beginning');
      for (const odd of ['-1', 'x', '999999999', '1e3', '%00'])
        expect((await ann.browser.get(`${first.source}?after=${odd}`)).status, odd).toBe(200);
    });

    it('lists the conversations of a visitor, six on a page, the newest first', async () => {
      const vera = await world.visitor();
      const made: Thread[] = [];
      for (let number = 1; number <= 7; number++) {
        const { id } = await world.begin(vera, ann);
        await world.kernel.service(threads).post(id, 'user', { message: `Question\n${number} <i>` });
        made.push((await world.kernel.service(threads).close(id, 'user'))!);
      }
      const idsOf = (html: string) =>
        [...html.matchAll(/href="\/operator\/history\/thread\/(\d+)"/g)].map(([, id]) => Number(id));
      const list = `/operator/history/user/${vera.userId}`;
      const newest = made.map(({ id }) => id).toReversed();
      const first = await page(list);
      expect(idsOf(first)).toEqual(newest.slice(0, 6));
      expect(first).toContain('Conversations with Vera');
      expect(first).toContain('Question 7 &lt;i&gt;');
      expect(idsOf(await page(`${list}?page=2`))).toEqual(newest.slice(6));
      expect(idsOf(await page(`${list}?page=99`))).toEqual(newest.slice(6));
      for (const odd of ['nobody', '%25', 'x'.repeat(63), '%F0%9F%98%80']) {
        const answer = await ann.browser.get(`/operator/history/user/${odd}`);
        expect(answer.status, odd).toBe(200);
        expect(await answer.text()).toContain('No conversations');
      }
      expect((await ann.browser.get(`/operator/history/user/${'x'.repeat(64)}`)).status).toBe(404);
    });

    it('tells beside a conversation of the last three before it', async () => {
      const vera = await world.visitor();
      const before: Thread[] = [];
      for (let number = 1; number <= 4; number++) before.push(await world.past(vera, number > 1 ? ann : undefined));
      const now = await world.begin(vera, ann);
      const wanted = { count: 'count', threads: 'threads', all: 'all' };
      const answer = await world.call(ann, 'earlierThreads', { thread: now.id, return: wanted });
      expect(answer).toMatchObject({ errorCode: 0, count: 4, all: `/operator/history/user/${vera.userId}` });
      const told = answer['threads'] as readonly EarlierThread[];
      expect(told.map(({ id }) => id)).toEqual([before[3]!.id, before[2]!.id, before[1]!.id]);
      expect(told[0]).toMatchObject({ agentName: 'Ann', firstMessage: null, link: address(before[3]!) });
      const [first] = before;
      expect(await world.call(ann, 'earlierThreads', { thread: first!.id, return: wanted })).toMatchObject({
        count: 0,
      });
      await world.call(ann, 'earlierThreads', { thread: 'x' }).then((odd) => expect(odd.errorCode).toBe(104));
    });

    it('marks rows of the queue whose visitors were here before, with one question for all of them', async () => {
      const talks = world.kernel.service(threads);
      const vera = await world.visitor();
      await world.past(vera);
      await world.past(vera);
      const [again, fresh] = [await world.begin(vera), await world.begin(await world.visitor())];
      const earlier = vi.spyOn(talks, 'earlier');
      const wanted = { threads: 'threads' };
      const rows = (await world.call(ann, 'updateThreads', { revision: 0, return: wanted }))['threads'];
      const rowOf = ({ id }: Thread) => (rows as readonly WireThread[]).find((row) => row.id === id);
      expect(rowOf(again)).toMatchObject({ earlier: 2 });
      expect(rowOf(fresh)).not.toHaveProperty('earlier');
      expect((rows as readonly WireThread[]).length).toBeGreaterThan(2);
      expect(earlier).toHaveBeenCalledTimes(1);
      earlier.mockRestore();
    });

    it('is where the conversation of an operator leads, for whoever may read it', async () => {
      const bob = await world.person(`dan${dialect}`, []);
      const thread = await world.begin(await world.visitor(), ann);
      const linksOf = async (who: Person) => {
        const html = await page(`/operator/chat/${thread.id}/${thread.token}`, who);
        const boot = JSON.parse(/id="mibew-boot">(.*?)<\/script>/.exec(html)?.[1] ?? '{}') as {
          boot?: { chatOptions?: { links?: Record<string, string> } };
        };
        return boot.boot?.chatOptions?.links;
      };
      const { userId } = (await world.kernel.service(visitors).byUserId(thread.userId))!;
      expect(await linksOf(ann)).toMatchObject({ history: `/operator/history/user/${userId}`, log: address(thread) });
      expect(await linksOf(bob)).toBeUndefined();
    });
  });
});
