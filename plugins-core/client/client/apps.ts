/** Apps that other apps put into their pages: the workspace shows conversations without knowing the chat's files. */

/** A running app. */
export interface Mounted {
  stop(): void;
  /** It was brought to the front. */
  shown?(): void;
  focus?(): void;
}

/** Draws an app into an element. What the options are is the app's own business. */
export type Mount = (element: HTMLElement, options: never) => Mounted;

const mounts = new Map<string, Mount>();

export const apps = {
  /**
   * Offers an app under a name; called once, when its bundle is evaluated.
   *
   * @example apps.define('chat', mountChat);
   */
  define(name: string, mount: Mount): void {
    mounts.set(name, mount);
  },
  /**
   * Puts an app into an element of the page.
   *
   * @throws Error when its bundle is not on the page
   * @example const chat = apps.mount('chat', pane, { thread, user: false, transport, outbox, ui });
   */
  mount(name: string, element: HTMLElement, options: unknown): Mounted {
    const mount = mounts.get(name);
    if (!mount) throw new Error(`no app "${name}" is on this page`);
    return mount(element, options as never);
  },
};
