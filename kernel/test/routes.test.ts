import { describe, expect, it } from 'vitest';
import { definePlugin, open, routeAccess, type Access, type Method, type RouteSpec } from '../plugin.ts';
import { bySpecificity, fillPattern, normalise } from '../pattern.ts';
import { createTestKernel, type TestKernelOptions } from '../testing.ts';
import { kernel, readiness } from '../tokens.ts';

const say =
  (text: string): RouteSpec['handler'] =>
  (context) =>
    context.text(text);
const page = (path: string, method: Method | Method[] = 'GET', access: Access = open): RouteSpec => {
  const name = `${[method].flat().join().toLowerCase()} ${path}`;
  return { name, method, path, access, handler: say(path) };
};

const site = (routes: RouteSpec[], options: TestKernelOptions = {}) =>
  createTestKernel({
    plugins: [
      {
        definition: definePlugin({ id: 'site', setup: (ctx) => routes.forEach((route) => ctx.route(route)) }),
        manifest: { claims: ['/chat', '/'] },
      },
    ],
    ...options,
  });

describe('which route answers', () => {
  it('is the more specific one, whatever the order of registration', async () => {
    const routes = ['/chat/*', '/chat/:name', '/chat/:id{[0-9]{1,10}}', '/chat/style', '/chat', '/'].map((path) =>
      page(path),
    );
    await using t = await site(routes);
    const answer = async (path: string) => (await t.request(path)).text();
    expect(await answer('/chat/style')).toBe('/chat/style');
    expect(await answer('/chat/42')).toBe('/chat/:id{[0-9]{1,10}}');
    expect(await answer('/chat/42a')).toBe('/chat/:name');
    expect(await answer('/chat/42/check')).toBe('/chat/*');
    expect(await answer('/chat')).toBe('/chat');
    expect(await answer('/')).toBe('/');
  });

  it('lies below /plugins/<id> unless the manifest claims its path', async () => {
    await using t = await site([page('/other'), page('/chatter')]);
    expect((await t.request('/plugins/site/other')).status).toBe(200);
    expect((await t.request('/plugins/site/chatter')).status).toBe(200);
    expect((await t.request('/chatter')).status).toBe(404);
  });

  it('compares patterns without the names of their parameters', () => {
    expect(normalise('/a/:x/:y{[0-9]{1,10}}')).toBe(normalise('/a/:other/:z{[0-9]{1,10}}'));
    expect(normalise('/a/:x')).not.toBe(normalise('/a/:x{[0-9]+}'));
    expect(['/a/*', '/a/:x?', '/a/:x', '/a/:x{[0-9]+}', '/a/b'].toSorted(bySpecificity)).toEqual(
      ['/a/*', '/a/:x?', '/a/:x', '/a/:x{[0-9]+}', '/a/b'].toReversed(),
    );
  });

  it('refuses two routes of one name', async () => {
    const twice = [page('/a'), { ...page('/b'), name: 'get /a' }];
    await using t = await site(twice, { mayFail: true });
    expect(t.report().plugins[0]?.problems[0]).toMatchObject({
      code: 'ROUTE_CONFLICT',
      message: 'name "get /a" is already taken by site.get /a',
    });
  });
});

describe('what no route answers', () => {
  it('is a coded 404, as JSON or as text for a browser', async () => {
    await using t = await site([]);
    const plain = await t.request('/nowhere');
    expect([plain.status, await plain.json()]).toEqual([
      404,
      { error: { code: 'NOT_FOUND', message: expect.any(String) } },
    ]);
    const browser = await t.request('/nowhere', { headers: { accept: 'text/html,*/*' } });
    expect(await browser.text()).toMatch(/^404 NOT_FOUND: /);
  });

  it('is a 405 that names the methods, when only the method is wrong', async () => {
    await using t = await site([page('/chat/:id', 'POST'), page('/chat/style')]);
    const post = await t.request('/chat/1');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await post.json()).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } });
    expect((await t.request('/chat/style', { method: 'DELETE' })).headers.get('allow')).toBe('GET, POST, HEAD');
  });

  it('is a redirect without the slash at the end, and never to another host', async () => {
    await using t = await site([page('/chat')]);
    const moved = await t.request('/chat/?a=b');
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/chat?a=b']);
    const evil = await t.kernel.fetch(new Request('http://localhost//evil.example/'));
    expect(evil.headers.get('location')).toBe('/evil.example');
    // Browsers drop tabs and line breaks from addresses: decoded, each of these would begin with two slashes.
    for (const sign of ['%09', '%0a', '%0d%0a', '%5c']) {
      const odd = await t.request(`/${sign}/evil.example/`);
      expect([odd.status, odd.headers.get('location')]).toEqual([301, `/${sign}/evil.example`]);
    }
    expect((await t.request('/chat/', { method: 'POST' })).status).toBe(404);
  });

  it('answers HEAD like GET, without a body', async () => {
    await using t = await site([page('/chat')]);
    const head = await t.request('/chat', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('who may call a route', () => {
  const secret: Access = { kind: 'secret' };

  it('nobody, when no listener answers', async () => {
    await using t = await site([page('/x', 'GET', secret)]);
    const answer = await t.request('/plugins/site/x');
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'ACCESS_REFUSED' } }]);
  });

  it('whoever a listener lets through, or gets its answer instead', async () => {
    const guard = definePlugin({
      id: 'guard',
      setup(ctx) {
        ctx.on(routeAccess, ({ access, context, route }) => {
          if (access.kind !== 'secret') return undefined;
          return context.req.header('x-key') === `${route.plugin}.${route.name}` || context.redirect('/login');
        });
      },
    });
    const routes = [page('/x', 'GET', secret)];
    const plugin = definePlugin({ id: 'site', setup: (ctx) => routes.forEach((route) => ctx.route(route)) });
    await using t = await createTestKernel({ plugins: [guard, plugin] });
    expect((await t.request('/plugins/site/x', { headers: { 'x-key': 'site.get /x' } })).status).toBe(200);
    expect((await t.request('/plugins/site/x')).headers.get('location')).toBe('/login');
    await t.disable('guard');
    expect((await t.request('/plugins/site/x')).status).toBe(403);
  });

  it('nobody, while the listener that decides is broken', async () => {
    const guard = definePlugin({
      id: 'guard',
      setup: (ctx) => ctx.on(routeAccess, () => Promise.reject(new Error('no store'))),
    });
    const plugin = definePlugin({ id: 'site', setup: (ctx) => ctx.route(page('/x', 'GET', secret)) });
    await using t = await createTestKernel({ plugins: [guard, plugin] });
    expect((await t.request('/plugins/site/x')).status).toBe(500);
    expect(t.problems('guard')).toEqual(['HOOK_FAILED']);
  });
});

describe('a handler that throws', () => {
  it('is logged with its plugin and answered with a code that reveals nothing', async () => {
    const lines: string[] = [];
    const broken = { ...page('/x'), handler: () => Promise.reject(new Error('password of the database')) };
    await using t = await site([broken, { ...page('/y'), handler: () => say(1 as never)(null as never) }], {
      log: { level: 'error', destination: { write: (line: string) => void lines.push(line) } },
    });
    for (const path of ['/plugins/site/x', '/plugins/site/y']) {
      const answer = await t.request(path);
      expect([answer.status, await answer.json()]).toEqual([
        500,
        { error: { code: 'INTERNAL_ERROR', message: expect.any(String) } },
      ]);
    }
    expect(JSON.parse(lines.at(0) ?? '')).toMatchObject({ plugin: 'site', route: 'site.get /x' });
  });
});

describe('addresses', () => {
  it('are made from names, below the base, with the rest as the query', async () => {
    const config = { publicUrl: 'https://a.example/mibew/' };
    await using t = await site([page('/chat/:id{[0-9]{1,10}}/:style?'), page('/')], { config });
    const name = 'site.get /chat/:id{[0-9]{1,10}}/:style?';
    expect(t.url(name, { id: 7 })).toBe('/mibew/chat/7');
    expect(t.url(name, { id: 7, style: 'a b', user: 'ann', none: undefined })).toBe('/mibew/chat/7/a%20b?user=ann');
    expect(t.url('site.get /')).toBe('/mibew');
    expect(() => t.url(name)).toThrow(/parameter "id" is missing/);
    expect(() => t.url(name, { id: 'x' })).toThrow(/does not match/);
    expect(() => t.url('site.nothing')).toThrow(/no active plugin has it/);
    expect((await t.request('/mibew/chat/7')).status).toBe(200);
    expect((await t.request('/mibew')).status).toBe(200);
    expect((await t.request('/chat/7')).status).toBe(404);
  });

  it('take every value of a parameter as text', () => {
    expect(fillPattern('/a/:x', { x: '../b' })).toBe('/a/..%2Fb');
  });
});

describe('facts about a request', () => {
  const ask = async (remoteAddress: string, headers: Record<string, string>, config: object = {}) => {
    let facts: unknown;
    const site = definePlugin({
      id: 'site',
      needs: { kernel },
      setup(ctx) {
        const handler: RouteSpec['handler'] = (context) => {
          facts = ctx.use.kernel.facts(context);
          return context.body(null, 204);
        };
        ctx.route({ ...page('/facts'), name: 'facts', handler });
      },
    });
    await using t = await createTestKernel({
      plugins: [site],
      config: { trustedProxies: ['10.0.0.0/8', '::1'], ...config },
    });
    const request = new Request(`http://localhost${t.url('site.facts')}`, { headers });
    await t.kernel.fetch(request, { incoming: { socket: { remoteAddress } } });
    return facts;
  };
  const forwarded = {
    host: 'inner:8080',
    'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.2',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'chat.example.com',
  };

  it('come from the headers of a trusted proxy, up to the first address that is none', async () => {
    const seen = { address: '203.0.113.9', origin: 'https://chat.example.com', secure: true };
    expect(await ask('::ffff:10.0.0.1', forwarded)).toEqual(seen);
    expect(await ask('::1', forwarded)).toEqual(seen);
  });

  it('ignore the headers of everybody else', async () => {
    expect(await ask('198.51.100.7', forwarded)).toEqual({
      address: '198.51.100.7',
      origin: 'http://inner:8080',
      secure: false,
    });
  });

  it('take the origin from the public address where it is set', async () => {
    expect(await ask('198.51.100.7', forwarded, { publicUrl: 'https://a.example/mibew' })).toMatchObject({
      origin: 'https://a.example',
      secure: true,
    });
  });
});

describe('the own routes of the kernel', () => {
  it('tell health, and readiness unless a plugin has a reason against it, also outside of the base', async () => {
    const shy = definePlugin({ id: 'shy', setup: (ctx) => ctx.on(readiness, () => 'the database is away') });
    await using t = await createTestKernel({ plugins: [shy], config: { publicUrl: 'https://a.example/mibew' } });
    expect((await t.request('/health')).status).toBe(200);
    expect((await t.request('/mibew/health')).status).toBe(200);
    const unready = await t.request('/ready');
    expect([unready.status, await unready.json()]).toEqual([
      503,
      { error: { code: 'NOT_READY', message: 'the database is away' } },
    ]);
    await t.disable('shy');
    expect((await t.request('/ready')).status).toBe(200);
  });
});
