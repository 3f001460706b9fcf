/** The keyboard of the workspace: what a key press means. */
import type { Commands } from '../../client/client/index.ts';

export interface KeyActions {
  /** What has keys, those that count first. */
  commands(): readonly Commands[];
  /** Moves through the queue. */
  move(step: 1 | -1): void;
  /** Shows the open conversation with this number, from 1. */
  number(place: number): void;
  /** @returns false when there was nowhere to go back to */
  back(): boolean;
  /** Keys without Ctrl or Alt are in use (WCAG 2.1.4: they can be switched off). */
  single(): boolean;
  /** The focus is in the queue, where arrows move. */
  inQueue(element: Element): boolean;
}

const writing =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

/** @returns whether the key press is used up by what it means */
export function press(event: KeyboardEvent, actions: KeyActions): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const target = event.composedPath()[0];
  const element = target instanceof Element ? target : document.body;
  // One that was just closed may hold the focus until the page is drawn again.
  if (element.closest('dialog[open]')) return false;
  const single = actions.single() && !element.matches(writing);
  if (actions.commands().some((commands) => commands.press(event, single))) return true;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1] ?? /^[1-9]$/.exec(event.key)?.[0];
  if (event.ctrlKey || event.metaKey) return false;
  if (digit && !event.shiftKey && (event.altKey || single)) {
    actions.number(Number(digit));
    return true;
  }
  if (event.altKey) return false;
  if (event.key === 'Escape') return actions.back();
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
  if (step === undefined || element.matches(writing)) return false;
  if (element !== document.body && !actions.inQueue(element)) return false;
  actions.move(step);
  return true;
}

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
};
const macSigns: Readonly<Record<string, string>> = { Mod: '⌘', Alt: '⌥', Shift: '⇧', Ctrl: '⌃' };

/** How keys are called on this keyboard: `Alt+N` → `Alt N`, `⌥ N`. */
export function keyName(keys: string, mac: boolean): string {
  const said = (part: string) => (mac ? macSigns[part] : part === 'Mod' ? 'Ctrl' : undefined) ?? signs[part] ?? part;
  return keys.split('+').map(said).join(' ');
}
