import { afterEach, describe, expect, it, vi } from 'vitest';
import { messageKind } from '../../chat/api.ts';
import { missingDialect } from '../../database/testing.ts';
import { captcha } from '../../captcha/api.ts';
import { payloadOf, solve } from '../../captcha/client/solver.ts';
import { transcriptErrors as codes } from '../api.ts';
import { settings } from '../../settings/api.ts';
import { createWorld, type Guest } from './world.ts';

afterEach(() => vi.restoreAllMocks());

const ref = ({ thread }: Guest) => ({ threadId: thread.id, token: thread.token });
const field = (html: string, name: string) => new RegExp(`name="${name}"[^>]*? value="([^"]*)"`).exec(html)?.[1] ?? '';
/** The text of a mail, without the soft ends of its lines. */
const mailed = (text: string) => text.slice(text.indexOf('\r\n\r\n')).replaceAll('=\r\n', '');

for (const dialect of ['sqlite', 'mysql'] as const)
  describe.skipIf(missingDialect(dialect))(`a conversation by mail on ${dialect}`, () => {
    it('goes to the address that the visitor gives, in the words of its template, without what is for operators', async () => {
      await using world = await createWorld({ dialect });
      const guest = await world.arrive();
      await world.say(guest.thread, 'Is the <tea> still hot?\nAnd sweet?');
      await world.note(guest.thread, 'secret of the house');
      const args = { ...ref(guest), user: true, email: 'tess@example.org', timeZone: 'UTC' };
      expect(await world.call(guest.browser, 'mailTranscript', args)).toMatchObject({ errorCode: 0 });
      const { to, text } = await world.office.heard('arrived');
      expect(to).toEqual(['tess@example.org']);
      expect(text).toMatch(/^Subject: Your conversation with Tea & Co\r$/m);
      expect(mailed(text)).toContain('Hello Tess,');
      expect(mailed(text)).toMatch(/\d\d:\d\d:\d\d Tess: Is the <tea> still hot\?\r\nAnd sweet\?/);
      expect(mailed(text)).toContain('https://tea.example');
      expect(mailed(text)).not.toContain('secret of the house');
    });

    it('is sent once per key', async () => {
      await using world = await createWorld({ dialect });
      const guest = await world.arrive();
      const args = { ...ref(guest), user: true, email: 'tess@example.org', key: 'one' };
      for (let n = 0; n < 8; n++)
        expect(await world.call(guest.browser, 'mailTranscript', args)).toMatchObject({ errorCode: 0 });
      await world.office.heard('arrived');
      expect(await world.office.arrivals()).toHaveLength(1);
    });

    it('is refused under a key that was used for another address or clock', async () => {
      await using world = await createWorld({ dialect });
      const guest = await world.arrive();
      const ask = (who: Guest, more: object = {}) =>
        world.call(who.browser, 'mailTranscript', {
          ...ref(who),
          user: true,
          email: 'tess@example.org',
          key: 'k',
          ...more,
        });
      expect(await ask(guest)).toMatchObject({ errorCode: 0 });
      for (const other of [{ email: 'mel@example.org' }, { timeZone: 'Asia/Tokyo' }, { email: 'mel' }])
        expect(await ask(guest, other)).toMatchObject({
          errorCode: codes.keyReused,
          errorMessage: expect.stringContaining('Send it again') as unknown,
        });
      expect(await ask(guest, { email: ' tess@example.org ' })).toMatchObject({ errorCode: 0 });
      // Keys are chosen for a conversation.
      expect(await ask(await world.arrive('Mel'), { email: 'mel@example.org' })).toMatchObject({ errorCode: 0 });
      for (let n = 0; n < 2; n++) await world.office.heard('arrived');
      const to = (await world.office.arrivals()).flatMap((mail) => mail.to);
      expect(to.toSorted()).toEqual(['mel@example.org', 'tess@example.org']);
    });

    it('is sent to one address when two are given under one key at the same moment', async () => {
      await using world = await createWorld({ dialect });
      const guest = await world.arrive();
      const answers = await Promise.all(
        ['tess@example.org', 'mel@example.org', 'tess@example.org'].map((email) =>
          world.call(guest.browser, 'mailTranscript', { ...ref(guest), user: true, email, key: 'k' }),
        ),
      );
      const { to } = await world.office.heard('arrived');
      const [tess, mel] = to[0] === 'tess@example.org' ? [0, codes.keyReused] : [codes.keyReused, 0];
      expect(answers.map(({ errorCode }) => errorCode)).toEqual([tess, mel, tess]);
      expect(await world.office.arrivals()).toHaveLength(1);
    });
  });

describe('a conversation by mail', () => {
  it('is refused where the address is none, where it is switched off, and to everybody else', async () => {
    await using world = await createWorld();
    const [guest, other] = [await world.arrive(), await world.arrive('Mel')];
    const ask = (who: Guest, more: object = {}) =>
      world.call(who.browser, 'mailTranscript', { ...ref(guest), user: true, email: 'tess@example.org', ...more });
    expect(await ask(guest, { email: 'tess@example.org\r\nBcc: all@example.org' })).toMatchObject({
      errorCode: codes.wrongEmail,
    });
    expect(await ask(guest, { email: 'tess' })).toMatchObject({ errorCode: codes.wrongEmail });
    expect(await ask(guest, { token: guest.thread.token + 1 })).toMatchObject({ errorCode: 4 });
    expect(await ask(guest, { threadId: null, token: null })).toMatchObject({ errorCode: 4 });
    expect(await ask(guest, { user: false })).toMatchObject({ errorCode: 3 });
    expect(await ask(other)).toEqual({ refused: 403 });
    expect(await ask(other, { threadId: 4711 })).toEqual({ refused: 403 });
    const { operator, browser } = await world.person('ann', ['admin', 'viewthreads']);
    await world.threads.take(guest.thread.id, operator);
    expect(await world.call(browser, 'mailTranscript', { ...ref(guest), user: true, email: 'a@example.org' })).toEqual({
      refused: 403,
    });
    expect(await world.office.arrivals()).toEqual([]);
  });

  it('is not to be had too often', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    const ask = (key: string) =>
      world.call(guest.browser, 'mailTranscript', { ...ref(guest), user: true, email: 'tess@example.org', key });
    for (const key of ['1', '2', '3', '4']) expect(await ask(key)).toMatchObject({ errorCode: 0 });
    expect(await ask('5')).toMatchObject({
      errorCode: codes.tooMany,
      errorMessage: expect.stringContaining('a minute') as unknown,
    });
  });

  it('is answered as before when it is asked for once more, however often one may ask, and with a proof that was used', async () => {
    await using world = await createWorld({ plugins: ['captcha'] });
    const guest = await world.arrive();
    const ask = (more: object) =>
      world.call(guest.browser, 'mailTranscript', { ...ref(guest), user: true, email: 'tess@example.org', ...more });
    for (const key of ['1', '2', '3', '4']) expect(await ask({ key })).toMatchObject({ errorCode: 0 });
    expect(await ask({ key: '4' })).toMatchObject({ errorCode: 0 });
    expect(await ask({ key: '5' })).toMatchObject({ errorCode: codes.tooMany });

    await world.kernel.service(settings).change({ enableemailcaptcha: true }, 'test');
    const other = await world.arrive('Mel');
    const challenge = (await world.kernel.service(captcha).challenge('transcript', '127.0.0.1'))!;
    const proof = payloadOf(challenge, (await solve(challenge))!);
    const args = { ...ref(other), user: true, email: 'mel@example.org', key: '6', captcha: proof };
    for (let n = 0; n < 2; n++)
      expect(await world.call(other.browser, 'mailTranscript', args)).toMatchObject({ errorCode: 0 });
    for (let n = 0; n < 5; n++) await world.office.heard('arrived');
    expect(await world.office.arrivals()).toHaveLength(5);
  });

  it.each(['none', 'off'] as const)('is not offered where no mail would arrive (mail: %s)', async (mail) => {
    await using world = await createWorld({ mail });
    const guest = await world.arrive();
    const { options } = await world.call(guest.browser, 'options', { ...ref(guest), user: true }, ['options']);
    expect(options).toMatchObject({
      user: { canSendEmail: false },
      links: { mail: '' },
      transcript: { mail: false, download: true },
    });
    const args = { ...ref(guest), user: true, email: 'tess@example.org' };
    expect(await world.call(guest.browser, 'mailTranscript', args)).toMatchObject({ errorCode: codes.off });
    expect((await guest.browser.get(`${guest.path}/mail`)).status).toBe(403);
    expect(await (await guest.browser.get(guest.path)).text()).not.toContain(`${guest.path}/mail`);
  });

  it('is offered in the options of the chat, and below the conversation where there are no scripts', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    const { options } = await world.call(guest.browser, 'options', { ...ref(guest), user: true }, ['options']);
    expect(options).toMatchObject({
      user: { canSendEmail: true, name: 'Tess' },
      links: { mail: `${guest.path}/mail`, chat: guest.path },
      transcript: { mail: true, download: true },
    });
    const html = await (await guest.browser.get(guest.path)).text();
    for (const href of [`${guest.path}/mail`, `${guest.path}/transcript`]) expect(html).toContain(`href="${href}"`);
  });

  it('needs a proof of work if that is wanted', async () => {
    await using world = await createWorld({ plugins: ['captcha'], values: { enableemailcaptcha: true } });
    const guest = await world.arrive();
    const ask = (more: object) =>
      world.call(guest.browser, 'mailTranscript', { ...ref(guest), user: true, email: 'tess@example.org', ...more });
    expect(await ask({})).toMatchObject({ errorCode: codes.wrongCaptcha });
    const proof = async (purpose: string) => {
      const challenge = (await world.kernel.service(captcha).challenge(purpose, '127.0.0.1'))!;
      return payloadOf(challenge, (await solve(challenge))!);
    };
    expect(await ask({ captcha: await proof('leave-message') })).toMatchObject({ errorCode: codes.wrongCaptcha });
    const captchaProof = await proof('transcript');
    expect(await ask({ captcha: captchaProof })).toMatchObject({ errorCode: 0 });
    expect(await ask({ captcha: captchaProof })).toMatchObject({ errorCode: codes.wrongCaptcha });
    const { options } = await world.call(guest.browser, 'options', { ...ref(guest), user: true }, ['options']);
    expect((options as { transcript: object }).transcript).toHaveProperty('captchaUrl');
    // A browser that can calculate nothing gets fewer mails instead.
    const post = () => guest.browser.post(`${guest.path}/mail`, { email: 'tess@example.org' });
    const statuses = [(await post()).status, (await post()).status, (await post()).status, (await post()).status];
    expect(statuses.at(0)).toBe(303);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('the page for a mail', () => {
  it('works without scripts: sends once, says what is wrong, keeps what was typed', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    const address = `${guest.path}/mail`;
    const form = await (await guest.browser.get(address)).text();
    expect(form).toContain(`action="${address}"`);
    const refused = await guest.browser.post(address, { email: 'tess<', key: field(form, 'key') });
    expect(refused.status).toBe(400);
    const html = await refused.text();
    expect(html).toContain('This does not look like an e-mail address.');
    expect(field(html, 'email')).toBe('tess&lt;');
    expect(field(html, 'key')).toBe(field(form, 'key'));
    const fields = { email: 'tess@bücher.example', key: field(html, 'key') };
    for (let n = 0; n < 2; n++) {
      const sent = await guest.browser.post(address, fields);
      expect([sent.status, sent.headers.get('location')]).toEqual([303, `${address}?sent=1`]);
    }
    expect(await (await guest.browser.get(`${address}?sent=1`)).text()).toContain('on its way to you');
    await world.office.heard('arrived');
    expect((await world.office.arrivals()).map(({ to }) => to)).toEqual([['tess@xn--bcher-kva.example']]);
  });

  it('asks to send it again where the form was used for another address', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    const address = `${guest.path}/mail`;
    const key = field(await (await guest.browser.get(address)).text(), 'key');
    expect((await guest.browser.post(address, { email: 'tess@example.org', key })).status).toBe(303);
    const refused = await guest.browser.post(address, { email: 'mel@example.org', key });
    expect(refused.status).toBe(400);
    const html = await refused.text();
    expect(html).toContain('Send it again');
    expect(field(html, 'email')).toBe('mel@example.org');
    expect(field(html, 'key')).toMatch(/^[\w-]{32}$/);
    expect(field(html, 'key')).not.toBe(key);
    const again = { email: 'mel@example.org', key: field(html, 'key') };
    expect((await guest.browser.post(address, again)).status).toBe(303);
    for (let n = 0; n < 2; n++) await world.office.heard('arrived');
    expect((await world.office.arrivals()).map(({ to }) => to)).toEqual([['tess@example.org'], ['mel@example.org']]);
  });

  it('is there for its own visitor alone, and takes no form from elsewhere', async () => {
    await using world = await createWorld();
    const [guest, other] = [await world.arrive(), await world.arrive('Mel')];
    for (const path of [`${guest.path}/mail`, `${guest.path}/transcript`]) {
      expect((await other.browser.get(path)).status).toBe(404);
      expect((await other.browser.get(`/chat/4711/1${path.slice(path.lastIndexOf('/'))}`)).status).toBe(404);
    }
    expect((await other.browser.post(`${guest.path}/mail`, { email: 'mel@example.org' })).status).toBe(404);
    const foreign = { origin: 'https://evil.example' };
    expect((await guest.browser.post(`${guest.path}/mail`, { email: 'mel@example.org' }, foreign)).status).toBe(403);
    expect(await world.office.arrivals()).toEqual([]);
  });
});

describe('a conversation as a file', () => {
  it('is text or a page, saved and not opened, in which nothing runs', async () => {
    await using world = await createWorld();
    const guest = await world.arrive('<b>Tess</b>');
    await world.say(guest.thread, '<script>alert(1)</script> & tea');
    await world.note(guest.thread, 'secret of the house');
    const text = await guest.browser.get(`${guest.path}/transcript`);
    expect(text.headers.get('content-disposition')).toBe(`attachment; filename="conversation-${guest.thread.id}.txt"`);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.headers.get('x-content-type-options')).toBe('nosniff');
    const plain = await text.text();
    expect(plain).toMatch(/^Tea & Co: conversation with <b>Tess<\/b>\n\n— .*\d{4}.* —\n\n\d\d:\d\d:\d\d /);
    expect(plain).toContain('<b>Tess</b>: <script>alert(1)</script> & tea\n');
    const page = await guest.browser.get(`${guest.path}/transcript?format=html`);
    expect(page.headers.get('content-security-policy')).toContain('sandbox');
    const html = await page.text();
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; tea');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<b>Tess');
    for (const file of [plain, html]) expect(file).not.toContain('secret of the house');
    const saved = await world.call(
      guest.browser,
      'transcript',
      { ...ref(guest), user: true, format: 'txt', timeZone: 'UTC' },
      ['name', 'type', 'content'],
    );
    expect(saved).toMatchObject({ errorCode: 0, name: `conversation-${guest.thread.id}.txt`, type: 'text/plain' });
    expect(saved['content']).toContain('& tea');
  });

  it('is had a few times at once, then ever more slowly, by each visitor and from one address', async () => {
    const clock = vi.spyOn(Date, 'now');
    await using world = await createWorld();
    const guests: Guest[] = [];
    for (let n = 0; n < 7; n++) guests.push(await world.arrive());
    const now = Date.now();
    clock.mockReturnValue(now);
    const ask = ({ browser, path }: Guest) => browser.get(`${path}/transcript`);
    const [first, ...others] = guests as [Guest, ...Guest[]];
    for (let n = 0; n < 11; n++) expect((await ask(first)).status).toBe(200);
    const refused = await ask(first);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    const html = await refused.text();
    expect(html).toContain('Please try again in a second.');
    expect(html).toContain('TOO_MANY_TRANSCRIPTS');
    clock.mockReturnValue(now + 1_000);
    expect((await ask(first)).status).toBe(200);
    expect((await ask(first)).headers.get('retry-after')).toBe('2');
    // Others at the same address have their own, up to what one address has.
    const statuses: number[] = [];
    for (const guest of others) for (let n = 0; n < 9; n++) statuses.push((await ask(guest)).status);
    expect(statuses).toEqual([...Array<number>(49).fill(200), ...Array<number>(5).fill(429)]);
  });

  it('is had by operators a few times at once as well', async () => {
    const clock = vi.spyOn(Date, 'now');
    await using world = await createWorld();
    const guest = await world.arrive();
    const { browser } = await world.person('ann', ['viewthreads']);
    clock.mockReturnValue(Date.now());
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await browser.get(`/operator${guest.path}/transcript`)).status);
    expect(statuses).toEqual([...Array<number>(11).fill(200), 429]);
    const refused = await browser.get(`/operator${guest.path}/transcript`);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await guest.browser.get(`${guest.path}/transcript`)).status).toBe(200);
  });

  it('is whole, however long the conversation is', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    for (let n = 0; n < 450; n++)
      await world.threads.postSystem(guest.thread.id, {
        kind: messageKind.info,
        body: `line ${n}.`,
        name: null,
        agentId: 0,
        plugin: '',
        data: [],
      });
    const text = await (await guest.browser.get(`${guest.path}/transcript`)).text();
    expect(text.match(/line \d+\./g)).toEqual(Array.from({ length: 450 }, (_, n) => `line ${n}.`));
  });

  it('is refused to visitors where it is switched off, and stays for operators', async () => {
    await using world = await createWorld({ values: { usercandownload: false } });
    const guest = await world.arrive();
    expect((await guest.browser.get(`${guest.path}/transcript`)).status).toBe(403);
    const args = { ...ref(guest), user: true, format: 'txt' };
    expect(await world.call(guest.browser, 'transcript', args)).toMatchObject({ errorCode: codes.off });
    const { browser } = await world.person('ann', ['viewthreads']);
    expect((await browser.get(`/operator${guest.path}/transcript`)).status).toBe(200);
  });

  it('is for the operator who has it, with the notes, and for those who may watch; to others it is not there', async () => {
    await using world = await createWorld();
    const guest = await world.arrive();
    await world.note(guest.thread, 'secret of the house');
    const [ann, bob, eve] = [
      await world.person('ann'),
      await world.person('bob'),
      await world.person('eve', ['viewthreads']),
    ];
    await world.threads.take(guest.thread.id, ann.operator);
    const path = `/operator${guest.path}/transcript`;
    for (const { browser } of [ann, eve]) {
      const answer = await browser.get(path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('secret of the house');
    }
    expect((await bob.browser.get(path)).status).toBe(404);
    expect((await ann.browser.get(`/operator/chat/${guest.thread.id}/1/transcript`)).status).toBe(404);
    expect((await ann.browser.get('/operator/chat/4711/1/transcript')).status).toBe(404);
    expect((await guest.browser.get(path)).status).toBe(302);
    const { options } = await world.call(ann.browser, 'options', { ...ref(guest), user: false }, ['options']);
    expect(options).toMatchObject({ links: { transcript: path } });
  });
});
