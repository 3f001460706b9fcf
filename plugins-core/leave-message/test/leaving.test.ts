import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { missingDialect } from '../../database/testing.ts';
import { captcha } from '../../captcha/api.ts';
import { payloadOf, solve } from '../../captcha/client/solver.ts';
import { messageKind, threadCreated, threads, threadState, visitors, type Thread } from '../../chat/api.ts';
import { groups } from '../../groups/api.ts';
import { db } from '../../database/api.ts';
import { settings } from '../../settings/api.ts';
import { messageLeft } from '../api.ts';
import { leaveMessageSettings } from '../settings.ts';
import { left } from '../tables.ts';
import { createWorld, typed, type World } from './world.ts';

const process = 'processLeaveMessage';
const leftThread = (world: World) => world.kernel.calls(messageLeft).at(-1)![0].thread;
/** What operators read, as kind and text. */
async function stored({ kernel }: World, { id }: Thread) {
  const { messages } = await kernel.service(threads).messages(id, 'agent', 0);
  return messages.map(({ kind, message }) => [kind, message] as const);
}
const count = ({ kernel }: World) => kernel.service(db).query.count(kernel.service(db).table(left));

const guarded = { values: { enablecaptcha: true, email: 'house@example.com' }, plugins: ['captcha'] };
async function proof({ kernel }: World, purpose = 'leave-message') {
  const challenge = (await kernel.service(captcha).challenge(purpose, '192.0.2.1'))!;
  return payloadOf(challenge, (await solve(challenge))!);
}

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing)(missing ? `on ${dialect} (skipped: ${missing})` : `on ${dialect}`, () => {
    it('keeps a message as a thread in state left, with what was said of the visitor before it', async () => {
      await using world = await createWorld({ dialect, values: { email: 'house@example.com' } });
      const info = 'Basket: <3 chairs>';
      const page = 'https://shop.example/chairs?a=1&b=2';
      const result = await world.call(world.visitor(), process, { ...typed, info, referrer: page });
      expect(result).toMatchObject({ errorCode: 0 });
      const thread = leftThread(world);
      expect(thread).toMatchObject({
        state: threadState.left,
        userName: 'Tess',
        messageCount: 1,
        shownMessage: typed.message,
      });
      expect(thread.closedAt).toBeGreaterThan(0);
      expect(world.kernel.calls(threadCreated)).toHaveLength(1);
      expect(await stored(world, thread)).toEqual([
        [messageKind.forAgent, 'The visitor was on the page https://shop.example/chairs?a=1&amp;b=2'],
        [messageKind.forAgent, 'E-mail: tess@example.org'],
        [messageKind.forAgent, 'Info: Basket: &lt;3 chairs&gt;'],
        [messageKind.user, 'Is the chair\nstill there?'],
      ]);
    });

    it('keeps the page where he was and the one before it, which the form carries on two lines', async () => {
      await using world = await createWorld({ dialect });
      const referrer = 'https://shop.example/chairs\nhttps://search.example/?q=a&b';
      await world.call(world.visitor(), process, { ...typed, referrer });
      const thread = leftThread(world);
      expect(thread.referrer).toBe(referrer);
      expect((await stored(world, thread))[0]).toEqual([
        messageKind.forAgent,
        'The visitor was on the page https://shop.example/chairs, and came there from https://search.example/?q=a&amp;b',
      ]);
    });

    it('takes a message while as many conversations are open from the address as may be', async () => {
      await using world = await createWorld({ dialect, values: { max_connections_from_one_host: 1 } });
      const ann = await world.person('ann');
      await world.comes(ann);
      expect(await world.call(world.visitor(), 'start', {}, ['next'])).toMatchObject({ next: 'chat' });
      expect(await world.call(world.visitor(), 'start', {}, ['next'])).toMatchObject({ errorCode: 107 });
      await world.leaves(ann);
      expect((await world.kernel.request('/chat')).status).toBe(200);
      for (const how of ['open', 'start'])
        expect(await world.call(world.visitor(), how, {}, ['next'])).toMatchObject({ next: 'leaveMessage' });
      expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
    });

    it('mails it to the house, once, with the visitor as the one to answer', async () => {
      await using world = await createWorld({ dialect, values: { email: 'house@example.com' } });
      const visitor = world.visitor();
      for (let n = 0; n < 3; n++)
        expect(await world.call(visitor, process, { ...typed, key: 'one' })).toMatchObject({ errorCode: 0 });
      expect(world.office.sent).toMatchObject([
        {
          template: 'leave_message',
          locale: 'en',
          to: 'house@example.com',
          replyTo: typed.email,
          values: typed,
        },
      ]);
    });

    it('stores the same message once, however often and however close together it comes', async () => {
      await using world = await createWorld({ dialect });
      const visitor = world.visitor();
      const send = () => world.call(visitor, process, { ...typed, key: 'one' });
      const answers = await Promise.all(Array.from({ length: 6 }, send));
      expect(answers.map(({ errorCode }) => errorCode)).toEqual(Array(6).fill(0));
      expect(await count(world)).toBe(1);
      expect(world.kernel.calls(threadCreated)).toHaveLength(1);
      expect(world.kernel.calls(messageLeft)).toHaveLength(1);
      expect(await world.call(visitor, process, { ...typed, message: 'Another', key: 'one' })).toMatchObject({
        errorCode: 145,
      });
      expect(await world.call(visitor, process, { ...typed, message: 'Another', key: 'two' })).toMatchObject({
        errorCode: 0,
      });
      // The key is the visitor's own.
      expect(await world.call(world.visitor(), process, { ...typed, key: 'one' })).toMatchObject({ errorCode: 0 });
      expect(await count(world)).toBe(3);
    });

    it('stores a message once that comes in at two servers at the same time', async () => {
      await using one = await createWorld({ dialect, values: { email: 'house@example.com' } });
      await using other = await createWorld({ beside: one });
      const visitor = one.visitor();
      // Known to both, so that both come to the message at the same time.
      await one.call(visitor, process, { ...typed, key: 'zero' });
      const args = { ...typed, key: 'one' };
      const answers = await Promise.all([one, other].map((world) => world.call(visitor, process, args)));
      expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 0]);
      expect(await count(one)).toBe(2);
      expect([...one.office.sent, ...other.office.sent]).toHaveLength(2);
    });

    it('takes a message with its proof once, and says so to everybody who sent it at the same time', async () => {
      await using world = await createWorld({ dialect, ...guarded });
      const visitor = world.visitor();
      const args = { ...typed, key: 'one', captcha: await proof(world) };
      const answers = await Promise.all(Array.from({ length: 4 }, () => world.call(visitor, process, args)));
      expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0, 0]);
      expect(await count(world)).toBe(1);
      expect(world.kernel.calls(threadCreated)).toHaveLength(1);
      expect(world.kernel.calls(messageLeft)).toHaveLength(1);
      expect(world.office.sent).toHaveLength(1);
    });

    it('takes one of two messages that come with the same proof at the same time', async () => {
      await using world = await createWorld({ dialect, ...guarded });
      const visitor = world.visitor();
      const solution = await proof(world);
      const send = (key: string) =>
        world.call(visitor, process, { ...typed, message: `Message ${key}`, key, captcha: solution });
      const answers = await Promise.all([send('one'), send('two')]);
      expect(new Set(answers.map(({ errorCode }) => errorCode))).toEqual(new Set([0, 10]));
      expect(await count(world)).toBe(1);
      expect(world.office.sent).toHaveLength(1);
    });

    it('counts a message that is sent twice at the same time as one', async () => {
      await using world = await createWorld({ dialect, values: { leave_rate: 6 } });
      for (let n = 0; n < 5; n++) await world.call(world.visitor(), process, { ...typed, key: 'one' });
      const visitor = world.visitor();
      const send = () => world.call(visitor, process, { ...typed, key: 'last' });
      const answers = await Promise.all([send(), send(), send()]);
      expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0]);
      expect(await count(world)).toBe(6);
    });

    it('mails to the group, else to the one above it, else to the site', async () => {
      await using world = await createWorld({
        dialect,
        plugins: ['groups'],
        values: { email: 'house@example.com', enablegroups: true },
      });
      const service = world.kernel.service(groups);
      const above = await service.create({ name: 'Sales', email: 'sales@example.com' });
      const own = await service.create({ name: 'Chairs', parentId: above.id, email: 'chairs@example.com' });
      const none = await service.create({ name: 'Lamps', parentId: above.id });
      const alone = await service.create({ name: 'Press' });
      for (const groupId of [own.id, none.id, String(alone.id), 0, 999])
        expect(await world.call(world.visitor(), process, { ...typed, groupId })).toMatchObject({ errorCode: 0 });
      expect(world.office.sent.map(({ to }) => to)).toEqual([
        'chairs@example.com',
        'sales@example.com',
        'house@example.com',
        'house@example.com',
        'house@example.com',
      ]);
      expect(world.kernel.calls(messageLeft).map(([{ thread }]) => thread.groupId)).toEqual([
        own.id,
        none.id,
        alone.id,
        0,
        0,
      ]);
    });
  });
}

describe('what is refused', () => {
  const long = 'x'.repeat(65);
  it.each([
    [11, { email: '' }],
    [11, { email: 'tess' }],
    [11, { email: 'tess@example.org, eve@example.org' }],
    [11, { email: 'tess@example.org\r\nBcc: eve@example.org' }],
    [11, { email: `${'x'.repeat(250)}@example.org` }],
    [11, { email: '', name: '', message: '' }],
    [140, { name: ' \n ' }],
    [141, { name: long }],
    [142, { message: ' ' }],
    [143, { message: 'x'.repeat(4001) }],
  ] as const)('answers with code %i to %o, in a sentence, and keeps nothing', async (code, wrong) => {
    await using world = await createWorld();
    const result = await world.call(world.visitor(), process, { ...typed, ...wrong });
    expect(result).toMatchObject({ errorCode: code, errorMessage: expect.stringMatching(/^[A-Z].* .*\.$/) });
    expect(result['errorMessage']).not.toContain('leave-message');
    expect(world.kernel.calls(threadCreated)).toEqual([]);
    expect(world.office.sent).toEqual([]);
  });

  it('takes characters for what they are: sixty-four of them are no more, whatever they are made of', async () => {
    await using world = await createWorld();
    const name = '𝒳'.repeat(64);
    expect(await world.call(world.visitor(), process, { ...typed, name })).toMatchObject({ errorCode: 0 });
    expect(leftThread(world).userName).toBe(name);
  });

  it('leaves no visitor behind who was not known before', async () => {
    await using world = await createWorld({
      plugins: ['survey'],
      values: { enableprivacypolicy: true, privacypolicy: 'https://shop.example/privacy' },
    });
    const wrongs = [
      { email: 'tess' },
      { name: '' },
      { message: ' ' },
      { message: 'x'.repeat(4001) },
      { consent: false },
    ];
    for (const wrong of wrongs) {
      const secret = world.visitor();
      const result = await world.call(secret, process, { ...typed, ...wrong, key: 'one' });
      expect(result['errorCode'], JSON.stringify(wrong)).toBeGreaterThan(0);
      expect(await world.kernel.service(visitors).find(secret)).toBeUndefined();
    }
  });

  it('takes no more from one address than the setting says, in ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await using world = await createWorld({ values: { leave_rate: 2 } });
      const leave = async () => (await world.call(world.visitor(), process, typed))['errorCode'];
      expect([await leave(), await leave(), await leave()]).toEqual([0, 0, 144]);
      vi.setSystemTime(Date.now() + 5 * 60_000);
      expect([await leave(), await leave()]).toEqual([0, 144]);
      await world.kernel.service(settings).change({ leave_rate: 0 }, 'test');
      for (let n = 0; n < 5; n++) expect(await leave()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes as many from one address as an office writes', async () => {
    await using world = await createWorld();
    const { default: fallback } = leaveMessageSettings.fields.leave_rate;
    expect(fallback).toBe(30);
    for (let n = 0; n < fallback; n++)
      expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
    expect(await world.call(world.visitor(), process, typed)).toMatchObject({
      errorCode: 144,
      errorMessage: expect.stringContaining('a minute'),
    });
  });

  it('takes no more from one address than somebody would write', async () => {
    await using world = await createWorld({ values: { leave_rate: 6 } });
    const codes: unknown[] = [];
    for (let n = 0; n < 8; n++)
      codes.push((await world.call(world.visitor(), process, { ...typed, message: `message ${n}` }))['errorCode']);
    expect(codes).toEqual([0, 0, 0, 0, 0, 0, 144, 144]);
    expect(await count(world)).toBe(6);
  });
});

describe('with the captcha', () => {
  const start = guarded;

  it('takes a message with a solution, and each solution once', async () => {
    await using world = await createWorld(start);
    const solution = await proof(world);
    expect(await world.call(world.visitor(), process, { ...typed, captcha: solution })).toMatchObject({ errorCode: 0 });
    for (const wrong of [solution, '', null, 'abcde', await proof(world, 'login')])
      expect(await world.call(world.visitor(), process, { ...typed, captcha: wrong })).toMatchObject({ errorCode: 10 });
    expect(await count(world)).toBe(1);
  });

  it('tests the captcha before the e-mail', async () => {
    await using world = await createWorld(start);
    expect(await world.call(world.visitor(), process, { ...typed, email: '' })).toMatchObject({ errorCode: 10 });
    const solution = await proof(world);
    expect(await world.call(world.visitor(), process, { ...typed, email: '', captcha: solution })).toMatchObject({
      errorCode: 11,
    });
  });

  it('asks for no second solution when a message is sent again', async () => {
    await using world = await createWorld(start);
    const visitor = world.visitor();
    const args = { ...typed, key: 'one', captcha: await proof(world) };
    for (let n = 0; n < 2; n++) expect(await world.call(visitor, process, args)).toMatchObject({ errorCode: 0 });
    expect(await count(world)).toBe(1);
  });

  it('goes without where the plugin is switched off, and says so to administrators', async () => {
    await using world = await createWorld({ values: { enablecaptcha: true } });
    expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
    const ann = await world.person('ann', ['admin']);
    expect(await (await ann.browser.get('/operator')).text()).toContain('the plugin captcha is switched off');
  });
});

describe('mails', () => {
  beforeEach(() =>
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
  );
  afterEach(() => vi.useRealTimers());

  it('are handed over later when that fails, and the visitor does not learn of it', async () => {
    const { jobs } = await import('../../jobs/api.ts');
    await using world = await createWorld({ values: { email: 'house@example.com' } });
    world.office.broken = new Error('disk full');
    expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
    world.office.broken = undefined;
    for (let n = 0; n < 2; n++) await world.kernel.service(jobs).runNow('leave-message.mail');
    expect(world.office.sent).toMatchObject([{ to: 'house@example.com' }]);
  });

  it('are not missed where the mailer is switched off: the message waits for operators', async () => {
    await using world = await createWorld({ mail: false });
    expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
    expect(await count(world)).toBe(1);
  });
});

describe('with a privacy policy', () => {
  const start = {
    plugins: ['survey'],
    values: { enableprivacypolicy: true, privacypolicy: 'https://shop.example/privacy' },
  };

  it('keeps that the visitor agreed, and refuses him who was asked and did not', async () => {
    await using world = await createWorld(start);
    expect(await world.call(world.visitor(), process, { ...typed, consent: false })).toMatchObject({ errorCode: 131 });
    expect(await count(world)).toBe(0);
    expect(await world.call(world.visitor(), process, { ...typed, consent: true })).toMatchObject({ errorCode: 0 });
    const lines = await stored(world, leftThread(world));
    expect(lines.map(([kind]) => kind)).toEqual([3, 3, 1]);
    expect(lines[1]![1]).toContain('https://shop.example/privacy');
  });

  it('takes messages of clients that show the notice and have no box', async () => {
    await using world = await createWorld(start);
    expect(await world.call(world.visitor(), process, typed)).toMatchObject({ errorCode: 0 });
  });
});

it('is mailed in words that fit, whatever visitors write', async () => {
  await using world = await createWorld({ mail: false, plugins: ['mailer'], values: { email: 'house@example.com' } });
  await world.call(world.visitor(), process, {
    ...typed,
    name: 'Tess\r\nBcc: eve',
    message: '{0} <b>&amp;</b>',
    info: '{2}',
  });
  const { mail } = await import('../../mailer/tables.ts');
  const database = world.kernel.service(db);
  const table = database.table(mail);
  expect(await database.query.select().from(table)).toMatchObject([
    {
      to: 'house@example.com',
      replyTo: typed.email,
      subject: 'Message from Tess Bcc: eve',
      body: expect.stringContaining(
        'Tess Bcc: eve (tess@example.org) left a message when nobody was there:\n\n{0} <b>&amp;</b>\n\n{2}',
      ),
    },
  ]);
});

it('knows who left it', async () => {
  await using world = await createWorld();
  const secret = world.visitor();
  await world.call(secret, process, typed);
  const visitor = await world.kernel.service(visitors).find(secret);
  expect(leftThread(world).visitorId).toBe(visitor!.id);
});
