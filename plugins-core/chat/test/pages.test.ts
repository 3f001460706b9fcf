import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from '../../settings/api.ts';
import { threads, threadState, visitors } from '../api.ts';
import { dora, eve, formOf, newcomer, serve, wim, type ChatServer } from './server.ts';
import { ann, bob } from './world.ts';

const here = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const elsewhere = { ...here, 'sec-fetch-site': 'cross-site' };
const formType = 'application/x-www-form-urlencoded';
const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

describe('pages of a conversation', () => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await serve('sqlite');
    await server.kernel.service(settings).change({ max_connections_from_one_host: 0 }, 'test');
  });
  afterAll(() => server?.stop());

  const started = async (who = newcomer()) => {
    const response = await server.page('/chat', { who, headers: here });
    const path = response.headers.get('location') ?? '';
    const [, id, token] = /^\/chat\/(\d+)\/(\d+)/.exec(path) ?? [];
    return { who, path, id: Number(id), token: Number(token) };
  };
  const thread = async (id: number) => server.kernel.service(threads).byId(id);

  it('starts by a plain link, gives the browser a secret, and forwards style and language', async () => {
    const response = await server.page('/chat?style=dark&locale=en&name=Zo%C3%AB', { headers: elsewhere });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toMatch(/^\/chat\/\d+\/\d+\?style=dark&locale=en$/);
    expect(response.headers.get('set-cookie')).toMatch(/MibewVisitor=[\w-]{43};.*HttpOnly.*SameSite=Lax/);
    const id = Number(/\d+/.exec(response.headers.get('location') ?? '')?.[0]);
    expect(await thread(id)).toMatchObject({ userName: 'Zoë', state: threadState.loading });
  });

  it('leads back into the open conversation', async () => {
    const first = await started();
    expect((await started(first.who)).path).toBe(first.path);
  });

  it('starts nothing for images, foreign frames, guesses of the browser and HEAD', async () => {
    for (const headers of [
      { ...elsewhere, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { ...elsewhere, 'sec-fetch-dest': 'iframe' },
      { ...here, 'sec-purpose': 'prefetch' },
    ])
      expect((await server.page('/chat', { headers })).status).toBe(403);
    const head = await server.page('/chat', { method: 'HEAD' });
    expect([head.status, head.headers.get('set-cookie')]).toEqual([200, null]);
  });

  it('shows a conversation to its own visitor alone', async () => {
    const { who, path, id, token } = await started();
    const page = await server.page(path, { who });
    expect(page.status).toBe(200);
    const html = await page.text();
    const boot = JSON.parse(/id="mibew-boot">(.*?)<\/script>/s.exec(html)?.[1] ?? '{}').boot;
    expect(boot).toMatchObject({
      server: { url: '/thread/update', requestsFrequency: 2 },
      page: { style: '', mibewBasePath: '', company: 'Your Company', title: 'Live Support' },
      startFrom: 'chat',
      chatOptions: { thread: { id, token }, user: { isAgent: false } },
    });
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect((await server.page(`${path}/check`, { who })).status).toBe(200);
    for (const [other, where] of [
      [newcomer(), path],
      [who, `/chat/${id}/${token + 1}`],
      [{}, path],
    ] as const) {
      expect((await server.page(where, { who: other })).status).toBe(404);
      expect((await server.page(`${where}/check`, { who: other })).status).toBe(404);
    }
    expect((await server.page(`/chat/${id}x/${token}`, { who })).status).toBe(404);
  });

  it('works without scripts: a frame of messages, a form that sends once, a way to end', async () => {
    const { who, path, id } = await started();
    const html = await (await server.page(path, { who })).text();
    const key = hidden(html, 'key');
    expect(key).toMatch(/^[\w-]{32}$/);
    const send = () => server.page(`${path}/post`, { who, ...formOf({ key, message: 'first\r\nsecond <b>' }) });
    expect([(await send()).status, (await send()).status]).toEqual([303, 303]);

    const frame = await server.page(`${path}/messages`, { who, headers: { ...here, 'sec-fetch-dest': 'iframe' } });
    const list = await frame.text();
    expect(list.match(/first<br>second &lt;b&gt;/g)).toHaveLength(1);
    expect(frame.headers.get('refresh')).toMatch(/^5; url=/);
    expect(frame.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect((await thread(id))?.state).toBe(threadState.queue);

    const changed = await server.page(`${path}/post`, { who, ...formOf({ key, message: 'something else' }) });
    const again = await changed.text();
    expect(changed.status).toBe(400);
    expect(again).toContain('something else');
    expect(hidden(again, 'key')).not.toBe(key);
    expect((await server.page(`${path}/post`, { who, ...formOf({ key: 'x', message: '  ' }) })).status).toBe(400);

    expect((await server.page(`${path}/close`, { who, ...formOf({}) })).status).toBe(303);
    expect((await thread(id))?.state).toBe(threadState.closed);
    expect((await server.page(`${path}/messages`, { who })).headers.get('refresh')).toBeNull();
  });

  it('takes no form that another site sent', async () => {
    const { who, path, id } = await started();
    const before = (await thread(id))?.lastSeq;
    const form = formOf({ key: 'k', message: 'forged' });
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ];
    for (const headers of foreign)
      for (const action of ['post', 'close'])
        expect(
          (await server.page(`${path}/${action}`, { who, ...form, headers: { 'content-type': formType, ...headers } }))
            .status,
        ).toBe(403);
    expect((await server.page(`${path}/post`, { who: newcomer(), ...form })).status).toBe(404);
    expect(await thread(id)).toMatchObject({ lastSeq: before });
    expect(
      (
        await server.page(`${path}/post`, {
          who,
          ...form,
          headers: { 'content-type': formType, origin: 'http://localhost' },
        })
      ).status,
    ).toBe(303);
  });

  it('leads on whoever is refused, to the chat if that helps, and never to pages of operators', async () => {
    const { who, path } = await started();
    const company = server.kernel.service(settings);
    const links = async (answer: Promise<Response>, status: number) => {
      const response = await answer;
      const html = await response.text();
      expect(response.status).toBe(status);
      expect(html).toMatch(/<h1 [^>]*>[^<]+<\/h1>\s*<p>[^<]+<\/p>/);
      const plain = html.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
      return [...plain.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g)].map(([, href, label]) => [href, label]);
    };
    const form = formOf({ message: 'x' });
    const forged = { who, ...form, headers: { ...(form.headers as object), origin: 'https://evil.example' } };
    const prefetch = { ...here, 'sec-purpose': 'prefetch' };
    const asked = '/chat?group=2&locale=en';
    const open = 'Go to the chat';
    expect(await links(server.page(asked, { headers: prefetch }), 403)).toEqual([[asked, open]]);
    expect(await links(server.page(`${path}/post`, forged), 403)).toEqual([['/chat', open]]);
    for (const lost of [path, `${path}/messages`, '/chat/987654/321'])
      expect(await links(server.page(`${lost}?style=dark`, { who: newcomer() }), 404), lost).toEqual([
        ['/chat?style=dark', open],
      ]);
    await company.change({ start_rate: 1 }, 'test');
    await server.page('/chat', { who: newcomer(), headers: here });
    const again = [['/chat', 'Try again']];
    expect(await links(server.page('/chat', { who: newcomer(), headers: here }), 429)).toEqual(again);
    await company.change({ start_rate: 0, max_connections_from_one_host: 1 }, 'test');
    expect(await links(server.page('/chat', { who: newcomer(), headers: here }), 429)).toEqual(again);
    await company.change({ max_connections_from_one_host: 0 }, 'test');
  });

  it('probes cookies and has no style of its own for the popup', async () => {
    const probe = async (rnd: string) =>
      (await server.page(`/chat/cookies-set-permission?rnd=${rnd}`, { headers: { cookie: 'mibewCheckToken=17' } }))
        .status;
    expect([await probe('17'), await probe('18'), await probe('')]).toEqual([200, 404, 404]);
    expect(await (await server.page('/chat/style/popup/default')).text()).toBe('{}');
  });

  it('links the logo to no address that would run as a script', async () => {
    const company = server.kernel.service(settings);
    const change = (values: Record<string, string>) => company.change(values, 'test');
    for (const wrong of [
      'javascript:alert(1)',
      ' JavaScript:alert(1)',
      '\u0001javascript:alert(1)',
      'data:text/html,x',
    ]) {
      await expect(change({ hosturl: wrong }), wrong).rejects.toMatchObject({ code: 'SETTING_INVALID' });
      await expect(change({ logo: wrong }), wrong).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    }
    for (const right of ['https://a.example:8080/x?y=z:1', 'HTTP://a.example', '/logo.png', 'images/a:b.png', ''])
      await change({ hosturl: right, logo: right });
  });

  it('says so when too many conversations are open from one address', async () => {
    await server.kernel.service(settings).change({ max_connections_from_one_host: 1 }, 'test');
    const strangers = [newcomer(), newcomer()];
    expect((await server.page('/chat', { who: strangers[0]! })).status).toBe(429);
    const { results } = await server.call(strangers[1]!, ['start', {}]);
    expect(results[0]).toMatchObject({ errorCode: 107 });
    await server.kernel.service(settings).change({ max_connections_from_one_host: 0 }, 'test');
  });

  it('turns strangers away who come too quickly, and they leave nothing behind that could fill the disk', async () => {
    await server.kernel.service(settings).change({ max_connections_from_one_host: 1, start_rate: 1 }, 'test');
    for (let n = 0; n < 2; n++) await server.page('/chat', { who: newcomer() });
    const strangers = [newcomer(), newcomer()];
    expect((await server.page('/chat', { who: strangers[0]! })).status).toBe(429);
    const { results } = await server.call(strangers[1]!, ['start', {}]);
    expect(results[0]).toMatchObject({ errorCode: 102 });
    const known = strangers.map(({ secret }) => server.kernel.service(visitors).find(secret));
    expect(await Promise.all(known)).toEqual([undefined, undefined]);
    await server.kernel.service(settings).change({ max_connections_from_one_host: 0, start_rate: 0 }, 'test');
  });

  it('lets an operator take at once on our own pages and typed addresses, and asks when he comes from elsewhere', async () => {
    const { id } = await started();
    const where = `/operator/chat/${id}`;
    const who = { operator: ann };
    const asked = await server.page(where, { who, headers: elsewhere });
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain(`action="${where}"`);
    expect((await thread(id))?.agentId).toBe(0);
    expect((await server.page(where, { who, ...formOf({ csrf_token: 'wrong' }) })).status).toBe(400);
    const taken = await server.page(where, { who, ...formOf({ csrf_token: 'csrf-of-the-test' }) });
    expect(taken.headers.get('location')).toMatch(new RegExp(`^${where}/\\d+$`));

    const next = await started();
    expect((await server.page(`/operator/chat/${next.id}`, { who, headers: here })).status).toBe(302);
    expect(await thread(next.id)).toMatchObject({ agentId: ann.id, state: threadState.chatting });
    const window = await server.page(`/operator/chat/${next.id}/${next.token}`, { who });
    expect(await window.text()).toContain('"isAgent":true');
    expect((await server.page(`/operator/chat/${next.id}/1`, { who })).status).toBe(404);
    expect((await server.page(`/operator/chat/${next.id}`)).status).toBe(302);
    expect((await server.page(`/operator/chat/${next.id}`)).headers.get('location')).toContain('login');
  });

  it('says whose conversation is about to be taken over, and offers to watch it to who may', async () => {
    const { id, token, who } = await started();
    await server.call(who, ['post', { threadId: id, token, user: true, message: 'Is it <blue>?' }]);
    await server.page(`/operator/chat/${id}`, { who: { operator: ann }, headers: here });
    const asked = async (operator: typeof ann) =>
      (await server.page(`/operator/chat/${id}`, { who: { operator }, headers: here })).text();
    const page = await asked(dora);
    for (const part of [
      'Guest',
      'Is it &lt;blue&gt;?',
      'Ann has this conversation',
      `href="/operator/chat/${id}?viewonly`,
    ])
      expect(page).toContain(part);
    expect(await asked(bob)).not.toContain('viewonly');
    expect((await thread(id))?.agentId).toBe(ann.id);
  });

  it('explains why a conversation cannot be had', async () => {
    const { id, token, who } = await started();
    const text = async (operator: typeof ann, path: string) => {
      const response = await server.page(path, { who: { operator }, headers: here });
      return [response.status, await response.text()] as const;
    };
    expect(await text(ann, '/operator/chat/99999999')).toEqual([200, expect.stringContaining('Wrong thread')]);
    await server.page(`/operator/chat/${id}`, { who: { operator: ann }, headers: here });
    expect(await text(eve, `/operator/chat/${id}`)).toEqual([
      200,
      expect.stringContaining('not allowed to take it over'),
    ]);
    expect(await text(bob, `/operator/chat/${id}`)).toEqual([
      200,
      expect.stringContaining('name="force" value="true"'),
    ]);
    expect(await text(eve, `/operator/chat/${id}?viewonly=true`)).toEqual([
      200,
      expect.stringContaining('not allowed to watch'),
    ]);
    expect(await text(eve, `/operator/chat/${id}/${token}`)).toEqual([
      200,
      expect.stringContaining('not allowed to watch'),
    ]);
    const watched = await server.page(`/operator/chat/${id}?viewonly=true`, { who: { operator: wim }, headers: here });
    expect(watched.headers.get('location')).toBe(`/operator/chat/${id}/${token}`);
    expect((await thread(id))?.agentId).toBe(ann.id);
    await server.page(`/operator/chat/${id}?force=true`, { who: { operator: bob }, headers: here });
    expect((await thread(id))?.agentId).toBe(bob.id);
    await server.call(who, ['close', { threadId: id, token, user: true }]);
    expect(await text(ann, `/operator/chat/${id}`)).toEqual([200, expect.stringContaining('Cannot take')]);
  });
});
