/** What is wrong with how a page lies: found in the page itself, through every shadow root. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Runs in the page. */
function lookForFaults(): string[] {
  const faults = new Set<string>();
  const slack = 1.5;
  const name = (element: Element) => {
    const classes = element.getAttribute('class')?.trim().split(/\s+/)[0];
    return `${element.localName}${classes ? `.${classes}` : ''}`;
  };
  const say = (what: string, element: Element) =>
    faults.add(`${what}: ${name(element)} "${(element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40)}"`);
  const parentOf = (element: Element): Element | null =>
    element.parentElement ??
    (element.getRootNode() instanceof ShadowRoot ? (element.getRootNode() as ShadowRoot).host : null);

  /** For ears only, or drawn with an ellipsis on purpose: nothing of it is cut by mistake. */
  function isExcused(element: Element): boolean {
    for (let one: Element | null = element; one; one = parentOf(one)) {
      const style = getComputedStyle(one);
      const { width, height } = one.getBoundingClientRect();
      if (style.clipPath !== 'none' || style.opacity === '0' || (width <= 1 && height <= 1)) return true;
      if (style.textOverflow === 'ellipsis' && style.overflowX !== 'visible') return true;
      if (style.webkitLineClamp !== 'none') return true;
    }
    return false;
  }
  const isHidden = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
  const ownText = (element: Element) =>
    [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());

  /** Word by word: a space at the end of a line may hang out of it unseen. */
  function checkText(element: Element, text: Node, box: DOMRect): void {
    const range = document.createRange();
    for (const word of (text.textContent ?? '').matchAll(/\S+/g)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      for (const line of range.getClientRects()) {
        if (line.right > box.right + slack || line.left < box.left - slack) say('text runs out of its box', element);
        if (element.closest('nav')) continue;
        if (line.right > innerWidth + slack || line.left < -slack) say('text runs out of the window', element);
      }
    }
  }

  function check(element: Element): void {
    const style = getComputedStyle(element);
    const texts = ownText(element);
    const sideways = element.scrollWidth - element.clientWidth;
    if (isHidden(style.overflowX) && sideways > slack && element.clientWidth > 1 && texts.length > 0)
      say('text is cut at its side', element);
    if (/auto|scroll/.test(style.overflowX) && sideways > slack && element.clientWidth > 1) {
      // What scrolls on purpose can be reached with the keyboard: by itself, or link by link.
      if (!element.hasAttribute('tabindex') && !/^(?:textarea|input|pre|code|nav)$/.test(element.localName))
        say('scrolls sideways', element);
    }
    if (isHidden(style.overflowY) && element.scrollHeight - element.clientHeight > 3 && texts.length > 0)
      say('text is cut below', element);
    if (style.display !== 'inline') {
      const box = element.getBoundingClientRect();
      for (const text of texts) checkText(element, text, box);
    }
  }

  function walk(root: Document | ShadowRoot): void {
    for (const element of root.querySelectorAll('body *, :host > *, *')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!(element instanceof HTMLElement) || !element.checkVisibility({ visibilityProperty: true })) continue;
      if (/^(?:option|head|script|style|title|meta)$/.test(element.localName)) continue;
      if (isExcused(element) || element.closest('[inert]')) continue;
      check(element);
    }
  }
  walk(document);
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.add(`the page is ${scrollWidth} px wide in a window of ${innerWidth} px`);
  return [...faults];
}

export const layoutFaults = (page: Page): Promise<string[]> => page.evaluate(lookForFaults);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the rules for accessible pages find, WCAG 2.2 AA. */
export async function accessFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Axe {
      run(
        context: Document,
        options: object,
      ): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }>;
    }
    const { axe: checker } = window as unknown as { axe: Axe };
    const { violations } = await checker.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${JSON.stringify(node.target)} ${node.failureSummary ?? ''}`),
    );
  });
}
