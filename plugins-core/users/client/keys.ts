/** The keyboard of the workspace. */

export interface KeyActions {
  /** Moves through the queue. */
  move(step: 1 | -1): void;
  /** Shows the open conversation with this number, from 1. */
  number(place: number): void;
  /** Shows the next or previous open conversation. */
  cycle(step: 1 | -1): void;
  /** @returns false when there was nowhere to go back to */
  back(): boolean;
  facts(): void;
  help(): void;
  /** Keys without Ctrl or Alt are in use (WCAG 2.1.4: they can be switched off). */
  single(): boolean;
  /** The focus is in the queue, where arrows move. */
  inQueue(element: Element): boolean;
}

const writing =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

/** What a key press means, and whether it is used up by it. */
export function press(event: KeyboardEvent, actions: KeyActions): boolean {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.metaKey) return false;
  const target = event.composedPath()[0];
  const element = target instanceof Element ? target : document.body;
  if (element.closest('dialog')) return false;
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined;
  if (event.ctrlKey) {
    if (step === undefined || event.shiftKey) return false;
    actions.cycle(step);
    return true;
  }
  if (event.key === 'Escape') return actions.back();
  if (element.matches(writing)) return false;
  if (step !== undefined) {
    if (element !== document.body && !actions.inQueue(element)) return false;
    actions.move(step);
    return true;
  }
  if (!actions.single()) return false;
  switch (event.key) {
    case 'j':
      actions.move(1);
      return true;
    case 'k':
      actions.move(-1);
      return true;
    case 'i':
      actions.facts();
      return true;
    case '?':
      actions.help();
      return true;
    default:
      if (!/^[1-9]$/.test(event.key)) return false;
      actions.number(Number(event.key));
      return true;
  }
}
