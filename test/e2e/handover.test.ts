/** One operator hands his conversation to another in real browsers: chosen in a dialog, told by a note, and the visitor stays. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addOperator } from '../support/login.ts';
import { describeWith } from '../support/needs.ts';
import { beforeChat, startServer } from '../support/server.ts';
import { chromium, openChat, patience, rowOf } from './people.ts';
import { expectSound, faultsOf, folder, sizeOf } from './views.ts';
import { gather } from './world.ts';

const soon = { timeout: patience };

describeWith([chromium], 'a conversation', () => {
  const crowd = gather();

  async function talk() {
    const server = await startServer({ without: beforeChat });
    onTestFinished(() => server.stop());
    addOperator(server, 'ann', 'Ann', '--admin');
    addOperator(server, 'bob', 'Bob');
    addOperator(server, 'cem', 'Cem');
    const ann = await crowd.operator(server.url);
    const bob = await crowd.operator(server.url, undefined, { login: 'bob' });
    const visitor = await crowd.visitor(`${server.url}/demo`);
    await openChat(visitor);
    await visitor.say('Which blue?');
    await rowOf(ann, 'Which blue?').click();
    await ann.sees('Which blue?');
    return { server, ann, bob, visitor };
  }

  it('goes to a colleague with a note, by keyboard, and the visitor stays where he is', async () => {
    const { ann, bob, visitor } = await talk();
    const dialog = ann.chat.getByRole('dialog', { name: 'Hand over the conversation' });
    const open = ann.chat.getByRole('button', { name: 'Hand over', exact: true });
    await open.click();
    await dialog.getByRole('radio', { name: /Bob/ }).waitFor(soon);
    // Who is there comes first.
    expect(
      await dialog.getByRole('radio').evaluateAll((all) => all.map((one) => one.parentElement?.innerText)),
    ).toEqual([expect.stringMatching(/Bob\s+online/), expect.stringMatching(/Cem\s+offline/)]);
    await expectSound(ann.page, 'handover');
    await ann.page.setViewportSize(sizeOf(1440));

    // Escape changes nothing, and leads back to where one was.
    await ann.page.keyboard.press('Escape');
    await dialog.waitFor({ ...soon, state: 'detached' });
    expect(await open.evaluate((button) => button === document.activeElement)).toBe(true);

    await ann.page.keyboard.press('Enter');
    const search = dialog.getByRole('searchbox');
    await search.pressSequentially('ce');
    await expect.poll(() => dialog.getByRole('radio').count(), soon).toBe(1);
    await dialog.getByText('Cem is offline.').waitFor(soon);
    await search.fill('');
    await expect.poll(() => dialog.getByRole('radio').count(), soon).toBe(2);
    await dialog.getByRole('button', { name: 'Hand over' }).waitFor(soon);
    await dialog.getByRole('radio', { name: /Cem/ }).focus();
    await ann.page.keyboard.press('ArrowUp');
    await dialog.getByText('Cem is offline.').waitFor({ ...soon, state: 'hidden' });
    await dialog.getByRole('textbox').fill('Wants the <light> blue.');
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await dialog.waitFor({ ...soon, state: 'detached' });
    await open.waitFor({ ...soon, state: 'hidden' });
    await visitor.sees('Operator Ann hands the conversation over to Bob. One moment, please.');
    await visitor.chat.getByRole('heading', { name: 'Live Support' }).waitFor(soon);

    await bob.page.getByText('Guest is waiting for you by name').waitFor(soon);
    await bob.page.locator('[data-rows=addressed]').getByText('Which blue?').waitFor(soon);
    // Who handed it over is not called to it.
    expect(await ann.page.locator('.mb-toast').count()).toBe(0);
    await bob.page.screenshot({ path: join(folder, 'handover-addressed-1280-light.png') });
    await rowOf(bob, 'Which blue?').click();
    await bob.sees('Wants the <light> blue.');
    await bob.say('The light one is here.');
    await visitor.sees('The light one is here.');
    await visitor.chat.getByRole('heading', { name: 'Bob' }).waitFor(soon);
    expect(await visitor.chat.getByText('<light>').count()).toBe(0);
    for (const one of [ann, bob, visitor]) one.watch.calm();
  }, 120_000);

  it('is handed over by the pages, too', async () => {
    const { server, ann } = await talk();
    const own = await ann.chat.getByRole('link', { name: 'Open in a window of its own' }).getAttribute('href');
    const page = await ann.page.context().newPage();
    const faults: string[] = [];
    for (const locale of ['en', 'ar-XB']) {
      await page.context().addCookies([{ name: 'mibew_locale', value: locale, url: server.url }]);
      for (const path of [`${own}/redirection-links`, `${own}/redirect?nextAgent=3`]) {
        // Whoever comes from elsewhere is asked first.
        await page.goto(`data:text/html,<a href="${new URL(path, server.url).href}">go</a>`);
        await page.getByRole('link').click();
        await page.locator('form button').first().waitFor(soon);
        const name = `handover-${path.includes('?') ? 'confirm' : 'links'}-${locale}`;
        faults.push(...(await faultsOf(page, name, { long: true })));
      }
    }
    expect(faults).toEqual([]);
  }, 120_000);
});
