import { describe, expect, it } from 'vitest';
import { threadCreated } from '../../chat/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { messageLeft } from '../api.ts';
import { createWorld, typed } from './world.ts';

const post = '/chat/leave-message';
/** What a browser without scripts shows and sends. */
const withoutScripts = (html: string) =>
  /<noscript>([^]*?)<\/noscript>/.exec(html.replaceAll(/<noscript><div class="mb-empty[^]*?<\/noscript>/g, ''))?.[1] ??
  '';
const field = (html: string, name: string) => new RegExp(`name="${name}"[^>]*? value="([^"]*)"`).exec(html)?.[1];

async function begin(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  const browser = createBrowser(world.kernel);
  const visit = async (address = '/chat?url=https%3A%2F%2Fshop.example%2Fchairs&info=Basket') =>
    withoutScripts(await (await browser.get(address)).text());
  return { ...world, browser, visit, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

describe('without scripts', () => {
  it('a visitor leaves a message, and loading the page again sends nothing again', async () => {
    await using world = await begin({ values: { email: 'house@example.com' } });
    const html = await world.visit();
    expect(html).toContain(`action="${post}"`);
    const fields = {
      ...typed,
      message: 'Is the chair\r\nstill there?',
      key: field(html, 'key')!,
      info: field(html, 'info')!,
      referrer: field(html, 'referrer')!,
    };
    const answer = await world.browser.post(post, fields);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, post]);
    expect(await world.visit(post)).toContain('Thank you for your message.');
    expect((await world.browser.post(post, fields)).status).toBe(303);
    expect(world.kernel.calls(messageLeft)).toMatchObject([
      [
        {
          thread: { shownMessage: typed.message, referrer: 'https://shop.example/chairs' },
          name: 'Tess',
          message: typed.message,
        },
      ],
    ]);
    expect(world.office.sent).toHaveLength(1);
  });

  it('everything that is wrong is said beside its field, and what was typed survives', async () => {
    await using world = await begin();
    await world.visit();
    const response = await world.browser.post(post, {
      name: '',
      email: 'tess<',
      message: 'x'.repeat(4001),
      key: 'one',
    });
    expect(response.status).toBe(422);
    const html = withoutScripts(await response.text());
    for (const text of ['Please tell us your name.', 'Please give the e-mail address', 'at most 4,000 characters'])
      expect(html).toContain(text);
    expect(html).toContain('value="tess&lt;"');
    expect(html).toContain('x'.repeat(4001));
    expect(html).toContain('aria-describedby="mb-name-error "');
    expect(field(html, 'key')).toBe('one');
    expect(world.kernel.calls(threadCreated)).toEqual([]);
  });

  it('a key that was used for another message is replaced, and the text is still there', async () => {
    await using world = await begin();
    await world.visit();
    expect((await world.browser.post(post, { ...typed, key: 'one' })).status).toBe(303);
    const response = await world.browser.post(post, { ...typed, message: 'Another', key: 'one' });
    const html = withoutScripts(await response.text());
    expect(response.status).toBe(400);
    expect(html).toContain('An earlier version of this message was sent already.');
    expect(html).toContain('Another');
    expect(field(html, 'key')).not.toBe('one');
  });

  it('nothing is taken that another site made the browser send', async () => {
    await using world = await begin();
    await world.visit();
    const response = await world.browser.post(post, { ...typed, key: 'one' }, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(world.kernel.calls(threadCreated)).toEqual([]);
  });

  it('where a proof is wanted that such a browser cannot bring, fewer messages are taken', async () => {
    await using world = await begin({ plugins: ['captcha'], values: { enablecaptcha: true } });
    await world.visit();
    const statuses: number[] = [];
    for (const key of ['one', 'two', 'three'])
      statuses.push((await world.browser.post(post, { ...typed, key })).status);
    expect(statuses).toEqual([303, 303, 429]);
    expect(world.kernel.calls(messageLeft)).toHaveLength(2);
  });

  it('who may not come in is told why', async () => {
    await using world = await begin({ values: { start_rate: 1 } });
    for (let n = 0; n < 2; n++) expect(await world.call(world.visitor(), 'open', {}, ['next'])).toBeTruthy();
    const response = await world.browser.post(post, { ...typed, key: 'one' });
    expect(response.status).toBe(429);
    expect(world.kernel.calls(messageLeft)).toEqual([]);
  });

  it('a refused form leaves no visitor behind', async () => {
    await using world = await begin();
    const response = await world.browser.post(post, { ...typed, email: 'tess<', key: 'one' });
    expect(response.status).toBe(422);
    expect(response.headers.get('set-cookie') ?? '').not.toContain('MibewVisitor');
  });

  it('the page before is kept, and whoever looks for somebody again comes with all that he came with', async () => {
    await using world = await begin();
    const query = {
      group: '7',
      url: 'https://shop.example/chairs',
      referrer: 'https://search.example/?q=a&b',
      operator_code: 'ann',
      info: 'Basket: 3',
      name: 'Tess',
      email: 'tess@example.org',
      'field-order': '4711',
    };
    const linked = (html: string) => {
      const href = /href="(\/chat[^"]*)"/.exec(html)![1]!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
      const { pathname, searchParams } = new URL(href, 'https://chat.example');
      return [pathname, Object.fromEntries(searchParams)];
    };
    const html = await world.visit(`/chat?${new URLSearchParams(query)}`);
    expect(linked(html)).toEqual(['/chat', query]);
    // What browsers send of it.
    const hidden = Object.fromEntries(
      [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [
        name!,
        value!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=').replaceAll('\n', '\r\n'),
      ]),
    );
    const form = { ...hidden, name: 'Tess', email: 'tess@example.org', message: '' };
    const again = withoutScripts(await (await world.browser.post(post, form)).text());
    expect(again).toContain('Please write your message.');
    const { group: _, ...rest } = query;
    expect(linked(again)).toEqual(['/chat', rest]);
    expect((await world.browser.post(post, { ...form, message: 'Hello' })).status).toBe(303);
    expect(world.kernel.calls(messageLeft).at(-1)![0].thread.referrer).toBe(`${query.url}\n${query.referrer}`);
    expect(linked(await world.visit())[0]).toBe('/chat');
  });

  it('the form names the groups to choose from', async () => {
    const { groups } = await import('../../groups/api.ts');
    await using world = await begin({ plugins: ['groups'], values: { enablegroups: true } });
    const ann = await world.person('ann');
    const { id } = await world.kernel.service(groups).create({ name: 'Sales & more' });
    await world.kernel.service(groups).changeMembers(id, { add: [ann.id] });
    expect(await world.visit()).toContain(`<option value="${id}" selected>Sales &amp; more</option>`);
  });
});
