/** Keys that mean something. */

/** Does this key send? Never while an input method composes. */
export function isSendKey(event: KeyboardEvent, enterSends: boolean): boolean {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || event.shiftKey || event.altKey)
    return false;
  return enterSends || event.ctrlKey || event.metaKey;
}

/** Macs say ⌘ where others say Ctrl. */
export const isMac = (): boolean => /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

/** Nothing has to be held with it. */
export const isPlain = (keys: string): boolean => !/.\+/.test(keys);

/** The key by what it writes; where Option writes something else with it, or the alphabet is another one, by its place. */
function keyOf({ key, code }: KeyboardEvent): string {
  const placed = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
  return (placed && !/^[!-~]$/.test(key) ? placed : key).toLowerCase();
}

/** Are these the keys, e.g. `Alt+N`, `Mod+K`, `?`? Shift does not count where a character alone is meant. */
export function isChord(event: KeyboardEvent, keys: string): boolean {
  const held = keys.split('+');
  const key = held.pop();
  // AltGr writes characters.
  if (keyOf(event) !== key?.toLowerCase() || event.getModifierState('AltGraph')) return false;
  const mod = isMac() ? 'Meta' : 'Ctrl';
  const wants = (name: string) => held.includes(name) || (name === mod && held.includes('Mod'));
  return (
    event.altKey === wants('Alt') &&
    event.ctrlKey === wants('Ctrl') &&
    event.metaKey === wants('Meta') &&
    (isPlain(keys) || event.shiftKey === wants('Shift'))
  );
}
