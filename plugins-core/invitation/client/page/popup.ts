/** The pop-up, in a shadow root of its own, above the launcher's button. It takes no focus: the visitor is doing something else. */
import { icon, make, sheet } from '../../../../widget/dom.ts';
import type { LauncherDoor } from '../../../../widget/part.ts';
import type { PageInvitation } from '../../api.ts';
import type { InvitationFacts } from './invitations.ts';

export interface Popup {
  close(): void;
}
interface PopupNeeds {
  readonly door: Pick<LauncherDoor<InvitationFacts>, 'base' | 'css' | 'facts' | 'locale' | 'rtl'>;
  readonly invitation: PageInvitation;
  /** The launcher's element. */
  readonly launcher: () => Element | null;
  readonly accept: () => void;
  readonly reject: () => void;
}

const id = 'mibew-invitation';
/** Time that screen readers need to notice a place where something will be said, ms. */
const attention = 50;
const edge = 'var(--mb-space-5)';

export function openPopup({ door, invitation, launcher, accept, reject }: PopupNeeds): Popup {
  const { operatorName, avatarUrl, greeting, acceptCaption, rejectCaption } = invitation;
  const host = document.createElement('mibew-invitation');
  host.id = id;
  host.lang = door.locale;
  host.dir = door.rtl ? 'rtl' : 'ltr';
  host.setAttribute('look', door.facts.style);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet(door.css)];

  const popup = make('section', 'popup', root);
  popup.id = `${id}-popup`;
  popup.setAttribute('role', 'dialog');
  popup.setAttribute('aria-labelledby', 'name');
  popup.setAttribute('aria-describedby', 'greeting');

  const wrapper = make('span', 'avatar', popup);
  wrapper.id = `${id}-avatar-wrapper`;
  wrapper.setAttribute('aria-hidden', 'true');
  wrapper.textContent = operatorName.trim().slice(0, 1);
  if (avatarUrl) {
    const avatar = document.createElement('img');
    avatar.id = `${id}-avatar`;
    avatar.alt = '';
    avatar.onload = () => wrapper.replaceChildren(avatar);
    avatar.src = new URL(avatarUrl, door.base).href;
  }
  const words = make('div', 'words', popup);
  words.setAttribute('role', 'status');
  const button = (part: 'accept' | 'close', run: () => void) => {
    const made = make('button', part, popup);
    made.id = `${id}-${part}`;
    made.type = 'button';
    made.addEventListener('click', run);
    return made;
  };
  button('accept', accept).textContent = acceptCaption;
  const cross = button('close', reject);
  cross.title = rejectCaption;
  cross.setAttribute('aria-label', rejectCaption);
  icon('M6 6l12 12M18 6L6 18', '', cross);

  /** What had the focus before it came here. */
  let before: EventTarget | null = null;
  popup.addEventListener('focusin', ({ relatedTarget }) => {
    if (relatedTarget && !root.contains(relatedTarget as Node)) before = relatedTarget;
  });
  // Who is in the middle of something else means that with the key.
  const escape = (event: KeyboardEvent) => {
    const { activeElement } = document;
    const ours = !activeElement || activeElement === document.body || activeElement === host;
    if (event.key === 'Escape' && ours && !event.defaultPrevented) reject();
  };
  document.addEventListener('keydown', escape);

  /** The button stays where it can be seen and hit, wherever the page has put it. */
  function place(): void {
    const element = launcher();
    const shown = element && element.shadowRoot && element.shadowRoot.querySelector('button');
    const { top = 0, height = 0 } = shown ? shown.getBoundingClientRect() : {};
    host.toggleAttribute('start', !!element && element.hasAttribute('start'));
    const side = element instanceof HTMLElement ? element.style.getPropertyValue('--side') : '';
    host.style.setProperty('--side', side || edge);
    host.style.setProperty('--bottom', height ? `${innerHeight - top}px` : '0px');
  }
  place();
  addEventListener('resize', place);
  document.body.appendChild(host);
  const timer = setTimeout(() => {
    const name = make('p', 'name', words);
    name.id = 'name';
    name.textContent = operatorName;
    const text = make('p', 'greeting', words);
    text.id = 'greeting';
    text.textContent = greeting;
  }, attention);

  return {
    close() {
      clearTimeout(timer);
      document.removeEventListener('keydown', escape);
      removeEventListener('resize', place);
      const inside = document.activeElement === host;
      host.remove();
      if (!inside || !(before instanceof HTMLElement)) return;
      // What stands in another shadow root is told by that root's host alone.
      const within = before.shadowRoot && before.shadowRoot.querySelector('button');
      (within || before).focus();
    },
  };
}
