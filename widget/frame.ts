/** Button and panel, in a shadow root: the page's style sheets do not reach in, ours do not reach out. */
import type { LauncherBoot } from './boot.ts';

export interface Frame {
  /** The panel's own shadow root, for the chat app. */
  readonly chat: ShadowRoot;
  /** Puts the focus on the button. */
  focusButton(): void;
  setOpen(open: boolean): void;
  setUnread(count: number): void;
  setBusy(busy: boolean): void;
  setFailed(failed: boolean): void;
  /** From now on the button is there, also where the page has one of its own. */
  showButton(): void;
}

const svg = 'http://www.w3.org/2000/svg';
const shapes = {
  chat: 'M12 3.5c-5 0-9 3.4-9 7.6 0 2.4 1.3 4.5 3.3 5.9-.1 1-.5 2-1.3 2.9 1.6-.1 3-.6 4.2-1.4.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.7s-4-7.6-9-7.6Z',
  close: 'M6 9.5l6 6 6-6',
};

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  parent: Node,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  parent.appendChild(element);
  return element;
}

function icon(parent: Node, name: keyof typeof shapes): void {
  const image = document.createElementNS(svg, 'svg');
  image.setAttribute('viewBox', '0 0 24 24');
  image.setAttribute('aria-hidden', 'true');
  image.setAttribute('class', name);
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[name]);
  image.appendChild(path);
  parent.appendChild(image);
}

function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/**
 * Puts the button into the page. The panel is drawn when it is first opened.
 * @param quiet the page has a button of its own: ours comes with the conversation
 */
export function createFrame(boot: LauncherBoot, toggle: () => void, quiet: boolean): Frame {
  const { texts } = boot;
  const host = make('mibew-chat' as 'div', '', document.body);
  host.lang = boot.locale;
  host.dir = boot.rtl ? 'rtl' : 'ltr';
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet(boot.css)];

  const panel = make('section', 'panel', root);
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', boot.title);
  const place = make('div', 'place', panel);
  const failure = make('p', 'failure', panel);
  failure.setAttribute('role', 'alert');
  const button = make('button', 'button', root);
  button.type = 'button';
  button.hidden = quiet;
  icon(button, 'chat');
  icon(button, 'close');
  const badge = make('span', 'badge', button);
  badge.hidden = true;
  button.addEventListener('click', toggle);
  panel.addEventListener('keydown', (event) => {
    // Whoever has a dialog open inside the chat closes that first.
    if (event.key !== 'Escape' || event.defaultPrevented || panel.hidden) return;
    toggle();
  });

  // The keyboard of a phone lies over the page: a panel that fills the window keeps to what is left of it.
  const view = window.visualViewport;
  const fit = () => {
    const whole = !view || view.scale > 1.01;
    host.style.setProperty('--view-top', whole ? '' : `${view.offsetTop}px`);
    host.style.setProperty('--view-height', whole ? '' : `${view.height}px`);
  };
  for (const event of ['resize', 'scroll']) view?.addEventListener(event, fit);

  let unread = 0;
  const label = () => {
    const name = panel.hidden ? texts.open : texts.close;
    button.setAttribute(
      'aria-label',
      unread > 0 && panel.hidden ? `${name}, ${texts.unread.replace('{0}', String(unread))}` : name,
    );
    button.setAttribute('aria-expanded', String(!panel.hidden));
    button.title = name;
  };
  label();
  return {
    chat: place.attachShadow({ mode: 'open' }),
    focusButton: () => button.focus(),
    setOpen(open) {
      panel.hidden = !open;
      host.toggleAttribute('open', open);
      label();
    },
    setUnread(count) {
      unread = count;
      badge.hidden = count === 0;
      badge.textContent = count > 99 ? '99+' : String(count);
      label();
    },
    setBusy: (busy) => panel.setAttribute('aria-busy', String(busy)),
    setFailed(failed) {
      failure.textContent = failed ? texts.failed : '';
    },
    showButton() {
      button.hidden = false;
    },
  };
}
