/** What plugins add to the apps: controls in slots of the views, ways to draw messages of their own. */
import { reportError } from './store.ts';

/** Something in a slot: a button of a toolbar, a cell of a row. */
export interface Control<Context> {
  /** Unique in its slot. */
  readonly name: string;
  /** Greater stands further at the front. Default 0. */
  readonly weight?: number;
  /** Draws itself into the element. @returns what ends it */
  mount(element: HTMLElement, context: Context): (() => void) | void;
}

const slots = new Map<string, Map<string, Control<never>>>();

export const controls = {
  /**
   * Puts a control into a slot, at best while the plugin's module is evaluated: apps fill their slots when they start.
   * Slots: `chat/window`, `chat/status`, `chat/composer`, `chat/over` (context `ChatContext`), `users/queued_thread`, `users/queue`, `users/facts`;
   * docs/guides/client.md tells where they are and what they get.
   *
   * @returns a function that takes it out again
   * @example
   * controls.add<ChatContext>('chat/window', {
   *   name: 'acme-rating',
   *   weight: 150,
   *   mount(element, { conversation }) {
   *     const button = document.createElement('button');
   *     button.textContent = '★';
   *     button.onclick = () => conversation.post('★★★★★');
   *     element.append(button);
   *   },
   * });
   */
  add<Context>(slot: string, control: Control<Context>): () => void {
    const known = slots.get(slot) ?? new Map<string, Control<never>>();
    slots.set(slot, known.set(control.name, control));
    return () => void known.delete(control.name);
  },
  /** Draws all controls of a slot into an element; one that throws does not keep the others out. @returns what ends them */
  fill(slot: string, element: HTMLElement, context: unknown): () => void {
    const ends: (() => void)[] = [];
    const ordered = [...(slots.get(slot)?.values() ?? [])].toSorted((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
    for (const control of ordered as Control<unknown>[]) {
      const place = document.createElement('span');
      place.className = `mb-control mb-control--${control.name}`;
      try {
        const end = control.mount(place, context);
        if (end) ends.push(end);
        element.append(place);
      } catch (error) {
        reportError(error);
      }
    }
    return () => {
      for (const end of ends) end();
    };
  },
};

/** A message as the apps draw it. */
export interface DrawnMessage {
  readonly id: number;
  readonly kind: number;
  readonly message: string;
  readonly plugin: string;
  readonly data: unknown;
  readonly name: string | null;
  readonly created: number;
}
type Draw = (message: DrawnMessage) => Node | undefined;
type Alter = (message: DrawnMessage) => DrawnMessage | void;

const drawers = new Map<string, Draw>();
const alterations = new Set<Alter>();

export const messages = {
  /**
   * Draws the messages of a plugin (kind 7). Nothing returned: the message's own text is shown.
   *
   * @example messages.draw('acme-crm', ({ data }) => orderCard(data as Order));
   */
  draw(plugin: string, draw: Draw): () => void {
    drawers.set(plugin, draw);
    return () => void drawers.delete(plugin);
  },
  /** Changes messages before they are drawn: smileys, shortened addresses. `message` stays HTML that is allow-listed after it. */
  alter(alter: Alter): () => void {
    alterations.add(alter);
    return () => void alterations.delete(alter);
  },
  /** For apps: the message after all alterations, and what its plugin draws for it. */
  prepare(message: DrawnMessage): { readonly message: DrawnMessage; readonly node: Node | undefined } {
    let current = message;
    let node: Node | undefined;
    for (const alter of alterations) {
      try {
        current = alter(current) ?? current;
      } catch (error) {
        reportError(error);
      }
    }
    try {
      node = current.plugin ? drawers.get(current.plugin)?.(current) : undefined;
    } catch (error) {
      reportError(error);
    }
    return { message: current, node };
  },
};
