/** The panel with the chat: it comes with the chat's module, when the chat is first wanted. */
import type { InlineHost } from '../plugins-core/chat/client/inline.ts';
import type { StartChat } from './chat.ts';
import type { Panel, PanelDoor, StartPanel } from './part.ts';
import { visitorSecret } from './secret.ts';

declare const mibewPart: (start: StartPanel) => void;

/** What the page says for fields of the survey: `data-field-order="4711"`. */
function fieldsOf(source: Element): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const name of source.getAttributeNames())
    if (name.slice(0, 11) === 'data-field-') fields[name.slice(11)] = source.getAttribute(name)!;
  return fields;
}

function start(door: PanelDoor, begin: StartChat): Promise<Panel> {
  const { boot, button, shelf } = door;
  const { host, root } = button;
  const { icon, make, sheet } = door.dom;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet(door.css)];
  const panel = make('section', 'panel', root);
  // In front of the button, in the order of the Tab key, too.
  root.insertBefore(panel, root.firstChild);
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', boot.title);
  const chat = panel.attachShadow({ mode: 'open' });
  panel.addEventListener('keydown', (event) => {
    // Whoever has a dialog open inside the chat closes that first.
    if (event.key === 'Escape' && !event.defaultPrevented) door.close();
  });

  // The keyboard of a phone lies over the page: a panel that fills the window keeps to what is left of it.
  const view = window.visualViewport;
  const fit = () => {
    const whole = !view || view.scale > 1.01;
    host.style.setProperty('--view-top', whole ? '' : `${view.offsetTop}px`);
    host.style.setProperty('--view-height', whole ? '' : `${view.height}px`);
  };
  for (const event of ['resize', 'scroll']) view?.addEventListener(event, fit);

  icon('M6 9.5l6 6 6-6', 'close', button.element);
  const badge = make('span', 'badge', button.element);
  badge.hidden = true;

  const hostIn = (place: HTMLElement): InlineHost => ({
    place,
    visitor: visitorSecret(shelf),
    prefix: door.prefix,
    // Pages that never load anew have another address by the time the conversation begins.
    get arguments() {
      const { locale, group, operatorCode, info, name, email, fields } = door.options();
      return {
        url: location.href,
        referrer: document.referrer,
        locale: locale ?? boot.locale,
        group: group ?? null,
        operator_code: operatorCode ?? null,
        info: info ?? null,
        name: name ?? null,
        email: email ?? null,
        fields: Object.assign(fieldsOf(door.source), fields, door.begun),
      };
    },
    open: door.isOpen,
    minimise: door.close,
    unread(count) {
      badge.hidden = count === 0;
      badge.textContent = count > 99 ? '99+' : String(count);
      button.note(count > 0 ? boot.texts.unread.replace('{0}', String(count)) : '');
      door.emit('unread', count);
    },
    linked: door.linked,
  });

  const place = document.createElement('div');
  chat.appendChild(place);
  const server = { url: `${door.base}thread/update`, requestsFrequency: boot.poll / 1000 };
  return begin(chat, { host: hostIn(place), server, title: boot.title }).then((app) => (open) => {
    panel.hidden = !open;
    if (open) app.shown();
    else app.hidden();
  });
}

mibewPart(start);
