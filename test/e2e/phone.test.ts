/** An operator with a phone in his hand: everything by touch, one thing on the screen at a time. */
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience } from './people.ts';
import { faultsOf } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'on a phone', () => {
  const world = openWorld({ start: () => startServer({ without: beforeChat }) });

  it('takes, answers, looks who it is, goes back and ends, by touch alone', async () => {
    const ann = await world.operator(world.server.url, undefined, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = ann;
    const visitor = await world.visitor(`${world.server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Is the lamp dimmable?');

    const queue = page.getByRole('region', { name: 'Queue' });
    const row = queue.getByRole('button', { name: 'Is the lamp dimmable?' });
    await row.tap();
    await ann.sees('Is the lamp dimmable?');
    // One thing at a time: the queue made room.
    await queue.waitFor({ ...soon, state: 'hidden' });
    expect(await faultsOf(page, 'phone-talking', { widths: [390] })).toEqual([]);

    await ann.field.tap();
    await page.keyboard.type('It is, from 5 to 100 %');
    await ann.chat.getByRole('button', { name: 'Send' }).tap();
    await visitor.sees('It is, from 5 to 100 %');

    const facts = page.getByRole('complementary', { name: 'About the visitor' });
    await page.getByRole('button', { name: 'About the visitor' }).tap();
    await facts.getByText('Browser').waitFor(soon);
    expect(await faultsOf(page, 'phone-facts', { widths: [390] })).toEqual([]);
    await facts.getByRole('button', { name: 'Hide what is known about the visitor' }).tap();
    await facts.waitFor({ ...soon, state: 'hidden' });

    // Back to the queue, where the next words of the visitor are counted.
    await page.getByRole('button', { name: 'Back to the queue' }).tap();
    await row.waitFor(soon);
    await visitor.say('And how warm is it?');
    await queue.locator('.mb-thread__unread').waitFor(soon);
    await row.tap();
    await ann.sees('And how warm is it?');
    await queue.locator('.mb-thread__unread').waitFor({ ...soon, state: 'detached' });

    await ann.chat.getByRole('button', { name: 'More' }).tap();
    await ann.chat.getByRole('button', { name: 'End the conversation' }).tap();
    await ann.chat.getByRole('button', { name: 'End it' }).tap();
    await visitor.chat.getByText(/^This conversation has ended\. /).waitFor(soon);

    // Put away, and brought back.
    await page.getByRole('button', { name: /^Put away the conversation/ }).tap();
    await queue.waitFor(soon);
    await page.getByRole('button', { name: 'Bring it back' }).tap();
    await ann.sees('And how warm is it?');
    await page.getByRole('button', { name: /^Put away the conversation/ }).tap();
    await queue.waitFor(soon);
    await queue.getByText('Nobody is waiting').first().waitFor(soon);
    ann.watch.calm();
    visitor.watch.calm();
  }, 120_000);
});
