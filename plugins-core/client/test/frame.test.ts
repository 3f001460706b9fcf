import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import type * as Frame from '../client/frame.ts';

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};
declare const frame: typeof Frame;

describeWith([chromium], 'a frame that is drawn again', () => {
  let browser: Browser;
  let page: Page;
  let source = '';

  beforeAll(async () => {
    const entry = fileURLToPath(new URL('../client/frame.ts', import.meta.url));
    const made = await build({ entryPoints: [entry], bundle: true, format: 'iife', globalName: 'frame', write: false });
    source = made.outputFiles[0]!.text;
    browser = await launchBrowser();
    page = await browser.newPage();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    await page.setContent('<div id="place"></div>');
    await page.addScriptTag({ content: source });
  });

  /** Draws one after the other, with something done between; elements that were there at first carry the mark `old`. */
  async function draw(first: string, then: string, between: () => void = () => undefined): Promise<string> {
    await page.locator('#place').evaluate((place, html) => {
      place.innerHTML = html;
      for (const element of place.querySelectorAll('*')) Object.assign(element, { old: true });
    }, first);
    await page.evaluate(between);
    return page.locator('#place').evaluate((place, html) => {
      const template = document.createElement('template');
      template.innerHTML = html;
      frame.morphChildren(place as HTMLElement, template.content);
      return place.innerHTML;
    }, then);
  }
  /** Which elements stayed. */
  const stayed = (selector: string) =>
    page.locator(`#place ${selector}`).evaluateAll((all) => all.map((element) => 'old' in element));

  it.each([
    ['<p>one</p>', '<p>two</p>'],
    ['<p class="a" hidden>one</p>', '<p class="b" title="x">one</p>'],
    ['<p class="a" hidden title="x">one</p>', '<p>one</p>'],
    ['<p>one</p>', '<h2>one</h2>'],
    ['one', '<b>one</b> two<!-- three -->'],
    ['<ul><li>1</li><li>2</li><li>3</li></ul>', '<ul><li>3</li></ul>'],
    ['', '<ul><li>1</li></ul>'],
    ['<p>one</p>', ''],
    ['<i id="a">a</i><i id="b">b</i><i id="c">c</i>', '<i id="c">c</i><i id="a">a!</i><i id="d">d</i>'],
    ['<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>', '<svg viewBox="0 0 2 2"><circle r="1"></circle></svg>'],
    ['<svg><use></use></svg>', '<svg><use xlink:href="#a"></use></svg>'],
    ['<form><input name="id"></form>', '<form class="x"><input name="id" value="1"></form>'],
  ])('turns %s into %s', async (first, then) => {
    expect(await draw(first, then)).toBe(then);
  });

  it('keeps what is the same, or changes it in place', async () => {
    await draw('<h2>a</h2><p>b</p><ul><li>c</li></ul>', '<h2>a</h2><p class="x">b!</p><ul><li>c</li><li>d</li></ul>');
    expect(await stayed('*')).toEqual([true, true, true, true, false]);
  });

  it('knows by its id who has moved', async () => {
    await draw('<i id="a"></i><i id="b"></i>', '<i id="c"></i><i id="b"></i><i id="a"></i>');
    expect(await stayed('i')).toEqual([false, true, true]);
  });

  it('leaves the focus where it is when others before it go or come', async () => {
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await draw(
      '<p>one</p><p>two</p><button id="go">Go</button>',
      '<h3>new</h3><p>two</p><button id="go">Stop</button>',
      () => document.getElementById('go')?.focus(),
    );
    expect(await focused()).toBe('go');
    expect(await page.locator('#go').textContent()).toBe('Stop');
  });

  it('leaves text that somebody writes', async () => {
    const typed = () => Object.assign(document.querySelector('#place textarea')!, { value: 'Hel' });
    await draw('<textarea rows="1">old</textarea>', '<textarea rows="3">new</textarea>', typed);
    expect(await page.locator('#place textarea').inputValue()).toBe('Hel');
    expect(await page.locator('#place textarea').getAttribute('rows')).toBe('3');
  });

  it('has a field say what the template says, unless it says the same as before', async () => {
    const typed = () => {
      const [text, box] = document.querySelectorAll('#place input');
      Object.assign(text!, { value: 'x' });
      Object.assign(box!, { checked: true });
    };
    const values = () =>
      page
        .locator('#place input')
        .evaluateAll((all) => all.map((one) => [(one as HTMLInputElement).value, (one as HTMLInputElement).checked]));
    await draw('<input value="a"><input type="checkbox">', '<input value="a"><input type="checkbox">', typed);
    expect(await values()).toEqual([
      ['x', false],
      ['on', true],
    ]);
    await draw('<input value="a"><input type="checkbox">', '<input value="b"><input type="checkbox" name="c">', typed);
    expect(await values()).toEqual([
      ['b', false],
      ['on', false],
    ]);
  });

  it('keeps the choice among options that are drawn anew, while it is one and the template makes none', async () => {
    const options = (...values: string[]) =>
      `<select>${values.map((value) => `<option${value}</option>`).join('')}</select>`;
    const choose = () => Object.assign(document.querySelector('#place select')!, { value: 'b' });
    const chosen = () => page.locator('#place select').evaluate((select) => (select as HTMLSelectElement).value);
    const before = options(' value="a">A', ' value="b">B');

    await draw(before, options(' value="c">C', ' value="a">A', ' value="b">B'), choose);
    expect(await chosen()).toBe('b');
    await draw(before, options(' value="a">A', ' value="b">B', ' value="c" selected>C'), choose);
    expect(await chosen()).toBe('c');
    await draw(before, options(' value="a">A', ' value="c">C'), choose);
    expect(await chosen()).toBe('');
  });

  it('leaves open dialogs alone, and what is marked as somebody’s own', async () => {
    const open = () => document.querySelector<HTMLDialogElement>('#place dialog')?.show();
    expect(
      await draw('<dialog>a</dialog><p data-mb-keep="">mine</p>', '<dialog>b</dialog><p data-mb-keep=""></p>', open),
    ).toBe('<dialog open="">a</dialog><p data-mb-keep="">mine</p>');
  });

  it('changes an element into another of its kind, and puts one of another kind in its place', async () => {
    const patch = (html: string) =>
      page.evaluate((made) => {
        const template = document.createElement('template');
        template.innerHTML = made;
        frame.morphElement(
          document.querySelector<HTMLElement>('#place > *')!,
          template.content.firstElementChild as HTMLElement,
        );
        return document.getElementById('place')!.innerHTML;
      }, html);
    await draw('<i class="a">a</i>', '<i class="a">a</i>');
    expect(await patch('<i id="i">b</i>')).toBe('<i id="i">b</i>');
    expect(await stayed('i')).toEqual([true]);
    expect(await patch('<b>c</b>')).toBe('<b>c</b>');
  });
});
