/** Style sheets: the theme's tokens and base, what plugins add, what child themes change, each in its cascade layer. */
import { readFileSync } from 'node:fs';
import { minifyCss } from './bundle.ts';
import type { Built } from './store.ts';
import { themeFile, isFile, type Theme } from './theme.ts';
import { join } from 'node:path';

const layers = 'tokens, base, plugin, theme, site';

/**
 * `app`: the sheet of an app, also inside a host page; `page`: with what only pages need (navigation, tables); `part`: what an app
 * loads on demand, to which the base is there already.
 */
export type SheetKind = 'app' | 'page' | 'part';

const bases: Readonly<Record<SheetKind, readonly string[]>> = {
  app: ['base.css'],
  page: ['base.css', 'pages.css', 'frames.css', 'data.css', 'media.css'],
  part: [],
};

export async function sheet(
  chain: readonly Theme[],
  styles: readonly string[],
  kind: SheetKind,
  owner: string,
): Promise<Built> {
  const inputs: string[] = [];
  const read = (file: string) => {
    inputs.push(file);
    return readFileSync(file, 'utf8');
  };
  const layer = (name: string, files: readonly string[]) => {
    const text = files.map(read).join('\n');
    return text.trim() === '' ? '' : `@layer ${name} {\n${text}\n}\n`;
  };
  // Tokens and theme.css add up from the oldest ancestor on; of everything else one file replaces one file.
  const inherited = (name: string) =>
    chain
      .map(({ root }) => join(root, name))
      .filter(isFile)
      .toReversed();
  const base = bases[kind].flatMap((name) => themeFile(chain, name) ?? []);
  const css = [
    `@layer ${layers};\n`,
    layer('tokens', inherited('tokens.css')),
    layer('base', base),
    layer('plugin', styles),
    layer('theme', inherited('theme.css')),
  ].join('');
  return { body: await minifyCss(css, owner), inputs };
}

const declared = /(--mb-[\w-]+):[^;{}]*(?:;|(?=\}))/g;

/** A minified sheet without the tokens that nothing in it uses: a host page pays for each. */
function withoutUnusedTokens(css: string): string {
  const used = new Set([...css.matchAll(/var\((--mb-[\w-]+)/g)].map(([, name]) => name));
  const kept = css.replace(declared, (declaration, name: string) => (used.has(name) ? declaration : ''));
  // Tokens are made of tokens: what has gone may have been the last to use another.
  return kept === css ? css : withoutUnusedTokens(kept);
}

/** The sheet as a module for shadow roots, where `:root` matches nothing and `:host` is what it means. */
export function sheetModule(css: string): string {
  const hosted = withoutUnusedTokens(css).replace(
    /:root((?:\[[^\]]*\]|:not\([^()]*\)|\.[\w-]+)*)/g,
    (_, rest: string) => (rest === '' ? ':host' : `:host(${rest})`),
  );
  return `export default ${JSON.stringify(hosted)};\n`;
}
