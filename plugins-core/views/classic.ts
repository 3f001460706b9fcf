/** Classic scripts for host pages: one bundle without globals, and a sheet that carries just the tokens that it uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, minifyCss } from './bundle.ts';
import type { Store } from './store.ts';
import { isFile, type Theme } from './theme.ts';

const declaration = /(--mb-[\w-]+)\s*:\s*([^;{}]+);/g;
const use = /var\((--mb-[\w-]+)/g;

/** The declarations of `tokens` that `css` needs, and those that they need in turn. Later ones win, as in the sheet. */
function pickTokens(tokens: string, css: string): string {
  const values = new Map([...tokens.matchAll(declaration)].map(([, name, value]) => [name!, value!.trim()]));
  const needed = new Set<string>();
  const visit = (text: string) => {
    for (const [, name] of text.matchAll(use)) {
      const value = values.get(name!);
      if (value === undefined || needed.has(name!)) continue;
      needed.add(name!);
      visit(value);
    }
  };
  visit(css);
  return [...needed].map((name) => `${name}:${values.get(name)}`).join(';');
}

export interface Classic {
  /** Source of an immediately invoked function; free names are bound by whoever wraps it. */
  readonly script: string;
  readonly css: string;
}

/** Makes the builder of {@link ViewsService.classic}. */
export function createClassic(store: Store, chain: readonly Theme[], version: string) {
  const theme = chain.map(({ root, version: own }) => `${root}@${own}`).join();

  async function styles(name: string, plain: readonly string[]): Promise<string> {
    // What a theme says comes after what it says it about.
    const added = chain.map(({ root }) => join(root, `page/${name}.css`)).filter(isFile);
    const files = [...plain, ...added.toReversed()];
    const sheets = chain
      .map(({ root }) => join(root, 'tokens.css'))
      .filter(isFile)
      .toReversed();
    const build = async () => {
      const css = files.map((file) => readFileSync(file, 'utf8')).join('\n');
      // Only the plain declarations: what depends on media queries is asked for by the sheet itself.
      const tokens = sheets.map((file) =>
        readFileSync(file, 'utf8').replace(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, ''),
      );
      const picked = pickTokens(tokens.join('\n'), css);
      return {
        body: await minifyCss(`:host{color-scheme:light dark;${picked}}\n${css}`, name),
        inputs: [...files, ...sheets],
      };
    };
    return store.ensure({
      id: `classic-style:${name}`,
      file: `${name}.css`,
      config: [version, theme, ...files].join(' '),
      build,
    });
  }

  return async (name: string, entry: string, files: readonly string[]): Promise<Classic> => {
    const script = await store.ensure({
      id: `classic:${name}`,
      file: `${name}.js`,
      config: [version, entry].join(' '),
      build: () => bundle({ entry, owner: name, classic: true }),
    });
    const css = await styles(name, files);
    const text = async (file: string) => (await store.read(file))!.toString('utf8');
    return { script: await text(script), css: await text(css) };
  };
}
