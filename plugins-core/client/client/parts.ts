/** Parts of apps: loaded when somebody needs them, with templates, texts and styles of their own. */
import { apps } from './apps.ts';
import type { Mounted } from './apps.ts';
import type { Texts } from './i18n.ts';
import type { Precompiled } from './templates.ts';
import { createUi } from './ui.ts';
import type { Ui } from './ui.ts';

/** Name → address: `assets.parts` of an app's start. */
export type PartAddresses = Readonly<Record<string, string>>;

interface PartModule {
  readonly templates: Precompiled;
  readonly texts: Texts;
  readonly style: string;
}

/** The sheets that a document, or a shadow root, has adopted already. */
const adopted = new WeakMap<Node, Set<string>>();

function adopt(root: Document | ShadowRoot, style: string): void {
  const known = adopted.get(root) ?? new Set();
  if (known.has(style)) return;
  adopted.set(root, known.add(style));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  // Its rules lie in the layers that the app's own sheet has put in order.
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/**
 * Loads a part for a place: its module is evaluated (`apps.define`, `controls.add`), its sheet adopted by the document or the shadow root of
 * that place. A script hands the nonce of its page on to what it imports, so nothing more is asked of a policy. Loading it again costs nothing.
 *
 * @param place an element of the app, in the document already
 * @returns the tools with the part's own templates and texts
 * @throws what the browser says when it cannot be loaded; the next call tries again
 * @example const ui = await loadPart(assets.parts['shop-cart'], element);
 */
export async function loadPart(address: string | undefined, place: Node): Promise<Ui> {
  if (address === undefined) throw new Error('there is no such part');
  const { templates, texts, style } = (await import(address)) as PartModule;
  const root = place.getRootNode();
  if (root instanceof Document || root instanceof ShadowRoot) adopt(root, style);
  return createUi({ templates, texts });
}

/** The parts of one app. */
export interface Parts {
  /** Is the plugin that brings it there? */
  has(name: string): boolean;
  /** @throws see {@link loadPart} */
  load(name: string): Promise<Ui>;
  /**
   * Loads a part and puts the app of the same name (or of another that it defines) into an element. Its options get the part's own `ui`.
   *
   * @throws see {@link loadPart}
   */
  mount(name: string, element: HTMLElement, options: object, app?: string): Promise<Mounted>;
}

/**
 * @param place an element of the app, in the document by the time that something is loaded
 * @example
 * const parts = createParts(assets.parts, root);
 * if (parts.has('shop-cart')) await parts.mount('shop-cart', element, { items });
 */
export function createParts(addresses: PartAddresses, place: Node): Parts {
  const load = (name: string) => loadPart(addresses[name], place);
  return {
    has: (name) => name in addresses,
    load,
    mount: async (name, element, options, app = name) => {
      const ui = await load(name);
      return apps.mount(app, element, { ...options, ui });
    },
  };
}
