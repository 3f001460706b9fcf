/** Tracking is switched off while pages of the site are open: each hears of it once, and is silent from then on. */
import type { Page, Request, WebSocket } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { sound, startProxy, type ProxyFaults } from '../support/proxy.ts';
import { createRandom } from '../support/random.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { onBoard, tell, toBoard, toQueue } from './board.ts';
import { chromium, openChat, patience, rowOf, tabOf, type Person } from './people.ts';
import { openShop } from './shop.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

/** Somebody on a page with a way of its own to the server, on which everything is noted that is asked for. */
interface Guest {
  readonly visitor: Person;
  /** Addresses and frames that came to the server since the start, or since `forget`. */
  asked(): readonly string[];
  forget(): void;
  /** @param page another one in the same browser */
  aDayLater(page?: Page): Promise<void>;
  /** Sockets and streams that its pages have had. */
  readonly sockets: readonly WebSocket[];
  readonly streams: readonly { readonly ended: boolean }[];
  /** Another page in the same browser. */
  another(): Promise<Page>;
}

describeWith([chromium], 'tracking that is switched off in the administration', () => {
  const world = openWorld({
    start: () => startServer({ without: beforeChat, with: ['tracking', 'invitation'] }),
  });

  async function come(faults: Partial<ProxyFaults> = {}, attributes = ''): Promise<Guest> {
    const proxy = await startProxy(world.server.port, { ...sound, ...faults }, createRandom(1));
    onTestFinished(() => proxy.close());
    const shop = await openShop(proxy.url, attributes);
    onTestFinished(() => shop.close());
    // A proxy that refuses sockets is a reason to complain; the mark is no page.
    const visitor = await world.visitor('about:blank', { expected: [/WebSocket connection to .* failed/, /mark/] });
    const { page } = visitor;
    const sockets: WebSocket[] = [];
    const streams: { request: Request; ended: boolean }[] = [];
    const ended = (request: Request) => {
      for (const stream of streams) if (stream.request === request) stream.ended = true;
    };
    page.on('websocket', (socket) => sockets.push(socket));
    page.on('request', (request) => {
      if (request.headers()['accept'] === 'text/event-stream') streams.push({ request, ended: false });
    });
    page.on('requestfinished', ended);
    page.on('requestfailed', ended);
    await page.clock.install();
    await page.goto(shop.url);
    await page.locator('mibew-chat').waitFor({ ...soon, state: 'attached' });
    let from = 0;
    return {
      visitor,
      sockets,
      streams,
      // A browser's own question before it, whether it may, is no contact.
      asked: () => proxy.heard.slice(from).filter((one) => !/^OPTIONS |\/mark$/.test(one)),
      forget: () => void (from = proxy.heard.length),
      async aDayLater(page = visitor.page) {
        await page.clock.runFor('24:00:00');
        // Whatever was asked for before this was heard before it, too.
        await page.evaluate((address) => fetch(address, { mode: 'no-cors' }), `${proxy.url}/mark`);
      },
      another: async () => (await tabOf(visitor, shop.url)).page,
    };
  }

  const said = async (operator: Person, { visitor }: Guest, name: string) => {
    await tell(visitor.page, 'identify', { name });
    await onBoard(operator, name).waitFor(soon);
  };

  it('is over for open pages after one contact at most, and never begins for others', async () => {
    const admin = await world.operator(world.server.url);
    await toBoard(admin);
    const pushed = await come();
    await said(admin, pushed, 'Pia');
    await expect.poll(() => pushed.sockets.length, soon).toBe(1);
    const streamed = await come({ refuseSockets: true });
    await said(admin, streamed, 'Sam');
    await expect.poll(() => streamed.streams.length, soon).toBe(1);
    const polling = await come({ refuseSockets: true, refuseStreams: true });
    await said(admin, polling, 'Pol');
    const asked = await come({}, ' data-consent="required"');
    expect(asked.asked()).toEqual(['GET /mibew.js']);
    const chatting = await come();
    await said(admin, chatting, 'Kim');
    const sent: string[] = [];
    chatting.visitor.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => void sent.push(String(payload))),
    );
    await openChat(chatting.visitor);
    await chatting.visitor.say('Is it heavy?');
    await toQueue(admin);
    await rowOf(admin, 'Is it heavy?').click();
    await admin.sees('Is it heavy?');
    await expect.poll(() => sent.some((frame) => frame.includes('widgetContact')), soon).toBe(true);

    const office = await admin.page.context().newPage();
    await office.goto(`${world.server.url}/operator/plugin`);
    await office.getByRole('link', { name: 'Switch off: Visitors of the site' }).click();
    await office.getByText('Stops with it').waitFor(soon);
    expect(await office.locator('.mb-facts').textContent()).toMatch(/Invitations/);
    const cached = await come();
    await toBoard(admin);
    await said(admin, cached, 'Cai');
    await cached.visitor.page.goto('about:blank');

    const open = [pushed, streamed, polling, asked];
    // Nobody comes by himself meanwhile.
    for (const { visitor } of open)
      await visitor.page.clock.pauseAt((await visitor.page.evaluate(() => Date.now())) + 500);
    for (const guest of [...open, cached, chatting]) guest.forget();
    await office.getByRole('button', { name: 'Switch off' }).click();
    await office.getByText('Visitors of the site is off.').waitFor(soon);

    // Those who can be told at once are, and operators see it.
    await toBoard(admin);
    await admin.page.getByText('Visitors cannot be shown').waitFor(soon);
    await toQueue(admin);
    await expect.poll(() => pushed.sockets.every((socket) => socket.isClosed()), soon).toBe(true);
    await expect.poll(() => streamed.streams.every((stream) => stream.ended), soon).toBe(true);
    // The others hear it with their next contact.
    const next = polling.visitor.page.waitForRequest('**/widget');
    while (polling.asked().length === 0) await polling.visitor.page.clock.runFor(500);
    await (await (await next).response())?.finished();
    await asked.visitor.page.clock.resume();
    await tell(asked.visitor.page, 'consent', true);
    await expect.poll(() => asked.asked().length, soon).toBe(1);

    const late = await cached.another();
    await expect.poll(() => cached.asked().length, soon).toBe(3);
    const later = await come();

    for (const guest of [...open, later]) await guest.aDayLater();
    await cached.aDayLater(late);
    expect([pushed.asked(), streamed.asked()]).toEqual([[], []]);
    expect(polling.asked()).toEqual(['POST /widget']);
    expect(asked.asked()).toEqual(['GET /plugins/widget/part/tracking.js']);
    // Hello, and one contact.
    expect(cached.asked()).toEqual(['upgrade /widget', 'frame /widget', 'frame /widget']);
    expect(later.asked()).toEqual(['GET /mibew.js']);

    // A conversation goes on without it, over the same socket.
    const { visitor } = chatting;
    const contacts = () => sent.filter((frame) => frame.includes('widgetContact'));
    const before = contacts().length;
    await visitor.say('Hello?');
    await admin.sees('Hello?');
    await visitor.page.clock.runFor('02:00');
    await admin.say('Two kilogrammes');
    await visitor.sees('Two kilogrammes');
    expect(contacts().slice(before)).toEqual([]);
    expect(chatting.asked().filter((one) => one.endsWith('/widget'))).toEqual([]);

    await office.getByRole('link', { name: 'Switch on: Visitors of the site' }).click();
    await office.getByRole('button', { name: 'Switch on' }).click();
    await office.getByText('Visitors of the site is on.').waitFor(soon);
    await toBoard(admin);
    await said(admin, await come(), 'Ned');
    for (const guest of [...open, cached, later, chatting]) guest.visitor.watch.calm();
    expect([pushed.asked(), streamed.asked(), later.asked()]).toEqual([[], [], ['GET /mibew.js']]);
  }, 240_000);
});
