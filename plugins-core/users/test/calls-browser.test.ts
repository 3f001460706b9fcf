import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { threads } from '../../chat/api.ts';
import { chromium, openOffice, rowOf } from './office.ts';

interface Heard {
  readonly shown: { readonly title: string; open: boolean }[];
  readonly sounds: number;
  away: boolean;
}

/** Notices and sounds are only noted, and the operator looks elsewhere when he is told to. */
function listening(): void {
  const heard = { shown: [] as { title: string; open: boolean }[], sounds: 0, away: false };
  class Notice extends EventTarget {
    static permission = 'granted';
    static requestPermission = () => Promise.resolve('granted');
    readonly entry: { title: string; open: boolean };
    constructor(title: string) {
      super();
      heard.shown.push((this.entry = { title, open: true }));
    }
    close() {
      this.entry.open = false;
    }
  }
  // Each sound is two notes.
  class Tone extends OscillatorNode {
    constructor(context: BaseAudioContext) {
      super(context);
      heard.sounds += 0.5;
    }
  }
  AudioContext.prototype.createOscillator = function createOscillator(this: AudioContext) {
    return new Tone(this);
  };
  Object.assign(window, { Notification: Notice, heard });
  document.hasFocus = () => !heard.away;
  localStorage.setItem('mibew.workspace.notify', 'yes');
}
const heard = (page: Page) => page.evaluate(() => (window as unknown as { heard: Heard }).heard);
const lookAway = (page: Page, away: boolean) =>
  page.evaluate((now) => void ((window as unknown as { heard: Heard }).heard.away = now), away);
const titles = async (page: Page) => (await heard(page)).shown.filter(({ open }) => open).map(({ title }) => title);

describeWith([chromium], 'what calls an operator in a browser', () => {
  const office = openOffice();
  const { visit, workspace } = office;

  it('is withdrawn when a colleague was faster', async () => {
    const page = await workspace({ before: listening });
    await lookAway(page, true);
    const [zoe, max] = [await visit('Zoe', 'Hello'), await visit('Max', 'Hi')];
    await expect.poll(() => titles(page)).toEqual(['Zoe is waiting', 'Max is waiting']);
    await office.kernel.service(threads).take(zoe.id, office.bob);
    await expect.poll(() => titles(page)).toEqual(['Max is waiting']);
    await office.leave(max);
    await expect.poll(() => titles(page)).toEqual([]);
    await page.context().close();
    await office.leave(zoe);
  });

  it('is what he chose, and can be tried out', async () => {
    const page = await workspace({ before: listening });
    await page.getByRole('button', { name: 'Sounds and notices' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sounds and notices' });
    await dialog.getByRole('checkbox', { name: 'Desktop: A new visitor waits' }).uncheck();
    await dialog.getByRole('checkbox', { name: 'Sound: A new visitor waits' }).uncheck();
    await dialog.getByRole('button', { name: 'Try it out' }).click();
    await expect.poll(() => titles(page)).toEqual(['This is how you will be called']);
    await expect.poll(async () => (await heard(page)).sounds).toBe(1);
    await dialog.getByRole('switch', { name: 'Sound' }).uncheck();
    expect(await dialog.getByRole('checkbox', { name: 'Sound: A new visitor waits' }).isDisabled()).toBe(true);
    await dialog.getByRole('switch', { name: 'Sound' }).check();
    await dialog.getByRole('button', { name: 'Done' }).click();

    await lookAway(page, true);
    const zoe = await visit('Zoe', 'Hello');
    await page.waitForSelector(rowOf('waiting', zoe));
    await office.kernel.service(threads).assign(zoe.id, office.ann);
    // That she came called nobody, that she was given did.
    await expect
      .poll(() => titles(page))
      .toEqual(['This is how you will be called', 'The conversation with Zoe was given to you']);
    expect((await heard(page)).sounds).toBe(2);
    await page.context().close();
    await office.leave(zoe);
  });

  it('comes once from several windows, and not at all for what stands in front in one of them', async () => {
    const first = await workspace({ before: listening });
    const zoe = await visit('Zoe', 'Hello');
    await first.click(`${rowOf('waiting', zoe)} button`);
    await first.waitForSelector(`.mb-seat--active[data-thread="${zoe.id}"]`);
    const second = await workspace({ context: first.context() });
    await second.waitForSelector(`.mb-seat[data-thread="${zoe.id}"]`);
    for (const page of [first, second]) await lookAway(page, true);
    await office.says(zoe, 'Are you there?');
    const all = async () => [...(await titles(first)), ...(await titles(second))];
    await expect.poll(all).toEqual(['Zoe']);

    // Looked at in one: the other keeps quiet, too, and what was told is taken back.
    await lookAway(first, false);
    await first.bringToFront();
    await first.locator(`[data-pane-of="${zoe.id}"] textarea`).fill('I am');
    await first.keyboard.press('Control+Enter');
    await expect.poll(all).toEqual([]);
    await office.says(zoe, 'Good');
    await first.locator(`[data-pane-of="${zoe.id}"]`).getByText('Good', { exact: true }).waitFor();
    await second
      .locator(`[data-pane-of="${zoe.id}"]`)
      .getByText('Good', { exact: true })
      .waitFor({ state: 'attached' });
    // A later event is told: by then the one before would have been.
    const max = await visit('Max', 'Hi');
    await lookAway(first, true);
    await expect.poll(all).not.toContain('Zoe');
    await first.context().close();
    await office.leave(zoe, max);
  });
});
