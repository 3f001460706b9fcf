/** The tokens of the theme by what they are for, and a sheet in which each shows itself: pages may not carry styles of their own. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { productRoot } from '../../kernel/place.ts';

const theme = join(productRoot, 'themes/default');

/** A kind of token: its name begins so, and a sample of it carries this property. */
const kinds = [
  { id: 'colour', start: 'color-', property: 'background' },
  { id: 'space', start: 'space-', property: 'inline-size' },
  { id: 'type', start: 'text-', property: 'font-size' },
  { id: 'corner', start: 'radius', property: 'border-radius' },
  { id: 'depth', start: 'shadow-', property: 'box-shadow' },
] as const;

export interface Tokens {
  readonly kinds: readonly { readonly id: (typeof kinds)[number]['id']; readonly names: readonly string[] }[];
  readonly icons: readonly string[];
  /** Style sheet of the page. */
  readonly sheet: string;
}

/** Read anew each time: whoever changes the theme looks at this page meanwhile. */
export function readTokens(): Tokens {
  const source = readFileSync(join(theme, 'tokens.css'), 'utf8');
  const all = [...new Set([...source.matchAll(/^ {2}--mb-([\w-]+):/gm)].map(([, name]) => name!))];
  const found = kinds.map(({ id, start, property }) => {
    // A writing field's size is one of type; a text's colour is none.
    const names = all.filter((name) => name.startsWith(start)).map((name) => `--mb-${name}`);
    return { id, names, rules: names.map((name) => `[data-token='${name}'] { ${property}: var(${name}); }`) };
  });
  const own = readFileSync(join(productRoot, 'plugins-core/design-system/client/samples.css'), 'utf8');
  return {
    kinds: found.map(({ id, names }) => ({ id, names })),
    icons: readdirSync(join(theme, 'icons'))
      .filter((file) => file.endsWith('.svg'))
      .map((file) => file.slice(0, -4))
      .toSorted(),
    sheet: `@layer plugin {\n${own}\n${found.flatMap(({ rules }) => rules).join('\n')}\n}\n`,
  };
}
