/** Templates and texts at work: elements are made, and changed where they differ. */
import { morphChildren, morphElement } from './frame.ts';
import { fragment } from './html.ts';
import { createFormats, textOf } from './i18n.ts';
import type { Formats, TextArgs, Texts } from './i18n.ts';
import { createTemplates } from './templates.ts';
import type { Precompiled } from './templates.ts';

export interface Ui {
  readonly locale: string;
  readonly rtl: boolean;
  readonly formats: Formats;
  text(key: string, args?: TextArgs): string;
  render(view: string, model: unknown): string;
  /** The one element that a template makes. @throws Error when it makes none */
  element(view: string, model: unknown): HTMLElement;
  /** Draws a template over an element of its own, changing only what differs. */
  patch(element: HTMLElement, view: string, model: unknown): void;
  /** Draws a template as the content of an element, changing only what differs. */
  fill(element: HTMLElement, view: string, model: unknown): void;
  /** @throws Error when a theme's template lacks the part, or has another element there */
  find(root: ParentNode, selector: string): HTMLElement;
  find<E extends HTMLElement>(root: ParentNode, selector: string, type: new () => E): E;
}

/**
 * Makes the tools of an app from what its start hands over.
 *
 * @example
 * export function start({ root, boot, templates, texts }: AppStart) {
 *   const ui = createUi({ templates, texts });
 *   root.append(ui.element('hello/window', boot));
 * }
 */
export function createUi({ templates, texts }: { readonly templates: Precompiled; readonly texts: Texts }): Ui {
  const views = createTemplates(templates, texts);
  function element(view: string, model: unknown): HTMLElement {
    const made = fragment(views.render(view, model)).firstElementChild;
    if (!(made instanceof HTMLElement)) throw new Error(`template "${view}" makes no element`);
    return made;
  }
  return {
    locale: texts.locale,
    rtl: texts.rtl,
    formats: createFormats(texts.locale),
    text: (key, args) => textOf(texts, key, args),
    render: (view, model) => views.render(view, model),
    element,
    patch: (target, view, model) => morphElement(target, element(view, model)),
    fill: (target, view, model) => morphChildren(target, fragment(views.render(view, model))),
    find,
  };
}

function find(root: ParentNode, selector: string): HTMLElement;
function find<E extends HTMLElement>(root: ParentNode, selector: string, type: new () => E): E;
function find(root: ParentNode, selector: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`a template lacks the part "${selector}"`);
}
