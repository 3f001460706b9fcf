/** Operators and rules ask visitors into a conversation, and hear what became of it. */
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { startServer } from '../support/server.ts';
import { cardOf, invite, onBoard, tell, toBoard } from './board.ts';
import { chromium, endConversation, patience, tabOf, type Person } from './people.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const gone = { ...soon, state: 'detached' } as const;

const popupOf = ({ page }: Person): Locator => page.locator('#mibew-invitation-popup');
const accept = (visitor: Person) => popupOf(visitor).getByRole('button', { name: 'Chat now' }).click();
const reject = (visitor: Person) => popupOf(visitor).getByRole('button', { name: 'No, thank you' }).click();

describeWith([chromium], 'an invitation', () => {
  // The survey is on, as it is by itself: who is invited is not asked.
  const world = openWorld({ start: () => startServer({ with: ['tracking', 'invitation'] }), attended: true });

  /** Somebody whom the board calls by a name. */
  async function guest(name: string, path = '/'): Promise<Person> {
    const visitor = await world.visitor(world.shop.url + path);
    await tell(visitor.page, 'identify', { name });
    return visitor;
  }
  /** What became of it, as the board shows it and says it. */
  async function toldOf(name: string, badge: string, words: string): Promise<void> {
    await onBoard(world.ann, name).locator('.mb-badge').getByText(badge).waitFor(soon);
    await world.ann.page.getByRole('status').getByText(`${name} ${words}`).waitFor(soon);
    await world.ann.page.locator('[data-visitors-section=invited]').waitFor({ ...soon, state: 'hidden' });
  }
  /** The operator is in the middle of something else, and is told. */
  const openAccepted = (name: string) =>
    world.ann.page
      .locator('.mb-toast')
      .filter({ hasText: `${name} accepted the invitation` })
      .getByRole('button', { name: 'Open' })
      .click();

  it('that is accepted leads straight into the conversation with who invited, in the page and on the desk', async () => {
    const { ann } = world;
    const zoe = await guest('Zoe');
    await toBoard(ann);
    await invite(ann, 'Zoe', 'Do you need a <b>hand</b>?');
    await onBoard(ann, 'Zoe').getByText('Invited by Ann').waitFor(soon);
    await popupOf(zoe).getByText('Do you need a <b>hand</b>?').waitFor(soon);
    await zoe.page.getByRole('dialog', { name: 'Ann' }).waitFor(soon);

    await accept(zoe);
    await popupOf(zoe).waitFor(gone);
    await zoe.sees('Do you need a <b>hand</b>?');
    expect(await zoe.chat.getByRole('button', { name: 'Start the chat' }).count()).toBe(0);
    await zoe.say('Yes, with the lamp');
    // Nobody has to look for it: it has come to the desk.
    await ann.sees('Yes, with the lamp');
    await ann.sees('Do you need a <b>hand</b>?');
    await onBoard(ann, 'Zoe').waitFor(gone);
    await ann.say('Which one is it?');
    await zoe.sees('Which one is it?');

    await endConversation(ann);
    await zoe.chat.getByText(/^This conversation has ended/).waitFor(soon);
    await toBoard(ann);
    await onBoard(ann, 'Zoe').getByText('Accepted').waitFor(soon);
    await onBoard(ann, 'Zoe').getByText('One chat').waitFor(soon);
    zoe.watch.calm();
  }, 120_000);

  it('that is declined is over, and he may be invited again', async () => {
    const { ann } = world;
    const per = await guest('Per');
    await toBoard(ann);
    await invite(ann, 'Per', 'May I help you?');
    await popupOf(per).waitFor(soon);
    await reject(per);
    await popupOf(per).waitFor(gone);
    await toldOf('Per', 'Declined', 'declined your invitation');
    await invite(ann, 'Per', 'Are you sure?');
    await popupOf(per).getByText('Are you sure?').waitFor(soon);
    await cardOf(ann).getByRole('button', { name: 'Withdraw the invitation' }).click();
    await popupOf(per).waitFor(gone);
    per.watch.calm();
  }, 120_000);

  it('that nobody answers goes after its time', async () => {
    const { ann } = world;
    world.set('invitation_lifetime', '10');
    const ole = await guest('Ole');
    await toBoard(ann);
    await invite(ann, 'Ole', 'May I help you?');
    await popupOf(ole).waitFor(soon);
    await popupOf(ole).waitFor(gone);
    await toldOf('Ole', 'No answer', 'did not answer your invitation');
    world.set('invitation_lifetime', '600');
    ole.watch.calm();
  }, 120_000);

  it('is declined by going to another page, and does not follow there', async () => {
    const { ann } = world;
    const una = await guest('Una');
    await toBoard(ann);
    await invite(ann, 'Una', 'May I help you?');
    await popupOf(una).waitFor(soon);
    await una.page.getByRole('link', { name: 'Next page' }).click();
    await toldOf('Una', 'Declined', 'declined your invitation');
    await onBoard(ann, 'Una').getByText('The next page').waitFor(soon);
    expect(await popupOf(una).count()).toBe(0);
    una.watch.calm();
  }, 120_000);

  it('shows in each tab, and is answered in one of them for all', async () => {
    const { ann } = world;
    const ida = await guest('Ida');
    const other = await tabOf(ida, world.shop.url);
    await toBoard(ann);
    await invite(ann, 'Ida', 'May I help you?');
    await Promise.all([ida, other].map((tab) => popupOf(tab).waitFor(soon)));
    await reject(ida);
    await Promise.all([ida, other].map((tab) => popupOf(tab).waitFor(gone)));
    await toldOf('Ida', 'Declined', 'declined your invitation');

    await invite(ann, 'Ida', 'Really not?');
    await Promise.all([ida, other].map((tab) => popupOf(tab).getByText('Really not?').waitFor(soon)));
    await accept(other);
    await Promise.all([ida, other].map((tab) => popupOf(tab).waitFor(gone)));
    await other.sees('Really not?');
    await other.say('Well, yes');
    await openAccepted('Ida');
    await ann.sees('Well, yes');
    await endConversation(ann);
    ida.watch.calm();
  }, 120_000);

  it('comes by rule, where somebody goes to the page that it is for', async () => {
    const { ann } = world;
    const { page } = await world.operator(world.server.url, '/operator/invitation');
    await page.getByRole('link', { name: 'Add a rule' }).first().click();
    await page.getByLabel('Name', { exact: false }).first().fill('Sale');
    await page.getByLabel('Page', { exact: true }).fill('/sale*');
    await page.getByLabel('Seconds on the page').fill('0');
    await page.getByLabel('First message').fill('Everything is half off today');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor(soon);

    const wes = await guest('Wes');
    await toBoard(ann);
    await onBoard(ann, 'Wes').waitFor(soon);
    expect(await popupOf(wes).count()).toBe(0);
    await wes.page.evaluate(() => history.pushState({}, '', '/sale/lamps'));
    await popupOf(wes).getByText('Everything is half off today').waitFor(soon);
    await onBoard(ann, 'Wes').getByText('Invited by Ann').waitFor(soon);
    await accept(wes);
    await wes.sees('Everything is half off today');
    await wes.say('Is this one, too?');
    await openAccepted('Wes');
    await ann.sees('Is this one, too?');
    await endConversation(ann);

    await page.getByRole('link', { name: 'Statistics' }).click();
    const row = (heading: string, name: string) =>
      page.getByRole('region', { name: heading }).getByRole('row').filter({ hasText: name });
    const numbers = (found: Locator) => found.locator('.mb-number').allTextContents();
    // Invited, accepted, how many of them, rejected, ignored.
    expect((await numbers(row('By rule', 'Sale'))).slice(0, 2)).toEqual(['1', '1']);
    expect((await numbers(row('By rule', 'By hand'))).filter((_, at) => at !== 2)).toEqual(['7', '2', '3', '1']);
    wes.watch.calm();
  }, 120_000);
});
