/** Operators write to each other in a conversation; its visitor never hears of it. */
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, rowOf, type Person } from './people.ts';
import { accessFaults, layoutFaults } from './layout.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'a note', () => {
  const world = openWorld({
    start: () => startServer({ without: beforeChat }),
    operators: [
      ['ann', 'Ann', '--admin'],
      ['bob', 'Bob', '--admin'],
    ],
    attended: true,
  });

  it('is written by who has the conversation and by who only watches, and read by operators alone', async () => {
    const { ann, server } = world;
    const bob = await world.operator(server.url, undefined, { login: 'bob' });
    const visitor = await world.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Which blue?');
    await rowOf(ann, 'Which blue?').click();
    await ann.sees('Which blue?');

    const note = ann.chat.getByRole('button', { name: 'Write a note for operators' });
    await note.click();
    expect(await note.getAttribute('aria-pressed')).toBe('true');
    await ann.say('Wants the light one, I think.');
    await ann.sees('Wants the light one, I think.');
    await note.click();
    expect(await note.getAttribute('aria-pressed')).toBe('false');
    await ann.say('The light one?');
    await visitor.sees('The light one?');

    await rowOf(bob, 'Which blue?').click();
    await bob.page.getByRole('button', { name: 'Watch only' }).click();
    await bob.sees('Wants the light one, I think.');
    await bob.chat.getByRole('button', { name: 'More' }).click();
    await bob.chat.locator('[data-entry=note]').click();
    await bob.say('It is sold out.');
    await ann.sees('It is sold out.');

    await ann.say('Sorry, it is sold out: the dark one?');
    await visitor.sees('Sorry, it is sold out: the dark one?');
    expect(await visitor.chat.getByText(/Wants the light|^It is sold out/).count()).toBe(0);
    await visitor.page.reload();
    await visitor.chat.getByText('The light one?').waitFor(soon);
    expect(await visitor.chat.getByText(/Wants the light|^It is sold out/).count()).toBe(0);
    for (const one of [ann, bob, visitor]) one.watch.calm();
  }, 180_000);

  it('about a visitor stands beside his conversation, for every operator who looks at him', async () => {
    const { ann, server } = world;
    const bob = await world.operator(server.url, undefined, { login: 'bob' });
    const visitor = await world.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Which green?');
    for (const one of [ann, bob]) await rowOf(one, 'Which green?').click();
    const notes = ({ page }: Person) => page.getByRole('region', { name: /^Notes/ });
    const field = ({ page }: Person) => page.getByLabel('A new note about this visitor');
    const items = (one: Person) => notes(one).getByRole('listitem');
    await field(bob).waitFor(soon);

    await field(ann).focus();
    await ann.page.keyboard.type('Wants the <b>light</b> one');
    await ann.page.keyboard.press('Enter');
    await ann.page.keyboard.type('and pays late.');
    await ann.page.keyboard.press('Control+Enter');
    await items(ann).getByText('Wants the <b>light</b> one').waitFor(soon);
    await items(bob).getByText('Wants the <b>light</b> one').waitFor(soon);
    expect(await field(ann).inputValue()).toBe('');
    expect(await items(bob).locator('time').textContent()).toBe('now');
    expect(await items(bob).locator('time').getAttribute('title')).toMatch(/\d/);

    await field(ann).fill('  ');
    await notes(ann).getByRole('button', { name: 'Save' }).click();
    await notes(ann).getByText('Write something first.').waitFor(soon);
    expect(await field(ann).getAttribute('aria-invalid')).toBe('true');
    for (const one of [ann, bob])
      expect([await accessFaults(one.page), await layoutFaults(one.page)]).toEqual([[], []]);

    // What somebody writes stays his while somebody else's note comes in.
    await items(ann).hover();
    await notes(ann)
      .getByRole('button', { name: /^Change the note/ })
      .click();
    const own = notes(ann).getByLabel('Change the note', { exact: true });
    await own.fill('Wants the dark one');
    await field(bob).fill('Called twice.');
    await field(bob).press('Control+Enter');
    await items(ann).getByText('Called twice.').waitFor(soon);
    expect(await own.inputValue()).toBe('Wants the dark one');
    await own.press('Control+Enter');
    await items(bob).getByText('Wants the dark one').waitFor(soon);

    await items(bob).filter({ hasText: 'Called twice.' }).hover();
    await notes(bob).getByRole('button', { name: 'Delete the note “Called twice.”' }).click();
    await items(ann)
      .getByText('Called twice.')
      .waitFor({ ...soon, state: 'detached' });
    await bob.page.keyboard.press('Enter');
    await items(ann).getByText('Called twice.').waitFor(soon);
    await notes(bob).getByText('The note is back.').waitFor(soon);
    expect(await visitor.page.content()).not.toContain('Called twice');
    for (const one of [ann, bob, visitor]) one.watch.calm();
  }, 180_000);
});
