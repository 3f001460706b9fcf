/** One operator serves six visitors at once, and touches nothing but the keyboard. */
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, type Person } from './people.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'by keyboard only', () => {
  const world = openWorld({
    start: () => startServer({ without: beforeChat }),
    operators: [
      ['ann', 'Ann', '--admin'],
      ['bob', 'Bob'],
    ],
  });

  it('one operator serves six visitors at once, and each gets his own answers', async () => {
    const bob = await world.operator(world.server.url, undefined, { login: 'bob' });
    const ann = await world.operator(world.server.url, undefined, { viewport: { width: 1440, height: 900 } });
    const { page } = ann;
    await page.evaluate(() => {
      const counted = window as unknown as { pressed: number };
      counted.pressed = 0;
      for (const type of ['pointerdown', 'mousedown', 'touchstart', 'wheel'])
        addEventListener(type, () => (counted.pressed += 1), true);
    });
    const press = (keys: string) => page.keyboard.press(keys);
    const say = async (text: string) => {
      await page.keyboard.type(text);
      await press('Control+Enter');
    };
    /** The conversation that keys are about. */
    const front: Locator = page.locator('.mb-desk__pane:visible').filter({ has: page.locator(':focus') });
    /** The visitor's conversation is in front, and its writing field has the focus. */
    const writingTo = async (number: number) => {
      await front.getByRole('log').getByText(`Hello from visitor ${number}`, { exact: true }).waitFor(soon);
      await expect.poll(() => page.evaluate(() => document.activeElement?.localName), soon).toBe('textarea');
    };
    const visitors: Person[] = [];
    const of = (number: number) => visitors[number - 1]!;
    const question = page.getByRole('button', { name: 'End it' }).filter({ visible: true });
    /** Ends the conversation in front, past the question. */
    const confirm = async (number: number) => {
      await question.waitFor(soon);
      await press('Enter');
      await of(number)
        .chat.getByText(/^This conversation has ended\. /)
        .waitFor(soon);
      await expect.poll(() => page.locator('dialog[open]').count(), soon).toBe(0);
    };
    /** Finds something in the palette and goes there. */
    const find = async (words: string, name: RegExp) => {
      await press('Control+k');
      await page.getByRole('combobox').waitFor(soon);
      await page.keyboard.type(words);
      await page.getByRole('option', { name, selected: true }).waitFor(soon);
      await press('Enter');
    };
    const queue = page.getByRole('region', { name: 'Queue' });

    for (let number = 1; number <= 6; number += 1) {
      const visitor = await world.visitor(`${world.server.url}/demo`);
      await openChat(visitor);
      await visitor.say(`Hello from visitor ${number}`);
      visitors.push(visitor);
      await queue.getByText(`Hello from visitor ${number}`).waitFor(soon);
    }

    // Two keys to the next visitor: one takes who has waited longest, and what is typed then is the answer.
    await press('n');
    await writingTo(1);
    await say('Good morning, number 1');
    await of(1).sees('Good morning, number 1');
    for (const number of [2, 3, 4, 5, 6]) {
      await press('Alt+n');
      await writingTo(number);
      await say(`Good morning, number ${number}`);
      await of(number).sees(`Good morning, number ${number}`);
    }

    // Who wrote first is answered first.
    const badge = page.locator('.mb-seat .mb-count');
    await of(2).say('Again from visitor 2');
    await badge.first().waitFor(soon);
    await of(4).say('Again from visitor 4');
    await expect.poll(() => badge.count(), soon).toBe(2);
    for (const number of [2, 4]) {
      await press('Alt+a');
      await writingTo(number);
      await say(`More for number ${number}`);
      await of(number).sees(`More for number ${number}`);
    }

    // A draft stays with its conversation.
    await press('Alt+1');
    await writingTo(1);
    await page.keyboard.type('Half a sentence');
    await press('Control+ArrowDown');
    await writingTo(2);
    await press('Control+ArrowUp');
    await writingTo(1);
    await press('Control+Enter');
    await of(1).sees('Half a sentence');

    // A note for colleagues, and back to answers.
    await press('Alt+3');
    await writingTo(3);
    await press('Alt+m');
    await front.getByLabel('Write a note that only operators see…').waitFor(soon);
    await say('Asks every week');
    await front.locator('.mb-message--note', { hasText: 'Asks every week' }).waitFor(soon);
    await press('Alt+m');
    await say('I am looking it up');
    await of(3).sees('I am looking it up');

    // A prepared answer.
    await press('Alt+5');
    await writingTo(5);
    await press('Alt+c');
    await front.getByRole('option').first().waitFor(soon);
    await press('ArrowDown');
    await press('Enter');
    const prepared = await page.evaluate(() => (document.activeElement as HTMLTextAreaElement).value);
    expect(prepared).not.toMatch(/^\/?$/);
    await press('Control+Enter');
    await of(5).sees(prepared);

    // Two side by side: the focus says whom it is about.
    await press('Alt+b');
    await expect.poll(() => page.locator('.mb-desk__pane:visible').count(), soon).toBe(2);
    const [one, other] = await page.locator('.mb-desk__pane:visible textarea').all();
    await press('Alt+s');
    const focused = (field: Locator | undefined) => field!.evaluate((each) => each === document.activeElement);
    await expect.poll(async () => [await focused(one), await focused(other)].filter(Boolean).length, soon).toBe(1);
    await press('Alt+Shift+b');
    await expect.poll(() => page.locator('.mb-desk__pane:visible').count(), soon).toBe(1);

    // Handed over.
    await press('Alt+6');
    await writingTo(6);
    await press('Alt+h');
    const dialog = front.getByRole('dialog', { name: 'Hand over the conversation' });
    await dialog.getByRole('radio').first().waitFor(soon);
    await page.keyboard.type('bob');
    await dialog.getByRole('radio', { name: /Bob/, checked: true }).waitFor(soon);
    await press('Enter');
    await dialog.waitFor({ ...soon, state: 'detached' });
    await bob.page.locator('[data-rows=addressed]').getByText('Hello from visitor 6').waitFor(soon);
    await bob.page.keyboard.press('n');
    await expect.poll(() => bob.page.evaluate(() => document.activeElement?.localName), soon).toBe('textarea');
    await bob.page.keyboard.type('Bob here');
    await bob.page.keyboard.press('Control+Enter');
    await of(6).sees('Bob here');

    // Found by what was said, ended by what it is called; the next who waits for an answer comes to the front.
    await of(3).say('And the price?');
    await badge.first().waitFor(soon);
    await find('visitor 5', /Hello from visitor 5/);
    await writingTo(5);
    await find('end conv', /End the conversation/);
    await confirm(5);
    await writingTo(3);
    await say('Ten euros');
    await of(3).sees('Ten euros');
    // A slip is undone: what was put away is back, from inside the writing field.
    await press('Alt+z');
    await page.locator('.mb-seat--over.mb-seat--active').waitFor(soon);
    await press('Alt+w');
    await page.locator('.mb-seat--over').waitFor({ ...soon, state: 'detached' });

    for (const number of [1, 2, 3, 4]) {
      await find(`visitor ${number}`, new RegExp(`Hello from visitor ${number}`));
      await writingTo(number);
      await press('Alt+x');
      await confirm(number);
    }
    await page.locator('[data-section=mine]').waitFor({ ...soon, state: 'hidden' });

    const heard = (number: number) =>
      of(number).texts('(?:Good morning|More for|Half|I am looking|Ten euros|Bob here)');
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(heard))).toEqual([
      ['Good morning, number 1', 'Half a sentence'],
      ['Good morning, number 2', 'More for number 2'],
      ['Good morning, number 3', 'I am looking it up', 'Ten euros'],
      ['Good morning, number 4', 'More for number 4'],
      ['Good morning, number 5'],
      ['Good morning, number 6', 'Bob here'],
    ]);
    for (const { page: his } of visitors) expect(await his.content()).not.toContain('Asks every week');
    expect(await page.evaluate(() => (window as unknown as { pressed: number }).pressed)).toBe(0);
    for (const person of [ann, bob, ...visitors]) person.watch.calm();
  }, 240_000);
});
