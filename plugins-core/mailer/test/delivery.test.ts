import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect, eachDialect, type TestDatabase } from '../../database/testing.ts';
import type { Cause } from '../causes.ts';
import { createSmtp } from '../smtp.ts';
import { parseServer } from '../server-address.ts';
import { mail, template } from '../tables.ts';
import { upkeep } from '../upkeep.ts';
import { openOffice, type Office } from './office.ts';
import { mailbox, openPost, timeouts, type PostOptions } from './post.ts';
import type { Treatment } from './post-office.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).toReversed()) await end();
});
const office = async (options: Readonly<Record<string, unknown>> = {}): Promise<Office> => {
  const opened = await openOffice(options);
  ends.push(() => opened.close());
  return opened;
};
const tables = [mail, template];
const minute = 60_000;
const account = { user: 'tea', pass: 'green' };
const hideAuth = true;
const portOf = async (options: Readonly<Record<string, unknown>>) => (await office(options)).port;

eachDialect((_dialect, open) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await open(tables);
  });
  const row = async (post: ReturnType<typeof openPost>, id: number) => (await post.store.byId(id))!;

  it('delivers a mail in words, from our mailbox, with where answers go, and keeps no copy of its text', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    const { id } = await post.send({ replyTo: 'bob@example.com', values: { name: 'Ännchen', what: 'Grünen Tee 🍵' } });
    expect((await row(post, id)).body).toContain('Grünen Tee 🍵');
    await post.work();
    const [arrived] = await server.arrivals();
    expect(arrived).toMatchObject({ from: 'help@shop.example', to: ['ann@example.com'] });
    expect(arrived!.text).toMatch(/^From: Help <help@shop.example>\r$/m);
    expect(arrived!.text).toMatch(/^Reply-To: bob@example.com\r$/m);
    expect(arrived!.text).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(arrived!.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 1, body: '', uncertain: false, reason: '' });
    expect(post.settled).toEqual([{ id, state: 'sent', reason: '' }]);
    expect(await post.outbox.state(id)).toBe('sent');
  });

  it('writes international domains as mail servers know them, and shows them as people do', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    const one = await post.send({ to: 'ann@bücher.example', replyTo: 'bob@xn--bcher-kva.example' });
    await post.work();
    expect((await server.arrivals())[0]!.to).toEqual(['ann@xn--bcher-kva.example']);
    expect((await server.arrivals())[0]!.text).toMatch(/^To: ann@xn--bcher-kva.example\r$/m);
    expect((await server.arrivals())[0]!.text).toMatch(/^Reply-To: bob@xn--bcher-kva.example\r$/m);
    expect(await row(post, one.id)).toMatchObject({ to: 'ann@bücher.example', replyTo: 'bob@bücher.example' });
  });

  it.each<[Treatment, boolean]>([
    ['defer recipient', false],
    ['defer mail', false],
    ['drop at greeting', false],
    ['drop before data', false],
    ['drop before answer', true],
  ])('brings a mail once after three times "%s"', async (treatment, uncertain) => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next(treatment, treatment, treatment);
    const { id } = await post.send();
    await post.work(3);
    expect(await row(post, id)).toMatchObject({ state: 'queued', attempts: 3, uncertain });
    expect((await row(post, id)).reason).not.toBe('');
    expect(post.pauses).toEqual([minute / 2, minute, 2 * minute]);
    await post.work();
    expect(await server.connections()).toBe(4);
    expect([...(await server.mailbox()).keys()]).toEqual([(await row(post, id)).messageId]);
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 4 });
    expect(post.settled).toHaveLength(1);
    // Only where the answer was lost has it come in more than once, and each time as the same mail.
    expect(await server.arrivals()).toHaveLength(uncertain ? 4 : 1);
    expect(new Set((await server.arrivals()).map(({ text }) => text)).size).toBe(1);
  });

  it('brings a mail once after the connection broke within it', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next('drop in data', 'drop in data');
    const { id } = await post.send({ values: { name: 'Ann', what: 'tea\n'.repeat(50_000) } });
    await post.work();
    expect(await server.arrivals()).toHaveLength(1);
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 3 });
  });

  it.each<[Treatment, boolean]>([
    ['hold before data', false],
    ['hold answer', true],
  ])('does not wait for ever for a mail server that falls silent ("%s")', async (treatment, uncertain) => {
    const server = await office();
    const post = openPost(db, { url: server.url, timeouts: { answer: 3_000 } });
    await server.next(treatment);
    const { id } = await post.send();
    await post.work(1);
    expect(await row(post, id)).toMatchObject({ state: 'queued', attempts: 1, uncertain, reason: 'Timeout' });
    await post.work();
    expect((await server.mailbox()).size).toBe(1);
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it.each<[Treatment, string]>([
    ['refuse recipient', 'no such mailbox'],
    ['refuse mail', 'looks like advertising'],
  ])('gives up at once, and says why, when it is told "%s"', async (treatment, reason) => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next(treatment);
    const { id } = await post.send();
    expect(await post.work()).toBe(1);
    expect(await row(post, id)).toMatchObject({ state: 'failed', attempts: 1 });
    expect((await row(post, id)).reason).toContain(reason);
    expect(post.settled).toMatchObject([{ id, state: 'failed' }]);
    expect(post.logged.at(-1)).toMatchObject({ level: 'error', fields: { code: 'MAIL_FAILED', mail: id } });
    expect(JSON.stringify(post.logged)).not.toContain('ann@example.com');
    expect(await server.arrivals()).toEqual([]);
    expect(await post.outbox.state(id)).toBe('failed');
  });

  it.each<[Treatment, Cause, string]>([
    ['refuse recipient', 'recipient', '550 5.1.1 no such mailbox'],
    ['refuse mail', 'content', '554 5.7.1 looks like advertising'],
    ['defer recipient', 'deferred', '451 4.7.1 greylisted, come back later'],
    ['defer mail', 'deferred', '452 4.3.1 the disk is full'],
    ['drop at greeting', 'closed', 'Connection closed unexpectedly'],
    ['drop before data', 'closed', 'Connection closed unexpectedly'],
    ['drop before answer', 'closed', 'Connection closed unexpectedly'],
  ])('notes and logs "%s" as %s, with the very words', async (treatment, cause, reason) => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next(treatment);
    const { id } = await post.send();
    await post.work(1);
    expect(await row(post, id)).toMatchObject({ cause, reason });
    expect(post.logged.at(-1)).toMatchObject({ fields: { cause, why: `plainly: ${cause}`, reason } });
  });

  it.each<[string, Cause, () => Promise<PostOptions>]>([
    [
      'nobody listens',
      'refused',
      async () => {
        const gone = await openOffice();
        await gone.close();
        return { url: gone.url };
      },
    ],
    ['there is no such host', 'hostUnknown', async () => ({ url: 'smtp://mail..invalid', encryption: 'none' })],
    [
      'the mail server falls silent',
      'timeout',
      async () => {
        const server = await office();
        await server.next('hold before data');
        return { url: server.url, timeouts: { answer: 1_000 } };
      },
    ],
    [
      'nobody vouches for it',
      'certificate',
      async () => ({ url: `smtps://127.0.0.1:${await portOf({ secure: true })}` }),
    ],
    ['it offers no encryption', 'encryption', async () => ({ url: (await office()).url, encryption: 'tls' })],
    ['it speaks no TLS', 'encryption', async () => ({ url: `smtps://127.0.0.1:${await portOf({})}` })],
    ['the password is wrong', 'login', async () => ({ url: `smtp://tea:x@127.0.0.1:${await portOf(account)}` })],
    ['it wants a password', 'login', async () => ({ url: `smtp://127.0.0.1:${await portOf(account)}` })],
    ['it takes no password', 'login', async () => ({ url: `smtp://tea:x@127.0.0.1:${await portOf({ hideAuth })}` })],
  ])('notes why a mail waits: %s', async (_, cause, options) => {
    const post = openPost(db, await options());
    const { id } = await post.send();
    await post.work(1);
    expect(await row(post, id)).toMatchObject({ state: 'queued', cause });
  });

  it('has failed after so many attempts, with pauses that grow up to six hours', async () => {
    const post = openPost(db, {
      carrier: { carry: async () => ({ kind: 'later', cause: 'other', reason: 'nobody there' }) },
      attempts: 14,
    });
    const { id } = await post.send();
    expect(await post.work()).toBe(14);
    expect(await row(post, id)).toMatchObject({ state: 'failed', attempts: 14, reason: 'nobody there' });
    expect(post.pauses).toHaveLength(13);
    expect(post.pauses.slice(0, 4)).toEqual([0.5, 1, 2, 4].map((pause) => pause * minute));
    expect(post.pauses.at(-1)).toBe(360 * minute);
    expect(post.settled).toHaveLength(1);
  });

  it('waits where nobody listens at all, and delivers once somebody does', async () => {
    const gone = await openOffice();
    await gone.close();
    const before = openPost(db, { url: gone.url });
    const { id } = await before.send();
    await before.work(2);
    expect((await row(before, id)).reason).toContain('ECONNREFUSED');
    const server = await office();
    const after = openPost(db, { url: server.url });
    after.clock.now = before.due.get(id)!;
    await after.deliver(id);
    expect(await server.arrivals()).toHaveLength(1);
  });

  it('logs in, and where that is refused the mails wait and nobody reads the password', async () => {
    const server = await office({ user: 'tea', pass: 'green & hot' });
    const at = (pass: string) => `smtp://tea:${encodeURIComponent(pass)}@127.0.0.1:${server.port}`;
    const wrong = openPost(db, { url: at('earl grey') });
    const { id } = await wrong.send();
    await wrong.work(1);
    const waiting = await row(wrong, id);
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1 });
    expect(waiting.reason).toContain('535');
    expect(waiting.reason).toContain('no such user with …');
    expect(JSON.stringify([waiting, wrong.logged])).not.toContain('earl grey');
    const nobody = openPost(db, { url: `smtp://127.0.0.1:${server.port}` });
    nobody.clock.now = wrong.due.get(id)!;
    await nobody.deliver(id);
    expect(await row(nobody, id)).toMatchObject({ state: 'queued', attempts: 2 });
    expect(await server.arrivals()).toEqual([]);
    const right = openPost(db, { url: at('green & hot') });
    right.clock.now = nobody.due.get(id)!;
    await right.deliver(id);
    expect(await server.arrivals()).toHaveLength(1);
    expect(await row(right, id)).toMatchObject({ state: 'sent' });
  });

  it('brings a mail as large as one may be, also in a single line', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    const what = '🍵'.repeat(499_900);
    const { id } = await post.send({ values: { name: 'Ann', what } });
    await post.work();
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 1 });
    const { text } = (await server.arrivals())[0]!;
    expect(text).toMatch(/^Content-Transfer-Encoding: base64\r$/m);
    const body = Buffer.from(text.slice(text.indexOf('\r\n\r\n')), 'base64').toString();
    expect(body.replaceAll('\r\n', '\n') === `Hello Ann,\nyou asked for ${what}.\n`).toBe(true);
  });

  it('gives up at once where a mail is larger than the mail server takes', async () => {
    const server = await office({ size: 10_000 });
    const post = openPost(db, { url: server.url });
    const { id } = await post.send({ values: { name: 'Ann', what: 'tea\n'.repeat(5_000) } });
    expect(await post.work()).toBe(1);
    expect(await row(post, id)).toMatchObject({ state: 'failed', attempts: 1, cause: 'tooLarge' });
    expect(await server.arrivals()).toEqual([]);
    const small = await post.send();
    await post.work();
    expect(await row(post, small.id)).toMatchObject({ state: 'sent' });
  });

  it('refuses a mail that many placeholders would make too large, before it is made', async () => {
    const post = openPost(db);
    const words = { subject: '{0}', body: '{1} '.repeat(5_000) };
    await post.templates.save(post.templates.find('order')!, 'fr', words);
    const large = { locale: 'fr', values: { name: 'Ann', what: 'x'.repeat(200_000) } };
    await expect(post.send(large)).rejects.toMatchObject({ code: 'MAIL_TOO_LARGE' });
    expect(await post.send({ ...large, values: { what: 'x'.repeat(100) } })).toMatchObject({ created: true });
    await post.templates.reset('order', 'fr');
  });

  it('stores one mail per key, whoever sends it how often', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    const key = 'thread:7';
    const sent = await Promise.all(Array.from({ length: 8 }, () => post.send({ key })));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(sent.filter(({ created }) => created)).toHaveLength(1);
    await post.work();
    expect((await post.send({ key })).created).toBe(false);
    await post.work();
    expect(await server.arrivals()).toHaveLength(1);
    expect((await post.send({ key: 'thread:8' })).created).toBe(true);
  });

  it('lets one of two servers bring a mail', async () => {
    const server = await office();
    const second = connect(db.url);
    ends.push(() => second.close());
    const posts = [openPost(db, { url: server.url }), openPost(second, { url: server.url })];
    for (let n = 0; n < 10; n++) {
      const { id } = await posts[0]!.send();
      await Promise.all(posts.map(({ deliver }) => deliver(id)));
      expect(await row(posts[0]!, id)).toMatchObject({ state: 'sent', attempts: 1 });
    }
    expect(await server.arrivals()).toHaveLength(10);
  });

  it('does not end a mail that another server has taken over meanwhile', async () => {
    const server = await office();
    const post = openPost(db);
    const { id } = await post.send();
    const late = openPost(db, {
      carrier: {
        carry: async (letter, carriage) => {
          // It slept for longer than its claim.
          const other = openPost(db, { url: server.url });
          other.clock.now += 2 * minute;
          await other.deliver(id);
          return createSmtp(parseServer(server.url), mailbox, timeouts).carry(letter, carriage);
        },
      },
    });
    await late.deliver(id);
    expect(await server.arrivals()).toHaveLength(1);
    expect(late.settled).toEqual([]);
    expect(await row(post, id)).toMatchObject({ state: 'sent', attempts: 2, uncertain: false });
  });

  it('goes back to the queue when its server stops, without counting as an attempt', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next('hold before data');
    const { id } = await post.send();
    const working = post.work(1);
    await server.heard('held');
    post.stopping.abort();
    await working;
    expect(await row(post, id)).toMatchObject({ state: 'queued', attempts: 0, reason: '', uncertain: false });
    const next = openPost(db, { url: server.url });
    await next.deliver(id);
    expect(await server.arrivals()).toHaveLength(1);
  });

  it('waits a little for the last answer when its server stops, and says so when none came', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next('hold answer');
    const { id } = await post.send();
    const working = post.work(1);
    await server.heard('held');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    post.stopping.abort();
    vi.advanceTimersByTime(4_999);
    expect(await row(post, id)).toMatchObject({ state: 'handing' });
    vi.advanceTimersByTime(1);
    await working;
    expect(await row(post, id)).toMatchObject({ state: 'queued', attempts: 1, uncertain: true });
  });

  it('gives a mail server ten minutes, however busy it seems', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await server.next('hold before data');
    const { id } = await post.send();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const working = post.work(1);
    await server.heard('held');
    vi.advanceTimersByTime(10 * minute);
    await working;
    expect(await row(post, id)).toMatchObject({ state: 'queued', attempts: 1, uncertain: false });
    expect((await row(post, id)).reason).toBe('The mail server takes too long.');
  });

  it.each<[Treatment, 'sending' | 'handing', boolean]>([
    ['hold before data', 'sending', false],
    ['hold answer', 'handing', true],
  ])('survives the death of its server at "%s"', async (treatment, state, uncertain) => {
    const [db, server] = [await open(tables), await office()];
    await server.next(treatment);
    const post = openPost(db, { url: server.url, now: () => Date.now() });
    const { id } = await post.send();
    const script = fileURLToPath(new URL('sender.ts', import.meta.url));
    const child = fork(script, [db.url, server.url, String(id)], { execArgv: ['--import', 'tsx'] });
    const dead = new Promise((resolve) => child.once('exit', resolve));
    await server.heard('held');
    child.kill('SIGKILL');
    await dead;
    expect(await row(post, id)).toMatchObject({ state, attempts: 1 });
    // Nobody else touches it while the dead one might still live.
    await post.deliver(id);
    expect(await server.connections()).toBe(1);
    const after = openPost(db, { url: server.url });
    after.clock.now = post.due.get(id)!;
    const care = upkeep(
      after.store,
      async (found) => void after.due.set(found, after.clock.now),
      () => after.clock.now + 2 * minute,
    );
    await care.recover();
    await after.work();
    expect(await row(after, id)).toMatchObject({ state: 'sent', attempts: 2, uncertain });
    expect((await server.mailbox()).size).toBe(1);
    expect(await server.arrivals()).toHaveLength(uncertain ? 2 : 1);
  });

  it('does not die with a mail for ever: a server that stops at each attempt has used them up', async () => {
    const post = openPost(db, { carrier: { carry: () => new Promise(() => {}) }, attempts: 2 });
    const { id } = await post.send();
    for (let n = 0; n < 2; n++) {
      const claimed = await post.store.claim(id, post.clock.now);
      expect(claimed).toMatchObject({ attempts: n + 1 });
      post.clock.now += 2 * minute;
    }
    await post.deliver(id);
    expect(await row(post, id)).toMatchObject({ state: 'failed' });
  });

  it('notes mails where no mail server is configured, and can send them later', async () => {
    const post = openPost(db);
    const { id } = await post.send();
    await post.work();
    expect(post.outbox.delivers).toBe(false);
    expect(await post.outbox.state(id)).toBe('logged');
    expect(JSON.stringify(post.logged)).not.toContain('tea');
    expect((await row(post, id)).body).toContain('you asked for tea');
  });

  it('forgets what was sent after a month and what failed after three', async () => {
    const own = await open(tables);
    const post = openPost(own, { carrier: { carry: async () => ({ kind: 'sent' }) } });
    const failing = openPost(own, {
      carrier: { carry: async () => ({ kind: 'refused', cause: 'other', reason: 'no' }) },
    });
    const [sent, failed] = [(await post.send()).id, (await failing.send()).id];
    await post.work();
    await failing.work();
    const day = 24 * 60 * minute;
    const tidyAfter = (days: number) =>
      upkeep(
        post.store,
        async () => {},
        () => post.clock.now + days * day,
      ).tidy();
    await tidyAfter(29);
    expect(await post.store.byId(sent)).toBeDefined();
    await tidyAfter(31);
    expect(await post.store.byId(sent)).toBeUndefined();
    expect(await post.store.byId(failed)).toBeDefined();
    await tidyAfter(91);
    expect(await post.store.byId(failed)).toBeUndefined();
  });

  it('takes nothing that is no mail', async () => {
    const post = openPost(db);
    await expect(post.send({ to: 'ann@example.com\r\nBcc: all@example.com' })).rejects.toMatchObject({
      code: 'ADDRESS_INVALID',
    });
    await expect(post.send({ replyTo: 'Ann <ann@example.com>' })).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
    await expect(post.send({ template: 'order2' })).rejects.toMatchObject({ code: 'TEMPLATE_UNKNOWN' });
    await expect(post.send({ values: { what: 'x'.repeat(1_000_001) } })).rejects.toMatchObject({
      code: 'MAIL_TOO_LARGE',
    });
    await expect(post.send({ key: '' })).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect(post.due.size).toBe(0);
  });

  it('lets nothing that a visitor writes become a header, or a placeholder', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    await post.send({ values: { name: 'Ann {1}\r\nBcc: all@example.com\r\n\r\nHa', what: '.\r\n.\r\nQUIT {0}' } });
    await post.work();
    const { text } = (await server.arrivals())[0]!;
    const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n'))];
    expect(head).toMatch(/^Subject: Order of Ann \{1\} Bcc: all@example\.com Ha\r?$/m);
    expect(head).not.toMatch(/^Bcc:/m);
    expect(body).toContain('you asked for .\r\n.\r\nQUIT {0}.');
    expect(await server.arrivals()).toHaveLength(1);
  });

  it('keeps whatever ends a line out of the subject, and other controls out of the text', async () => {
    const server = await office();
    const post = openPost(db, { url: server.url });
    const what = 'green\ttea\u0007\0\u001b[31m\rhot';
    const ends = ['\n', '\r', '\v', '\f', '\0', '\u0085', '\u2028', '\u2029'];
    for (const end of ends) await post.send({ values: { name: `Ann${end}Bcc: all@example.com`, what } });
    await post.work();
    const arrivals = await server.arrivals();
    expect(arrivals).toHaveLength(ends.length);
    for (const { text } of arrivals) {
      const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n'))];
      expect(head).toMatch(/^Subject: Order of Ann Bcc: all@example\.com\r$/m);
      expect(head).not.toMatch(/^Bcc:/m);
      expect(body.replaceAll('=\r\n', '')).toContain('you asked for green\ttea[31m\r\nhot.');
    }
  });
});

describe('encryption', () => {
  const carriage = () => ({ signal: new AbortController().signal, handOver: async () => true });
  const letter = {
    to: 'ann@example.com',
    replyTo: null,
    subject: 's',
    body: 'b',
    messageId: '<a@b.example>',
    createdAt: 0,
  };
  const servers: Office[] = [];
  afterAll(async () => {
    for (const server of servers) await server.close();
  });
  const carry = async (
    options: Readonly<Record<string, unknown>>,
    address: (port: number) => string,
    encryption?: 'none' | 'ssl' | 'tls',
  ) => {
    const server = await openOffice(options);
    servers.push(server);
    const outcome = await createSmtp(parseServer(address(server.port), encryption), mailbox, timeouts).carry(
      letter,
      carriage(),
    );
    return { outcome, arrived: (await server.arrivals()).length };
  };

  const untrusted: unknown = expect.stringMatching(/certificate/i);
  it('does not talk to a mail server whose certificate nobody vouches for', async () => {
    const secure = await carry({ secure: true }, (port) => `smtps://127.0.0.1:${port}`);
    expect(secure).toMatchObject({ outcome: { kind: 'later', reason: untrusted }, arrived: 0 });
    const upgraded = await carry({ disabledCommands: [] }, (port) => `smtp://127.0.0.1:${port}`, 'tls');
    expect(upgraded).toMatchObject({ outcome: { kind: 'later', reason: untrusted }, arrived: 0 });
  });

  it('sends nothing in the clear where encryption is wanted and the mail server offers none', async () => {
    const plain = await carry({}, (port) => `smtp://127.0.0.1:${port}`, 'tls');
    expect(plain).toMatchObject({
      outcome: { kind: 'later', reason: expect.stringMatching(/STARTTLS/) as unknown },
      arrived: 0,
    });
  });
});
