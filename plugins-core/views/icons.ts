/** Icons: one small drawing per file in the theme's `icons/`, written into templates when these are compiled. */
import { readFileSync } from 'node:fs';
import { PluginError } from '../../kernel/errors.ts';
import type { IconSource } from './syntax.ts';
import { themeFile, type Theme } from './theme.ts';

/** @returns markup of an icon, always decoration: the control around it carries the name */
export function createIcons(chain: readonly Theme[]): { readonly icon: IconSource; clear(): void } {
  const drawings = new Map<string, string>();

  const drawing = (name: string): string => {
    const kept = drawings.get(name);
    if (kept !== undefined) return kept;
    const file = /^[a-z][a-z0-9-]*$/.test(name) ? themeFile(chain, `icons/${name}.svg`) : undefined;
    if (file === undefined)
      throw new PluginError('TEMPLATE_INVALID', { plugin: 'views', reason: `no theme has an icon "${name}"` });
    const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    const markup = inner.trim().replace(/>\s+</g, '><');
    drawings.set(name, markup);
    return markup;
  };

  return {
    icon(name, size) {
      const step = size === 's' || size === 'l' ? ` mb-icon--${size}` : '';
      return `<svg class="mb-icon${step}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">${drawing(name)}</svg>`;
    },
    clear: () => drawings.clear(),
  };
}
