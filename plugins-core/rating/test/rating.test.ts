import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eve, newcomer, serve, startedIn, wim, type ChatServer } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { threads } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { settings } from '../../settings/api.ts';
import { ratingGiven, ratings } from '../api.ts';

const asked = { user: true, return: { may: 'may', score: 'score', comment: 'comment' } };
const day = 24 * 3_600_000;

eachDialect((dialect) => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await serve(dialect, ['rating']);
    await server.kernel.service(settings).change({ max_connections_from_one_host: 0, start_rate: 0 }, 'test');
    server.online.add(ann.id);
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    vi.useRealTimers();
    await server.kernel.service(settings).change({ rating_enabled: true }, 'test');
  });

  async function begin(operator?: typeof ann) {
    const who = newcomer();
    const { results } = await server.call(who, ['start', { return: { options: 'options' } }]);
    const begun = { who, ...startedIn(results[0]) };
    if (operator) await server.kernel.service(threads).take(begun.threadId, operator);
    return begun;
  }
  type Begun = Awaited<ReturnType<typeof begin>>;
  const over = async (operator = ann): Promise<Begun> => {
    const begun = await begin(operator);
    await server.kernel.service(threads).close(begun.threadId, 'agent', operator);
    return begun;
  };
  const send = async ({ who, threadId, token }: Begun, name: string, args: object) =>
    (await server.call(who, [name, { threadId, token, ...args }])).results[0];
  const rate = (begun: Begun, score: unknown, comment?: unknown) =>
    send(begun, 'rate', { user: true, score, comment, return: { score: 'score', comment: 'comment' } });
  const told = async ({ threadId }: Begun) => {
    const { messages } = await server.kernel.service(threads).messages(threadId, 'agent', 0);
    return messages.filter(({ plugin }) => plugin === 'rating');
  };
  const of = ({ threadId }: Begun) => server.kernel.service(ratings).of(threadId);

  describe('a rating', () => {
    it('is given when a conversation is over, and told to operators alone', async () => {
      const begun = await over();
      expect(await send(begun, 'rating', asked)).toMatchObject({ may: true, score: 0, comment: '' });
      expect(await rate(begun, 4, ' Quick <b>help</b>\r\nThanks ')).toMatchObject({
        errorCode: 0,
        score: 4,
        comment: 'Quick <b>help</b>\nThanks',
      });
      expect(await of(begun)).toMatchObject({ agentId: ann.id, score: 4, comment: 'Quick <b>help</b>\nThanks' });
      const [line] = await told(begun);
      expect(line).toMatchObject({ kind: 3, data: { score: 4 } });
      expect(line?.message).toMatch(/4 of 5\.\nQuick &lt;b&gt;help&lt;\/b&gt;\nThanks$/);
      const { messages } = await server.kernel.service(threads).messages(begun.threadId, 'user', 0);
      expect(messages.some(({ plugin }) => plugin === 'rating')).toBe(false);
      expect(await send(begun, 'rating', asked)).toMatchObject({ may: true, score: 4 });
      expect(server.kernel.calls(ratingGiven).at(-1)?.[0]).toMatchObject({ rating: { score: 4 }, original: undefined });
    });

    it('may be given while somebody answers, not before', async () => {
      const early = await begin();
      expect(await send(early, 'rating', asked)).toMatchObject({ may: false });
      expect(await rate(early, 5)).toMatchObject({ errorCode: 171 });
      expect(await rate(await begin(ann), 5)).toMatchObject({ errorCode: 0 });
    });

    it('is one per conversation: changed, not added; the same once more is not told again', async () => {
      const begun = await over();
      await Promise.all([rate(begun, 2), rate(begun, 2), rate(begun, 2)]);
      expect(await told(begun)).toHaveLength(1);
      expect(await rate(begun, 5, 'Better')).toMatchObject({ score: 5 });
      const lines = await told(begun);
      expect(lines.at(-1)?.message).toContain('changed the rating to 5 of 5');
      expect(await of(begun)).toMatchObject({ score: 5, comment: 'Better' });
      expect(server.kernel.calls(ratingGiven).at(-1)?.[0]).toMatchObject({ original: { score: 2 } });
    });

    it('can be changed for a day, and given for a week', async () => {
      const [one, other] = [await over(), await over()];
      await rate(one, 3);
      const now = Date.now();
      vi.spyOn(Date, 'now').mockReturnValue(now + day + 60_000);
      expect(await rate(one, 4)).toMatchObject({ errorCode: 172 });
      expect(await rate(one, 3)).toMatchObject({ errorCode: 0 });
      vi.mocked(Date.now).mockReturnValue(now + 7 * day + 60_000);
      expect(await rate(other, 4)).toMatchObject({ errorCode: 172 });
      expect(await send(other, 'rating', asked)).toMatchObject({ may: false });
      vi.restoreAllMocks();
    });

    it('has limits', async () => {
      const begun = await over();
      for (const score of [0, 6, 2.5, '', 'five', null, [5]])
        expect(await rate(begun, score), String(score)).toMatchObject({ errorCode: 3 });
      expect(await rate(begun, 3, { $ne: '' })).toMatchObject({ errorCode: 3 });
      expect(await rate(begun, 3, 'x'.repeat(1001))).toMatchObject({ errorCode: 173 });
      expect(await of(begun)).toBeUndefined();
      expect(await rate(begun, '3', '😀'.repeat(1000))).toMatchObject({ errorCode: 0 });
    });

    it('is nobody else’s: strangers, operators, calls about no conversation', async () => {
      const begun = await over();
      expect(await rate({ ...begun, who: newcomer() }, 1)).toBeUndefined();
      const asOperator = { threadId: begun.threadId, token: begun.token, user: false, score: 1 };
      expect((await server.call({ operator: ann }, ['rate', asOperator])).results[0]).toMatchObject({ errorCode: 3 });
      expect((await server.call(begun.who, ['rate', { user: true, score: 1 }])).results[0]).toMatchObject({
        errorCode: 4,
      });
      expect(await of(begun)).toBeUndefined();
    });

    it('is not asked for while it is switched off', async () => {
      const begun = await over();
      await server.kernel.service(settings).change({ rating_enabled: false }, 'test');
      expect(await send(begun, 'rating', asked)).toMatchObject({ may: false });
      expect(await rate(begun, 4)).toMatchObject({ errorCode: 170 });
    });
  });

  describe('averages', () => {
    it('are of the time and the operator asked for', async () => {
      const service = server.kernel.service(ratings);
      const before = await service.average(0, eve.id);
      expect(before).toEqual({ count: 0, score: 0 });
      for (const score of [5, 4, 4]) await rate(await over(eve), score);
      expect(await service.average(0, eve.id)).toEqual({ count: 3, score: 13 / 3 });
      expect((await service.averages(0)).get(eve.id)).toEqual({ count: 3, score: 13 / 3 });
      expect(await service.average(Date.now() + 1000, eve.id)).toEqual({ count: 0, score: 0 });
    });
  });

  describe('the page of operators', () => {
    it('shows everybody what was said of himself, and no more', async () => {
      await rate(await over(ann), 1, 'About Ann <script>');
      await rate(await over(wim), 5, 'About Wim');
      const html = await (await server.page('/operator/ratings', { who: { operator: wim } })).text();
      expect(html).toContain('About Wim');
      expect(html).not.toContain('About Ann');
      const other = await server.page(`/operator/ratings?operator=${ann.id}`, { who: { operator: wim } });
      expect(await other.text()).not.toContain('About Ann');
      expect((await server.page('/operator/ratings')).status).toBe(302);
    });
  });

  describe('without scripts', () => {
    const page = ({ who, threadId, token }: Begun, init: RequestInit = {}) =>
      server.page(`/chat/${threadId}/${token}/rating`, { ...init, who });
    const post = (begun: Begun, fields: Record<string, string>, origin = 'http://localhost') =>
      page(begun, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: new URLSearchParams(fields).toString(),
      });

    it('a link leads from the conversation to a form of its own', async () => {
      const begun = await over();
      const path = `/chat/${begun.threadId}/${begun.token}`;
      const html = await (await server.page(path, { who: begun.who })).text();
      expect(html).toContain(`href="${path}/rating"`);
      expect((await page(begun)).status).toBe(200);
      const missing = await post(begun, { comment: 'Kept <i>' });
      expect(missing.status).toBe(422);
      expect(await missing.text()).toContain('Kept &lt;i&gt;');
      const saved = await post(begun, { score: '5', comment: 'Thanks' });
      expect(saved.status).toBe(303);
      expect(await of(begun)).toMatchObject({ score: 5, comment: 'Thanks' });
      const done = await server.page(saved.headers.get('location') ?? '', { who: begun.who });
      expect(await done.text()).toMatch(/Thank you\..*value="5" required checked/s);
    });

    it('takes a few at once, then ever more slowly, and keeps what was typed', async () => {
      const [begun, other] = [await over(), await over()];
      const now = Date.now();
      vi.spyOn(Date, 'now').mockReturnValue(now);
      const score = (n: number) => String(1 + (n % 5));
      for (let n = 0; n < 11; n++) expect((await post(begun, { score: score(n) })).status).toBe(303);
      const refused = await post(begun, { score: '5', comment: 'Kept <i>' });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
      const html = await refused.text();
      expect(html).toContain('Please try again in 2 seconds.');
      expect(html).toContain('TOO_MANY_RATINGS');
      expect(html).toContain('Kept &lt;i&gt;');
      expect(await of(begun)).toMatchObject({ score: 1, comment: '' });
      expect((await post(other, { score: '4' })).status).toBe(303);
      vi.mocked(Date.now).mockReturnValue(now + 2_000);
      expect((await post(begun, { score: '5' })).status).toBe(303);
      vi.restoreAllMocks();
    });

    it('strangers and forms from elsewhere are refused', async () => {
      const begun = await over();
      expect((await page({ ...begun, who: newcomer() })).status).toBe(404);
      expect((await post({ ...begun, who: newcomer() }, { score: '1' })).status).toBe(404);
      expect((await post(begun, { score: '1' }, 'https://evil.example')).status).toBe(403);
      expect((await page(await begin())).status).toBe(404);
      expect(await of(begun)).toBeUndefined();
    });
  });
});
