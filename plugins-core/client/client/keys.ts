/** Keys that mean something. */

/** Does this key send? Never while an input method composes. */
export function isSendKey(event: KeyboardEvent, enterSends: boolean): boolean {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || event.shiftKey || event.altKey)
    return false;
  return enterSends || event.ctrlKey || event.metaKey;
}

/** Macs say ⌘ where others say Ctrl. */
export const isMac = (): boolean => /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');
