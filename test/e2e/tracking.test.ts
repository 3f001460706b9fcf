/** Who is on the site, from the switch in the administration to the operator's view of each visitor. */
import { createHmac } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { sound, startProxy } from '../support/proxy.ts';
import { createRandom } from '../support/random.ts';
import { beforeChat, root, startServer } from '../support/server.ts';
import { cardOf, onBoard, pathOf, tell, toBoard, toQueue } from './board.ts';
import { chromium, endConversation, openChat, patience, rowOf, toWorkspace } from './people.ts';
import { openShop } from './shop.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

/** The page becomes another one without being loaded, as single-page applications do it. */
const goWithin = (page: Page, path: string, title: string) =>
  page.evaluate(
    ([address, name]) => {
      history.pushState({}, '', address);
      document.title = name!;
    },
    [path, title],
  );

describeWith([chromium], 'tracking that is switched on in the administration', () => {
  const world = openWorld({ start: () => startServer({ without: beforeChat }) });

  it('shows operators who comes from then on, where he came from, and where he goes', async () => {
    const ann = await world.operator(world.server.url, '/operator/plugin');
    for (const title of ['Visitors of the site', 'Invitations']) {
      await ann.page.getByRole('link', { name: `Switch on: ${title}` }).click();
      await ann.page.getByRole('button', { name: 'Switch on' }).click();
      await ann.page.getByText(`${title} is on.`).waitFor(soon);
    }
    await toWorkspace(ann);
    await toBoard(ann);
    await ann.page.getByText('Nobody is on the site').waitFor(soon);

    const visitor = await world.visitor('about:blank');
    await visitor.page.goto(world.shop.url, { referer: 'https://search.example/?q=lamps' });
    const row = onBoard(ann, 'The first page');
    await row.waitFor(soon);
    await row.click();
    await cardOf(ann).getByText('search.example/?q=lamps').waitFor(soon);
    await expect.poll(() => pathOf(ann), soon).toEqual(['The first page']);

    await visitor.page.getByRole('link', { name: 'Next page' }).click();
    await expect.poll(() => pathOf(ann), soon).toEqual(['The next page', 'The first page']);
    await goWithin(visitor.page, '/next/blue', 'Blue lamps');
    await expect.poll(() => pathOf(ann), soon).toEqual(['Blue lamps', 'The next page', 'The first page']);
    await visitor.page.goBack();
    await expect.poll(() => pathOf(ann).then((titles) => titles.length), soon).toBe(4);
    await goWithin(visitor.page, '/next/red#top', 'Red lamps');
    await onBoard(ann, 'Red lamps').getByText('5 pages').waitFor(soon);
    expect(await onBoard(ann, '').count()).toBe(1);

    const [trail] = await Promise.all([
      ann.page.waitForEvent('popup'),
      cardOf(ann).getByRole('link', { name: 'All pages that were seen' }).click(),
    ]);
    const addresses = trail.getByRole('main').getByRole('listitem').getByRole('link');
    await addresses.first().waitFor(soon);
    const seen = await addresses.allTextContents();
    expect(seen[0]).toBe('https://search.example/?q=lamps');
    expect(
      seen
        .slice(1)
        .map((one) => one.replace(world.shop.url, ''))
        .toSorted(),
    ).toEqual(['/', '/next', '/next/blue', '/next', '/next/red#top'].toSorted());
    visitor.watch.calm();
    ann.watch.calm();
  }, 120_000);
});

describeWith([chromium], 'a page that is followed', () => {
  const secret = 'between the shop and us';
  const signed = (id: string) => createHmac('sha256', secret).update(id).digest('hex');
  const world = openWorld({
    start: () => startServer({ without: beforeChat, with: ['tracking', 'invitation'] }),
    settings: { tracking_identity_secret: secret },
    attended: true,
  });

  it('tells operators who its visitor is and what he does, as text, and whether that is signed', async () => {
    const { ann } = world;
    const dialogs: string[] = [];
    ann.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await toBoard(ann);
    const evil = '<img src=x onerror=alert(1)>';
    const ida = await world.visitor(world.shop.url);
    await tell(ida.page, 'identify', { id: 'C-7', hash: signed('C-7'), name: 'Ida <i>', plan: evil, '<b>x</b>': true });
    await tell(ida.page, 'track', `basket ${evil}`, { items: 3, lamp: '<b>blue</b>' });
    const per = await world.visitor(`${world.shop.url}/next`);
    await tell(per.page, 'identify', { id: 'C-8', hash: signed('C-7'), name: 'Per' });
    const una = await world.visitor(world.shop.url);
    await tell(una.page, 'identify', { id: 'C-9', name: 'Una' });

    for (const [name, number] of [
      ['Per', 'C-8'],
      ['Una', 'C-9'],
    ] as const) {
      await onBoard(ann, name).click();
      await cardOf(ann).getByText(number, { exact: true }).waitFor(soon);
      await cardOf(ann).getByText('Not verified').waitFor(soon);
      expect(await onBoard(ann, name).getByText('Verified').count()).toBe(0);
    }
    await onBoard(ann, 'Ida <i>').getByText('Verified').waitFor(soon);
    await onBoard(ann, 'Ida <i>').click();
    await cardOf(ann).getByText('C-7', { exact: true }).waitFor(soon);
    await cardOf(ann).getByText('Verified customer').waitFor(soon);
    await cardOf(ann).getByText(evil, { exact: true }).waitFor(soon);
    await cardOf(ann).getByText('<b>x</b>', { exact: true }).waitFor(soon);
    await cardOf(ann).getByText(`basket ${evil}`, { exact: true }).waitFor(soon);
    await cardOf(ann).getByText('<b>blue</b>', { exact: true }).waitFor(soon);

    await openChat(ida);
    await ida.say('Which blue is it?');
    await toQueue(ann);
    await rowOf(ann, 'Which blue').click();
    await ann.sees('Which blue is it?');
    const facts = ann.page.locator('[data-part=facts]');
    await facts.getByText('Verified customer').waitFor(soon);
    for (const text of ['C-7', evil, '<b>x</b>', `basket ${evil}`, '<b>blue</b>'])
      await facts.getByText(text, { exact: true }).waitFor(soon);
    expect(await ann.page.locator('[data-part=facts] :is(img, i, b), [data-visitor] :is(img, i, b)').count()).toBe(0);

    await endConversation(ann);
    await toBoard(ann);
    await onBoard(ann, 'Ida <i>').click();
    // What is said later stands for what was said before.
    await tell(ida.page, 'identify', { id: 'C-7', hash: signed('C-7'), name: 'Ida <i>', plan: 'silver' });
    await cardOf(ann).getByText('silver', { exact: true }).waitFor(soon);
    expect(await cardOf(ann).getByText(evil, { exact: true }).count()).toBe(0);
    expect(dialogs).toEqual([]);
    for (const { watch } of [ida, per, una]) watch.calm();
  }, 120_000);

  it('stores and sends nothing before the visitor agreed, whatever happens in it', async () => {
    const { ann } = world;
    await toBoard(ann);
    world.set('tracking_consent', 'on');
    onTestFinished(() => world.set('tracking_consent', 'off'));
    const proxy = await startProxy(world.server.port, sound, createRandom(1));
    onTestFinished(() => proxy.close());
    const shop = await openShop(proxy.url);
    onTestFinished(() => shop.close());

    const { page, watch } = await world.visitor('about:blank');
    const context = page.context();
    const left: string[] = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(shop.url)) left.push(`${request.method()} ${request.url().replace(proxy.url, '')}`);
    });
    page.on('websocket', (socket) => left.push(`socket ${socket.url()}`));
    const kept = async () => [
      ...(await context.cookies()).map(({ name }) => `cookie ${name}`),
      ...(await page.evaluate(async () => [
        ...Object.keys(localStorage),
        ...Object.keys(sessionStorage),
        ...(await indexedDB.databases()).map(({ name }) => `database ${name}`),
        ...(await caches.keys()),
        ...(await navigator.serviceWorker.getRegistrations()).map(({ scope }) => `worker ${scope}`),
        document.cookie,
        window.name,
      ])),
    ];
    await page.clock.install();
    await page.goto(shop.url);
    await page.locator('mibew-chat').waitFor({ ...soon, state: 'attached' });
    await tell(page, 'identify', { name: 'Nora' });
    await goWithin(page, '/blue', 'Blue lamps');
    await page.getByRole('button', { name: 'Open the chat' }).hover();
    await page.clock.runFor('03:00:00');
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.locator('mibew-chat').waitFor({ ...soon, state: 'attached' });
    await tell(page, 'identify', { name: 'Nora' });
    await tell(page, 'track', 'looked around');
    await page.clock.runFor('03:00:00');
    expect((await kept()).filter(Boolean)).toEqual([]);
    // What the browser keeps for itself it may ask for once or twice.
    expect(new Set(left)).toEqual(new Set(['GET /mibew.js']));
    expect(new Set(proxy.heard)).toEqual(new Set(['GET /mibew.js']));

    await tell(page, 'consent', true);
    await onBoard(ann, 'Nora').waitFor(soon);
    await onBoard(ann, 'Nora').click();
    await cardOf(ann).getByText('looked around').waitFor(soon);
    expect(await pathOf(ann)).toEqual(['The next page']);
    expect(
      (await kept())
        .filter(Boolean)
        .map((key) => key.replace(/^.*\/:/, ''))
        .toSorted(),
    ).toEqual(['consent', 'part:tracking']);

    await tell(page, 'consent', false);
    expect((await kept()).filter(Boolean)).toEqual([]);
    const before = proxy.heard.length;
    await page.clock.runFor('03:00:00');
    expect(proxy.heard.slice(before)).toEqual([]);
    expect(shop.reports).toEqual([]);
    watch.calm();
  }, 120_000);
});

describeWith([chromium], 'a page that the server has do something', () => {
  const folder = `${root}test/support/greeter`;
  const world = openWorld({
    start: () =>
      startServer({
        config: `export default { pluginFolders: [${JSON.stringify(folder)}] };`,
        with: ['tracking'],
      }),
  });

  it('loads scripts under a strict policy, each once, and calls what has all that it needs', async () => {
    const expected = [/gone\.js/];
    const { page, watch } = await world.visitor(world.shop.url, { expected });
    const greetings = () => page.locator('.greeting').allTextContents();
    await expect.poll(greetings, soon).toEqual(['Welcome to The first page']);
    await goWithin(page, '/blue', 'Blue lamps');
    await expect.poll(greetings, soon).toEqual(['Welcome to The first page', 'Welcome to Blue lamps']);
    const scripts = await page
      .locator('script[src*="/assets/greeter/"]')
      .evaluateAll((all) => all.map((one) => [new URL((one as HTMLScriptElement).src).pathname, one.nonce]));
    const nonce = await page
      .locator('script')
      .first()
      .evaluate((one) => one.nonce);
    expect(scripts.map(([path]) => path!.replace(/\.\w+\.js$/, '')).toSorted()).toEqual([
      '/assets/greeter/greet',
      '/assets/greeter/words',
    ]);
    expect(scripts.map(([, own]) => own)).toEqual([nonce, nonce]);
    expect(nonce).toMatch(/.{20}/);
    // What never came is told, and holds up only its own.
    await expect.poll(() => /"failed":"gone"/.test(world.server.output()), soon).toBe(true);
    await page.getByRole('link', { name: 'Next page' }).click();
    await expect.poll(greetings, soon).toEqual(['Welcome to The next page']);
    await page.getByRole('heading', { name: 'The next page' }).waitFor(soon);
    watch.calm();
  }, 120_000);
});
