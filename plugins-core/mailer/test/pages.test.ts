import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
import { mailer, mailFailed, mailSent } from '../api.ts';
import { openOffice } from './office.ts';

const ann = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
const bob = { login: 'bob', name: 'Bob', email: 'bob@example.com', password: 'battery staple' };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}) {
  const kernel = await createTestKernel({ plugins: ['mailer'], env });
  ends.push(() => kernel.dispose());
  const logIn = async (who: typeof ann, permissions: readonly string[]) => {
    await kernel.service(operators).create({ ...who, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login: who.login, password: who.password });
    return browser;
  };
  const send = (more: object = {}) =>
    kernel
      .service(mailer)
      .send({ template: 'test_mail', locale: 'en', to: 'eve@example.com', values: { name: 'Eve' }, ...more });
  /** Until the jobs have done what the mail waited for, and said so. */
  const until = async (id: number, state: string) => {
    const told = { sent: mailSent, failed: mailFailed }[state];
    const done = async () =>
      (await kernel.service(mailer).state(id)) === state &&
      (!told || kernel.calls<typeof mailSent>(told).some(([mail]) => mail.id === id));
    while (!(await done())) await new Promise((resolve) => setImmediate(resolve));
  };
  return { kernel, logIn, send, until, stranger: createBrowser(kernel) };
}
const office = async () => {
  const opened = await openOffice();
  ends.push(() => opened.close());
  return opened;
};

const suite = (env: () => Promise<Record<string, string>>) => {
  it('shows what failed with the reason, sends it by hand, and tells the dashboard and other plugins', async () => {
    const server = await office();
    const { kernel, logIn, send, until } = await begin({ ...(await env()), MIBEW_SMTP: server.url });
    const browser = await logIn(ann, ['admin']);
    expect(await (await browser.get('/operator')).text()).not.toContain('Mails could not be delivered');
    await server.next('refuse recipient');
    const { id } = await send({ replyTo: 'bob@example.com', by: 'tea', key: 'k' });
    await until(id, 'failed');
    expect(kernel.calls(mailFailed)).toMatchObject([[{ id, template: 'test_mail', by: 'tea', key: 'k' }]]);
    expect(await (await browser.get('/operator')).text()).toContain('Mails could not be delivered');
    const page = await (await browser.get('/operator/mail')).text();
    expect(page).toContain('eve@example.com');
    expect(page).toContain('answers go to bob@example.com');
    expect(page).toContain('no such mailbox');
    expect(page).toContain('tried once');
    const answer = await browser.submit('/operator/mail', {}, `/operator/mail/${id}/retry`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/operator/mail?done=retried']);
    await until(id, 'sent');
    expect(await server.arrivals()).toHaveLength(1);
    expect(kernel.calls(mailSent)).toEqual([[{ id, template: 'test_mail', by: 'tea', key: 'k' }]]);
    expect(await (await browser.get('/operator/mail')).text()).toContain('No mail failed');
    expect(await (await browser.get('/operator/mail/sent')).text()).toContain('eve@example.com');
    const late = await browser.submit('/operator/mail', {}, `/operator/mail/${id}/discard`);
    expect(late.headers.get('location')).toBe('/operator/mail/sent?done=late');
    expect(await (await browser.get('/operator/mail/sent?done=late')).text()).toContain('nothing was done');
  });

  it('says in a sentence why a mail waits or failed, with the words of system or mail server beside it', async () => {
    const gone = await openOffice();
    await gone.close();
    const unreachable = await begin({ ...(await env()), MIBEW_SMTP: gone.url });
    const waiting = await unreachable.send();
    const admin = await unreachable.logIn(ann, ['admin']);
    const page = async () => (await admin.get('/operator/mail/waiting')).text();
    while (!(await page()).includes('tried once')) await new Promise((resolve) => setImmediate(resolve));
    const shown = await page();
    expect(shown).toContain('>Nothing listens at the address of the mail server: is the port right, and does the');
    expect(shown).toContain(`<bdi>connect ECONNREFUSED 127.0.0.1:${gone.port}</bdi>`);
    expect(await unreachable.kernel.service(mailer).state(waiting.id)).toBe('waiting');

    const server = await office();
    const { logIn, send, until } = await begin({ ...(await env()), MIBEW_SMTP: server.url });
    await server.next('refuse recipient');
    await until((await send()).id, 'failed');
    const failed = await (await (await logIn(ann, ['admin'])).get('/operator/mail')).text();
    expect(failed).toContain(
      '>The mail server takes no mail for this address. It said: 550 5.1.1 no such mailbox</div>',
    );
    expect(failed.match(/no such mailbox/g)).toHaveLength(1);
  });

  it('loses nobody’s words when two change the same mail at once', async () => {
    const { logIn } = await begin(await env());
    const [hers, his] = [await logIn(ann, ['admin']), await logIn(bob, ['admin'])];
    const edit = '/operator/mail-template/test_mail/edit?lang=en';
    const form = fieldsIn(await (await hers.get(edit)).text());
    const shown = async () => fieldsIn(await (await hers.get(edit)).text());
    const post = async (who: typeof hers, fields: Record<string, string>) => {
      const { csrf_token = '' } = fieldsIn(await (await who.get(edit)).text());
      return who.post(edit, { ...form, action: 'save', ...fields, csrf_token });
    };
    expect((await post(hers, { subject: 'Her subject' })).status).toBe(302);
    // A preview is no new look at what is stored.
    const preview = fieldsIn(await (await post(his, { action: 'preview', body: 'His text' })).text());
    expect((await post(his, { ...preview, action: 'save' })).status).toBe(302);
    expect(await shown()).toMatchObject({ subject: 'Her subject', body: 'His text' });

    const late = await post(hers, { subject: 'Another', body: 'Her text' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toMatch(/id="mb-body-error">[^]{0,400}?Changed meanwhile to “His text”/);
    expect(fieldsIn(html)).toMatchObject({ subject: 'Another', body: 'Her text' });
    expect(await shown()).toMatchObject({ subject: 'Her subject', body: 'His text' });
    expect((await post(his, { action: 'reset' })).status).toBe(409);
    expect(await shown()).toMatchObject({ subject: 'Her subject', body: 'His text' });
    expect((await post(hers, { ...fieldsIn(html), action: 'save' })).status).toBe(302);
    expect(await shown()).toMatchObject({ subject: 'Another', body: 'Her text' });
  });

  it('keeps words as long as they may be, in any script, beside what the form showed', async () => {
    const { logIn } = await begin(await env());
    const browser = await logIn(ann, ['admin']);
    const edit = '/operator/mail-template/test_mail/edit?lang=en';
    for (const body of ['語'.repeat(20_000), '字'.repeat(20_000)]) {
      const form = fieldsIn(await (await browser.get(edit)).text());
      expect((await browser.post(edit, { ...form, action: 'save', body })).status).toBe(302);
      expect(fieldsIn(await (await browser.get(edit)).text())['body']).toBe(body);
    }
  });

  it('discards what nobody needs any more', async () => {
    const server = await office();
    const { logIn, send, until, kernel } = await begin({ ...(await env()), MIBEW_SMTP: server.url });
    const browser = await logIn(ann, ['admin']);
    await server.next('refuse mail');
    const { id } = await send();
    await until(id, 'failed');
    await browser.submit('/operator/mail', {}, `/operator/mail/${id}/discard`);
    expect(await kernel.service(mailer).state(id)).toBe('discarded');
    const retried = await browser.submit('/operator/mail', {}, `/operator/mail/${id}/retry`);
    expect(retried.headers.get('location')).toContain('done=late');
    expect(await server.arrivals()).toEqual([]);
  });

  it('keeps the words of administrators per language, falls back to English, and forgets them on request', async () => {
    const { kernel, logIn, send, until } = await begin({ ...(await env()), MIBEW_SMTP: (await office()).url });
    const browser = await logIn(ann, ['admin']);
    const edit = '/operator/mail-template/test_mail/edit?lang=en';
    const saved = await browser.submit(edit, {
      action: 'save',
      subject: 'Tea for {0}',
      body: 'Dear {0},\r\nit is served.',
    });
    expect([saved.status, saved.headers.get('location')]).toEqual([
      302,
      '/operator/mail-template/test_mail/edit?lang=en&saved=1',
    ]);
    const words = await (await browser.get(saved.headers.get('location')!)).text();
    expect(words).toContain('value="Tea for {0}"');
    expect(words).toContain('Dear [name of the operator],');
    expect(await (await browser.get('/operator/mail-template')).text()).toContain('English');
    // No words in Portuguese: English ones, those of the administrator.
    const { id } = await send({ locale: 'pt-br' });
    await until(id, 'sent');
    expect(await (await browser.get('/operator/mail/sent')).text()).toContain('Tea for Eve');
    const reset = await browser.submit(edit, { action: 'reset' });
    expect(await (await browser.get(edit)).text()).toContain('Mail from your chat works');
    expect(kernel.calls(mailSent)).toHaveLength(1);

    const notice = await (await browser.get(reset.headers.get('location')!)).text();
    expect(notice).toContain('The original words are back.');
    const action = /action="(\/operator\/undo\/\d+)"/.exec(notice)![1]!;
    const restored = await browser.submit(edit, {}, action);
    expect(restored.headers.get('location')).toBe('/operator/mail-template/test_mail/edit?lang=en&restored=1');
    expect(await (await browser.get(edit)).text()).toContain('value="Tea for {0}"');
  });
};

describe('the outbox and the words on SQLite', () => suite(async () => ({})));
describe.skipIf(missingDialect('mysql'))('the outbox and the words on MariaDB', () =>
  suite(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  }),
);

describe('the plugin', () => {
  it('is switched off while a mail is on its way, and brings it when it is switched on again', async () => {
    const server = await office();
    const { kernel, send } = await begin({ MIBEW_SMTP: server.url });
    await server.next('hold before data');
    await send();
    await server.heard('held');
    await kernel.disable('mailer');
    expect(kernel.problems('mailer')).toEqual([]);
    await kernel.enable('mailer');
    await server.heard('arrived');
    expect(await server.arrivals()).toHaveLength(1);
  });
});

describe('the pages of mail', () => {
  it('say that no mail server is configured, and send what was noted once somebody asks', async () => {
    const { logIn, send, until, kernel } = await begin();
    const browser = await logIn(ann, ['admin']);
    expect(await (await browser.get('/operator')).text()).toContain('No mail server is configured');
    expect(kernel.service(mailer).delivers).toBe(false);
    const { id } = await send();
    await until(id, 'logged');
    const page = await (await browser.get('/operator/mail/logged')).text();
    expect(page).toContain('Noted only');
    expect(page).toContain(`/operator/mail/${id}/retry`);
  });

  it('open on the first state that any mail is in, and on failures when somebody asks for them', async () => {
    const { logIn, send, until } = await begin();
    const browser = await logIn(ann, ['admin']);
    const current = async (path: string) =>
      /aria-current="page">(.*?) <span/.exec((await (await browser.get(path)).text()).split('mb-tabs')[1]!)?.[1];
    expect(await current('/operator/mail')).toBe('Failed');
    const { id } = await send();
    await until(id, 'logged');
    expect(await current('/operator/mail')).toBe('Not sent');
    expect(await current('/operator/mail?tab=failed')).toBe('Failed');
  });

  it('send a test mail to whoever asks', async () => {
    const server = await office();
    const { logIn } = await begin({ MIBEW_SMTP: server.url, MIBEW_MAILBOX: 'Tea House <tea@bücher.example>' });
    const browser = await logIn(ann, ['admin']);
    await browser.submit('/operator/mail', {}, '/operator/mail/test');
    const { to, text } = await server.heard('arrived');
    expect(to).toEqual(['ann@example.com']);
    expect(text).toMatch(/^From: Tea House <tea@xn--bcher-kva.example>\r$/m);
    expect(text).toMatch(/^Message-ID: <[\da-f]+@xn--bcher-kva\.example>\r$/m);
    expect(text).toContain('Hello Ann,');
  });

  it('say that mails have no proper sender, unless there is one', async () => {
    const notice = 'set MIBEW_MAILBOX';
    const dashboard = async (env: Record<string, string>) => {
      const { logIn } = await begin(env);
      return (await (await logIn(ann, ['admin'])).get('/operator')).text();
    };
    const MIBEW_SMTP = 'smtp://127.0.0.1:9';
    expect(await dashboard({ MIBEW_SMTP })).toContain(notice);
    expect(await dashboard({ MIBEW_SMTP, MIBEW_MAILBOX: 'help@shop.example' })).not.toContain(notice);
    expect(await dashboard({ MIBEW_SMTP: 'smtp://help%40shop.example:x@127.0.0.1:9' })).not.toContain(notice);
    expect(await dashboard({})).not.toContain(notice);
  });

  it('keep what was typed, and say beside each field what is wrong with it', async () => {
    const { logIn } = await begin();
    const browser = await logIn(ann, ['admin']);
    const edit = '/operator/mail-template/test_mail/edit';
    const refused = await browser.submit(edit, { action: 'save', subject: ' ', body: 'My <b>words</b>' });
    expect(refused.status).toBe(422);
    const html = await refused.text();
    expect(html).toContain('A mail needs a subject.');
    expect(html).toContain('My &lt;b&gt;words&lt;/b&gt;');
    const long = await (await browser.submit(edit, { action: 'save', subject: 'x'.repeat(1025), body: 'b' })).text();
    expect(long).toContain('At most 1,024 characters.');
    const lines = await (await browser.submit(edit, { action: 'save', subject: 'a\r\nBcc: x', body: 'b' })).text();
    expect(lines).toContain('A subject is one line.');
    expect(await (await browser.get(edit)).text()).toContain('Mail from your chat works');
    const preview = await (
      await browser.submit(edit, { action: 'preview', subject: 'Hi {0}', body: 'b {0} {7}' })
    ).text();
    expect(preview).toContain('Hi [name of the operator]');
    expect(preview).toContain('b [name of the operator] <');
    expect(await (await browser.get(edit)).text()).toContain('Mail from your chat works');
  });

  it('are closed to operators who do not administer, to strangers, and to forms from elsewhere', async () => {
    const { logIn, send, until, stranger, kernel } = await begin();
    const { id } = await send();
    await until(id, 'logged');
    const operator = await logIn(bob, ['takeover', 'viewthreads']);
    const admin = await logIn(ann, ['admin']);
    const pages = ['', '/waiting', '/logged', '/sent'].map((path) => `/operator/mail${path}`);
    for (const path of [...pages, '/operator/mail-template', '/operator/mail-template/test_mail/edit']) {
      expect((await admin.get(path)).status, path).toBe(200);
      expect((await operator.get(path)).status, path).toBe(403);
      expect((await stranger.get(path)).status, path).toBe(302);
    }
    const actions = ['/operator/mail/test', `/operator/mail/${id}/retry`, `/operator/mail/${id}/discard`];
    for (const path of [...actions, '/operator/mail-template/test_mail/edit']) {
      for (const who of [operator, stranger]) expect((await who.post(path, {})).status, path).toBe(403);
      expect((await admin.post(path, {})).status, path).toBe(400);
      expect((await admin.post(path, {}, { origin: 'https://evil.example' })).status, path).toBe(403);
    }
    expect(await kernel.service(mailer).state(id)).toBe('logged');
  });

  it('say so where there is nothing', async () => {
    const { logIn } = await begin();
    const browser = await logIn(ann, ['admin']);
    expect((await browser.submit('/operator/mail', {}, '/operator/mail/77/retry')).status).toBe(404);
    expect((await browser.get('/operator/mail-template/nothing/edit')).status).toBe(404);
    expect((await browser.submit('/operator/mail', {}, '/operator/mail-template/nothing/edit')).status).toBe(404);
    expect((await browser.get('/operator/mail?page=99999')).status).toBe(200);
    expect((await browser.get('/operator/mail?page=x&done=%3Cb%3E')).status).toBe(200);
  });

  it('show 25 mails at a time', async () => {
    const { logIn, send, until } = await begin();
    const browser = await logIn(ann, ['admin']);
    const sent = [];
    for (let n = 0; n < 27; n++) sent.push(await send({ to: `eve${n}@example.com` }));
    for (const { id } of sent) await until(id, 'logged');
    const first = await (await browser.get('/operator/mail/logged')).text();
    expect(first.match(/>eve\d+@/g)).toHaveLength(25);
    expect(first).toContain('/operator/mail/logged?page&#x3D;2');
    expect((await (await browser.get('/operator/mail/logged?page=2')).text()).match(/>eve\d+@/g)).toHaveLength(2);
  });
});
