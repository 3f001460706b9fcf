/** The picker of emoji. Entry of the part `emoji`. */
import { apps } from '../../client/client/index.ts';
import type { KeyValue, Mounted, Ui } from '../../client/client/index.ts';
import { groups } from './emoji-groups.ts';

export interface PickerMount {
  readonly ui: Ui;
  readonly storage: KeyValue;
  /** The button that opened it. */
  readonly inside: HTMLElement;
  readonly pick: (emoji: string) => void;
  /** @param refocus the focus was in the picker */
  readonly close: (refocus: boolean) => void;
}

const recentKey = 'mibew:emoji';
const recentCount = 16;

/** What was picked last stands first. */
export function recentOf(storage: Pick<KeyValue, 'get'>): readonly string[] {
  return (storage.get(recentKey) ?? '').split(' ').filter((emoji) => emoji !== '');
}
export function remember(storage: Pick<KeyValue, 'get' | 'set'>, emoji: string): void {
  const others = recentOf(storage).filter((each) => each !== emoji);
  storage.set(recentKey, [emoji, ...others].slice(0, recentCount).join(' '));
}

function mountPicker(element: HTMLElement, { ui, storage, inside, pick, close }: PickerMount): Mounted {
  const recent = recentOf(storage);
  const shown = [...(recent.length > 0 ? [['recent', recent] as const] : []), ...Object.entries(groups)];
  const picker = ui.element('chat/emoji', {
    groups: shown.map(([name, emoji]) => ({ title: ui.text(`chat.emoji.${name}`), emoji })),
  });
  element.append(picker);
  const buttons = [...picker.querySelectorAll('button')];

  /** One stop for the tabulator; arrows move inside. */
  function stand(place: number): void {
    for (const [at, button] of buttons.entries()) button.tabIndex = at === place ? 0 : -1;
    buttons[place]?.focus();
    buttons[place]?.scrollIntoView({ block: 'nearest' });
  }
  /** The button nearest to this one in the row above or below, across groups. */
  function across(from: HTMLElement, step: 1 | -1): number {
    const here = from.getBoundingClientRect();
    const boxes = buttons.map((button) => button.getBoundingClientRect());
    const rows = boxes.map(({ top }) => top).filter((top) => (top - here.top) * step > 1);
    const row = step > 0 ? Math.min(...rows) : Math.max(...rows);
    const far = ({ top, left }: DOMRect) => (Math.abs(top - row) > 1 ? Infinity : Math.abs(left - here.left));
    const least = Math.min(...boxes.map(far));
    return Number.isFinite(least) ? boxes.findIndex((box) => far(box) === least) : -1;
  }
  function onKey(event: KeyboardEvent): void {
    const active = (picker.getRootNode() as Document | ShadowRoot).activeElement;
    const place = buttons.findIndex((button) => button === active);
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      return close(true);
    }
    const forward = ui.rtl ? 'ArrowLeft' : 'ArrowRight';
    const moves: Readonly<Record<string, () => number>> = {
      ArrowLeft: () => place + (forward === 'ArrowLeft' ? 1 : -1),
      ArrowRight: () => place + (forward === 'ArrowRight' ? 1 : -1),
      ArrowUp: () => (active instanceof HTMLElement ? across(active, -1) : -1),
      ArrowDown: () => (active instanceof HTMLElement ? across(active, 1) : -1),
      Home: () => 0,
      End: () => buttons.length - 1,
    };
    const next = moves[event.key]?.();
    if (next === undefined) return;
    event.preventDefault();
    if (buttons[next]) stand(next);
  }
  const onOutside = (event: Event) => {
    if (!event.composedPath().includes(inside)) close(false);
  };

  picker.addEventListener('click', (event) => {
    const emoji = (event.target as Element).closest('button')?.textContent;
    if (!emoji) return;
    remember(storage, emoji);
    pick(emoji);
  });
  picker.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', onOutside);
  return {
    focus: () => stand(0),
    stop() {
      document.removeEventListener('pointerdown', onOutside);
      picker.remove();
    },
  };
}

apps.define('emoji', mountPicker);
