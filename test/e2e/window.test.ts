/** The chat window in somebody's page under the strictest policy, and what is loaded only when it is asked for. */
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, rowOf, type Person, type PersonOptions } from './people.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'the chat window', () => {
  const world = openWorld({ start: () => startServer({ without: beforeChat }), attended: true });

  async function visit(options?: PersonOptions): Promise<Person> {
    const visitor = await world.visitor(world.shop.url, options);
    await openChat(visitor);
    await visitor.field.waitFor(soon);
    return visitor;
  }

  it('loads the picker of emoji on the first click, in the colours of the chat, and puts one where the cursor is', async () => {
    const visitor = await visit();
    const { page, chat } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visitor.field.fill('Hello  there');
    await visitor.field.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(6, 6));
    expect(asked.filter((path) => path.includes('emoji'))).toEqual([]);
    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    const picker = chat.getByRole('dialog', { name: 'Emoji' });
    await picker.waitFor(soon);
    expect(asked.filter((path) => path.includes('emoji')).length).toBeGreaterThan(2);
    // The sheet of the part has arrived in the shadow root.
    expect(await picker.evaluate((element) => getComputedStyle(element).position)).toBe('absolute');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await visitor.field.inputValue()).toBe('Hello 😃 there');
    await picker.waitFor({ ...soon, state: 'detached' });

    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    await picker.getByRole('region', { name: 'Used lately' }).getByText('😃').waitFor(soon);
    await page.keyboard.press('Escape');
    await picker.waitFor({ ...soon, state: 'detached' });
    // The panel itself stays.
    await visitor.field.waitFor(soon);
    await visitor.say('One 👍 for you');
    await rowOf(world.ann, 'One 👍 for you').click();
    await world.ann.sees('One 👍 for you');
    visitor.watch.calm();
  });

  it('offers the picker again where it could not be loaded', async () => {
    const visitor = await visit({ expected: [/emoji-part/, /dynamically imported module/] });
    const { page, chat } = visitor;
    await page.route('**/assets/emoji-part-*', (route) => route.abort());
    await chat.getByRole('button', { name: 'Insert an emoji' }).click();
    await page.unroute('**/assets/emoji-part-*');
    await expect
      .poll(async () => {
        await chat.getByRole('button', { name: 'Insert an emoji' }).click();
        return chat.getByRole('dialog', { name: 'Emoji' }).isVisible();
      }, soon)
      .toBe(true);
  });

  it('says so in the moment in which the browser knows that the network is gone, before anything has failed', async () => {
    const visitor = await visit();
    await visitor.say('Is it you?');
    await visitor.sees('Is it you?');
    // Nothing of his waits any more: what waits changes the words.
    await rowOf(world.ann, 'Is it you?').waitFor(soon);
    await expect.poll(() => visitor.chat.locator('.mb-message--waiting').count(), soon).toBe(0);
    const banners = visitor.chat.locator('[data-part="banners"]');
    // Nothing is cut here: the server goes on answering, so that nothing but the event can tell.
    const becomes = (online: boolean) =>
      banners.evaluate((element, now) => {
        Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => now });
        window.dispatchEvent(new Event(now ? 'online' : 'offline'));
        return element.textContent;
      }, online);
    expect(await banners.textContent()).toBe('');
    expect(await becomes(false)).toContain('Connection lost. Trying again…');
    // What is heard over the old connection is no proof of a new one.
    await rowOf(world.ann, 'Is it you?').click();
    await world.ann.say('It is me');
    await visitor.sees('It is me');
    expect(await banners.textContent()).toContain('Connection lost');
    expect(await becomes(true)).toBe('');
    visitor.watch.calm();
  });

  it('says at once that the network is gone, how much waits, and sends it when it is back', async () => {
    const visitor = await visit({ expected: [/ERR_INTERNET_DISCONNECTED/, /WebSocket/] });
    const { chat } = visitor;
    await visitor.say('Before the tunnel');
    await rowOf(world.ann, 'Before the tunnel').click();
    await world.ann.sees('Before the tunnel');
    await visitor.page.context().setOffline(true);
    await chat.getByText('Connection lost. Trying again…').waitFor(soon);
    await visitor.say('In the tunnel');
    await chat.getByText('Your message will be sent as soon as it is back.').waitFor(soon);
    await visitor.page.context().setOffline(false);
    await chat.getByText('Connection lost').waitFor({ ...soon, state: 'detached' });
    await world.ann.sees('In the tunnel');
  });

  it('tells of keys where there are any: with nothing but fingers neither side reads how to send by them', async () => {
    const keys = ({ chat }: Person) => chat.getByText('Ctrl + Enter sends', { exact: true });
    const fingers = { hasTouch: true, viewport: { width: 390, height: 844 } };
    const [sitting, walking] = [await visit(), await visit(fingers)];
    await keys(sitting).waitFor(soon);
    expect(await keys(walking).isVisible()).toBe(false);
    await walking.say('I am on my way');

    await rowOf(world.ann, 'I am on my way').click();
    await keys(world.ann).waitFor(soon);
    const away = await world.operator(world.server.url, undefined, fingers);
    await rowOf(away, 'I am on my way').click();
    await away.sees('I am on my way');
    expect(await keys(away).count()).toBe(1);
    expect(await keys(away).isVisible()).toBe(false);
    // That only operators read a note is not about keys.
    await away.chat.getByRole('button', { name: 'Write a note for operators' }).click();
    await away.chat.locator('.mb-composer').getByText('Only operators see this', { exact: true }).waitFor(soon);
    for (const one of [sitting, walking, away]) one.watch.calm();
  });

  it('shows what is typed in a pane that was open before that was wanted, until the visitor’s page is gone', async () => {
    const { page, watch } = await world.visitor(`${world.server.url}/chat`);
    const field = page.getByRole('textbox');
    await field.fill('Good morning');
    await page.getByRole('button', { name: 'Send' }).click();
    await rowOf(world.ann, 'Good morning').click();
    await world.ann.sees('Good morning');
    world.set('preview_enabled', 'on');
    onTestFinished(() => world.set('preview_enabled', 'off'));
    await page.reload();
    await page.getByText('The operator can see what you type.').waitFor(soon);
    await field.pressSequentially('I wanted to ask');
    const typed = world.ann.chat.getByRole('group', { name: 'Being typed, not sent yet' });
    await typed.getByText('I wanted to ask', { exact: true }).waitFor(soon);
    await page.goto('about:blank');
    // Sooner than the minute for which it would stand otherwise.
    await typed.waitFor({ ...soon, state: 'hidden' });
    watch.calm();
  });

  it('calls the operator by his name before he has said a word', async () => {
    const visitor = await visit();
    await visitor.say('Is anybody there?');
    await rowOf(world.ann, 'Is anybody there?').click();
    await visitor.chat.getByRole('heading', { name: 'Ann' }).waitFor(soon);
    await world.ann.write('Yes, of cou');
    await visitor.chat.getByText('Ann is writing').waitFor(soon);
    visitor.watch.calm();
  });

  it('asks how it was on a phone that lies on its side, too: the form can be scrolled to its end', async () => {
    const visitor = await visit({ viewport: { width: 844, height: 390 } });
    const { chat } = visitor;
    await visitor.say('Is it heavy?');
    await rowOf(world.ann, 'Is it heavy?').click();
    await world.ann.say('Not at all');
    await visitor.sees('Not at all');
    await chat.getByRole('button', { name: 'More' }).click();
    await chat.getByRole('button', { name: 'End the conversation' }).click();
    await chat.getByRole('button', { name: 'End it' }).click();
    await chat.getByRole('radio', { name: 'Very good' }).check(soon);
    await chat.getByRole('button', { name: 'Send', exact: true }).click();
    await chat.getByText('You said: Very good. Thank you.').waitFor(soon);
    await chat.getByRole('button', { name: 'Start a new conversation' }).click();
    await visitor.field.waitFor(soon);
    visitor.watch.calm();
  });
});
