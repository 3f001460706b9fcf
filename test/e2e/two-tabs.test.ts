/** People have several tabs, several computers, and close what they still need. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, endConversation, openChat, patience, rowOf, tabOf, type Person } from './people.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const offline = /ERR_INTERNET_DISCONNECTED|WebSocket connection to/;

describeWith([chromium], 'with more than one tab', () => {
  const world = openWorld({ start: () => startServer({ without: beforeChat }), attended: true });
  let visitors = 0;

  /** Somebody new in conversation with Ann. */
  async function talking(): Promise<Person> {
    const hello = `Hello from visitor ${(visitors += 1)}`;
    const visitor = await world.visitor(`${world.server.url}/demo`, { expected: [offline] });
    await openChat(visitor);
    await visitor.say(hello);
    await rowOf(world.ann, hello).click();
    await world.ann.sees(hello);
    return visitor;
  }
  const network = (page: Page, there: boolean) => page.context().setOffline(!there);
  const three = ['Unsent 1', 'Unsent 2', 'Unsent 3'];

  it('shows one conversation in both tabs, and each keeps its own draft', async () => {
    const first = await talking();
    const second = await tabOf(first, `${world.server.url}/demo`);
    await first.say('Written in the first');
    await second.sees('Written in the first');
    await second.say('Written in the second');
    await first.sees('Written in the second');
    await first.write('first draft');
    await second.write('second draft');
    await first.page.reload();
    await second.page.reload();
    await expect.poll(() => first.field.inputValue(), soon).toBe('first draft');
    await expect.poll(() => second.field.inputValue(), soon).toBe('second draft');
    await world.ann.sees('Written in the second');
    await endConversation(world.ann);
    for (const tab of [first, second]) await tab.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
    first.watch.calm();
  });

  it('sends from the tab that is left what a closed one could not, in order and once', async () => {
    const left = await talking();
    const closed = await tabOf(left, `${world.server.url}/demo`);
    await closed.sees(`Hello from visitor ${visitors}`);
    await network(left.page, false);
    for (const text of three) await closed.say(text);
    await closed.page.close();
    await network(left.page, true);
    await expect.poll(() => world.ann.texts('Unsent'), soon).toEqual(three);
    await expect.poll(() => left.texts('Unsent'), soon).toEqual(three);
    await world.ann.say('All of it came');
    await left.sees('All of it came');
    expect(await world.ann.texts('Unsent')).toEqual(three);
    await endConversation(world.ann);
    left.watch.calm();
  });

  it('sends from the next page what the last tab could not, before anybody clicks', async () => {
    const visitor = await talking();
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await openChat(visitor);
    await network(visitor.page, false);
    for (const text of three) await visitor.say(text);
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    const { page: before } = visitor;
    const context = before.context();
    await before.close();
    await context.setOffline(false);
    const next = await tabOf(visitor, `${world.server.url}/demo`);
    await expect.poll(() => world.ann.texts('Unsent'), soon).toEqual(three);
    await openChat(next);
    await expect.poll(() => next.texts('Unsent'), soon).toEqual(three);
    await endConversation(world.ann);
    visitor.watch.calm();
  });

  it('counts on the button what came while the chat was put away', async () => {
    const visitor = await talking();
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await world.ann.say('Are you there?');
    await visitor.page.getByRole('button', { name: 'Open the chat, unread messages: 1' }).waitFor(soon);
    await world.ann.say('Hello?');
    await visitor.page.getByRole('button', { name: 'Open the chat, unread messages: 2' }).waitFor(soon);
    await openChat(visitor);
    await visitor.sees('Hello?');
    await visitor.chat.getByRole('button', { name: 'Minimise the chat' }).click();
    await visitor.page.getByRole('button', { name: 'Open the chat', exact: true }).waitFor(soon);
    await endConversation(world.ann);
    visitor.watch.calm();
  });

  it('lets an operator go on in another browser', async () => {
    const visitor = await talking();
    const elsewhere = await world.operator(world.server.url);
    await rowOf(elsewhere, `Hello from visitor ${visitors}`).click();
    await elsewhere.say('I am at the other desk now');
    await world.ann.sees('I am at the other desk now');
    await visitor.sees('I am at the other desk now');
    await world.ann.say('And back');
    await elsewhere.sees('And back');
    await visitor.say('Both of you, welcome');
    for (const desk of [world.ann, elsewhere]) await desk.sees('Both of you, welcome');
    await endConversation(elsewhere);
    await world.ann.chat.getByText('This conversation has ended.').waitFor(soon);
    await visitor.chat.getByText(/^This conversation has ended\. /).waitFor(soon);
    elsewhere.watch.calm();
    visitor.watch.calm();
  });
});
