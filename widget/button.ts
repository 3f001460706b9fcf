/** The button, in a shadow root: the page's style sheets do not reach in, ours do not reach out. */
import type { LauncherOptions } from './api.ts';
import type { LauncherBoot } from './boot.ts';
import { icon, make, sheet } from './dom.ts';
import { isOpen } from './hours.ts';

export interface Button {
  /** The element in the page. */
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly element: HTMLButtonElement;
  /** Looks as the options say. */
  look(options: LauncherOptions): void;
  setOpen(open: boolean): void;
  /** What is said about it besides its name; `''`: nothing. */
  note(text: string): void;
  /** The chat is being loaded, and nothing else says so. */
  setBusy(busy: boolean): void;
  /** A sentence on the button; `''`: what the options say. */
  say(text: string): void;
  /** From now on the button is there, also where the page has one of its own. */
  stay(): void;
}

const bubble =
  'M12 3.5c-5 0-9 3.4-9 7.6 0 2.4 1.3 4.5 3.3 5.9-.1 1-.5 2-1.3 2.9 1.6-.1 3-.6 4.2-1.4.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.7s-4-7.6-9-7.6Z';

export function createButton(boot: LauncherBoot, toggle: () => void): Button {
  const { texts } = boot;
  const host = document.createElement('mibew-chat');
  host.lang = boot.locale;
  host.dir = boot.rtl ? 'rtl' : 'ltr';
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet(boot.css)];
  const element = make('button', 'button', root);
  element.type = 'button';
  const image = make('img', 'chat', element);
  image.alt = '';
  const chat = icon(bubble, 'chat', element);
  const words = make('span', 'label', element);
  element.addEventListener('click', toggle);

  let noted = '';
  let said = '';
  let open = false;
  let stays = false;
  let options: LauncherOptions = {};
  function draw(): void {
    const closed = !isOpen(options);
    const label = said || (closed ? texts.closed : options.label) || '';
    const name = open ? texts.close : label || texts.open;
    words.textContent = open ? '' : label;
    element.hidden = !stays && !open && !!(options.button || (closed && options.closed === 'hide'));
    element.title = name;
    element.setAttribute('aria-label', noted && !open ? `${name}, ${noted}` : name);
    element.setAttribute('aria-expanded', String(open));
    host.toggleAttribute('open', open);
  }
  return {
    host,
    root,
    element,
    look(next) {
      options = next;
      const { style } = host;
      const set = (name: string, value: number | string | undefined, unit = '') =>
        style.setProperty(name, value ? value + unit : '');
      set('--bottom', next.bottom, 'px');
      set('--side', next.side, 'px');
      set('--color', next.color);
      host.toggleAttribute('color', !!next.color);
      host.toggleAttribute('start', next.position === 'start');
      image.hidden = !next.image;
      chat.toggleAttribute('hidden', !!next.image);
      if (next.image && image.getAttribute('src') !== next.image) image.src = next.image;
      draw();
    },
    setOpen(value) {
      open = value;
      draw();
    },
    note(text) {
      noted = text;
      draw();
    },
    setBusy: (busy) => element.setAttribute('aria-busy', String(busy)),
    say(text) {
      said = text;
      draw();
    },
    stay() {
      stays = true;
      draw();
    },
  };
}
