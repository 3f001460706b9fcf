/** Operators write to each other in a conversation; its visitor never hears of it. */
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, rowOf } from './people.ts';
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
});
