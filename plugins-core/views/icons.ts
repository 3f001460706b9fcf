/** Icons: one small drawing per file in the theme's `icons/`, written into templates when these are compiled. */
import { readFileSync } from 'node:fs';
import { PluginError, reasonOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/plugin.ts';
import type { IconSource } from './syntax.ts';
import { themeFile, type Theme } from './theme.ts';

export interface Icons {
  /** Markup of an icon, always decoration: the control around it carries the name. @throws PluginError for an unknown one */
  readonly icon: IconSource;
  /** The same for a name from data: an unknown one is a dot, and is logged once. */
  readonly iconOrDot: IconSource;
  clear(): void;
}

export function createIcons(chain: readonly Theme[], log: Logger): Icons {
  const unknown = new Set<string>();
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

  const icon: IconSource = (name, size) => {
    const step = size === 's' || size === 'l' ? ` mb-icon--${size}` : '';
    return `<svg class="mb-icon${step}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">${drawing(name)}</svg>`;
  };

  return {
    icon,
    iconOrDot(name, size) {
      try {
        return icon(name, size);
      } catch (error) {
        if (!unknown.has(name)) log.warn({ icon: name, reason: reasonOf(error) }, 'a dot is drawn instead');
        unknown.add(name);
        return icon('circle', size);
      }
    },
    clear: () => drawings.clear(),
  };
}
