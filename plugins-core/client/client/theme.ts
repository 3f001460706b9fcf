/** Light, dark, or whatever the system says. */

export type Scheme = 'light' | 'dark' | 'auto';

/** Sets the scheme of a page (its root element) or of a chat inside somebody's page (the host of its shadow root). */
export function applyScheme(element: HTMLElement, scheme: Scheme): void {
  if (scheme === 'auto') delete element.dataset.mbTheme;
  else element.dataset.mbTheme = scheme;
}
