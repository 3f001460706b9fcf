/** Marks on own messages, and what a visitor types before he sends it, in real browsers. */
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, rowOf, type Person } from './people.ts';
import { expectSound } from './views.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'while two people talk', () => {
  const world = openWorld({ start: () => startServer({ without: beforeChat }), attended: true });
  const { set } = world;

  async function visit(before?: (page: Page) => Promise<void>): Promise<Person> {
    const visitor = await world.visitor(world.shop.url);
    await before?.(visitor.page);
    await openChat(visitor);
    await visitor.field.waitFor(soon);
    return visitor;
  }
  /** The mark on a message of this person. */
  const markOn = ({ chat }: Person, text: string, mark: string) =>
    chat.getByRole('listitem').filter({ hasText: text }).getByRole('img', { name: mark, exact: true }).waitFor(soon);
  const sound = ({ page }: Person, name: string) => expectSound(page, name, { widths: [1440, 1280, 390] });

  it('each sees what the other one got, and what he has read', async () => {
    const visitor = await visit();
    await visitor.say('Is anybody there?');
    await markOn(visitor, 'Is anybody there?', 'Sent');
    await rowOf(world.ann, 'Is anybody there?').click();
    await markOn(visitor, 'Is anybody there?', 'Read');

    await world.ann.say('At your service');
    await markOn(world.ann, 'At your service', 'Read');
    await visitor.page.keyboard.press('Escape');
    await world.ann.say('Still there?');
    await markOn(world.ann, 'Still there?', 'Delivered');
    await sound(world.ann, 'receipts-agent');
    await openChat(visitor);
    await markOn(world.ann, 'Still there?', 'Read');
    await sound(visitor, 'receipts-visitor');

    // What is marked stays so over a reload.
    await visitor.page.reload();
    await markOn(visitor, 'Is anybody there?', 'Read');
    visitor.watch.calm();
  });

  it('loads nothing for typing while nobody is to see it; the operator sees what is typed when that is on', async () => {
    const asked: string[] = [];
    const note = async (page: Page) => {
      page.on('request', (request) => asked.push(`${new URL(request.url()).pathname} ${request.postData() ?? ''}`));
      page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => asked.push(String(payload))));
    };
    const first = await visit(note);
    await first.say('Nobody shall look over my shoulder');
    await first.write('My secret');
    await first.chat.getByText('is writing').or(first.chat.getByRole('log')).first().waitFor(soon);
    expect(asked.filter((text) => /preview-part|"preview"|My secret/.test(text))).toEqual([]);
    expect(await first.chat.getByText('The operator can see what you type.').count()).toBe(0);

    set('preview_enabled', 'on');
    const visitor = await visit(note);
    const notice = visitor.chat.getByRole('status').getByText('The operator can see what you type.');
    await visitor.chat.getByText('The operator can see what you type.').waitFor(soon);
    expect(await notice.count()).toBe(1);
    await visitor.say('You may look');
    await rowOf(world.ann, 'You may look').click();
    await visitor.write('A <b>bold</b> plan');
    const typed = world.ann.chat.getByRole('group', { name: 'Being typed, not sent yet' });
    await typed.getByText('A <b>bold</b> plan', { exact: true }).waitFor(soon);
    expect(await typed.locator('b').count()).toBe(0);
    await sound(world.ann, 'preview-agent');
    await sound(visitor, 'preview-visitor');
    await visitor.say('A better plan');
    await world.ann.sees('A better plan');
    await typed.waitFor({ ...soon, state: 'hidden' });
    await visitor.write('x');
    await typed.getByText('x', { exact: true }).waitFor(soon);

    set('preview_enabled', 'off');
    await visitor.write('y');
    await visitor.chat.getByText('The operator can see what you type.').waitFor({ ...soon, state: 'detached' });
    visitor.watch.calm();
  });

  it('does the same where sockets are refused', async () => {
    set('preview_enabled', 'on');
    onTestFinished(() => set('preview_enabled', 'off'));
    const visitor = await visit((page) => page.routeWebSocket(/thread\/update/, (socket) => void socket.close()));
    await visitor.say('By post');
    await rowOf(world.ann, 'By post').click();
    await markOn(visitor, 'By post', 'Read');
    await visitor.write('And so');
    await world.ann.chat
      .getByRole('group', { name: 'Being typed, not sent yet' })
      .getByText('And so', { exact: true })
      .waitFor(soon);
    await world.ann.say('I see');
    await markOn(world.ann, 'I see', 'Read');
  });
});
