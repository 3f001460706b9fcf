/** Client templates: precompiled for the active theme into one ES module per app. The module is data; it imports nothing. */
import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { PluginError, reasonOf } from '../../kernel/errors.ts';
import { minifyJs } from './bundle.ts';
import type { Lookup } from './lookup.ts';
import type { Built } from './store.ts';
import { missingTemplate, parseTemplate, trimSpace, type IconSource } from './syntax.ts';

/** Helpers of `mibew/client`, and no others: with them known, everything else is a value and compiles to half the size. */
const knownHelpers = {
  l10n: true,
  formatTime: true,
  initials: true,
  tint: true,
  urlReplace: true,
  ifEqual: true,
  ifAny: true,
  ifEven: true,
  ifOdd: true,
  repeat: true,
  replace: true,
  cutString: true,
  extends: true,
  block: true,
  override: true,
  ifOverridden: true,
  unlessOverridden: true,
};

/** Names of the views behind patterns (`chat/window`, `chat/*`), and of the templates that these refer to. */
export async function precompile(
  patterns: readonly string[],
  lookup: Lookup,
  icon: IconSource,
  owner: string,
): Promise<Built> {
  const known = lookup.names('client');
  const inputs: string[] = [];
  const done = new Map<string, string>();

  const add = (name: string, from: string): void => {
    if (done.has(name)) return;
    const view = lookup.find(name, 'client');
    if (!view) throw missingTemplate(name, from);
    const source = readFileSync(view.file, 'utf8');
    lookup.check(name, view, source);
    inputs.push(view.file);
    const { tree, references } = parseTemplate(name, source, icon, true);
    trimSpace(tree);
    done.set(name, specification(tree, name));
    for (const reference of references) add(reference, name);
  };
  for (const pattern of patterns) {
    if (!pattern.endsWith('/*')) add(pattern, owner);
    else for (const name of known) if (name.startsWith(pattern.slice(0, -1))) add(name, owner);
  }
  const entries = [...done]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => `${JSON.stringify(name)}:${spec}`);
  return { body: await minifyJs(`export default {\n${entries.join(',\n')}\n};\n`, owner), inputs };
}

/** Positions in the source, and a fallback for older runtimes than the one we ship: half of what Handlebars writes. */
const positions = /,\s*"loc":\s*\{"source":"[^"]*","start":\{[^{}]*\},"end":\{[^{}]*\}\}/g;
const fallback =
  /(lookupProperty = container\.lookupProperty) \|\| function\(parent, propertyName\) \{\s*if \([^{]*\) \{\s*return parent\[propertyName\];\s*\}\s*return undefined\s*\}/g;

function specification(tree: hbs.AST.Program, name: string): string {
  try {
    const source = Handlebars.precompile(tree, {
      knownHelpers,
      knownHelpersOnly: true,
      preventIndent: true,
    }) as unknown;
    return (source as string).replace(positions, '').replace(fallback, '$1');
  } catch (cause) {
    const reason = `${name}: ${reasonOf(cause)}`;
    throw new PluginError('TEMPLATE_INVALID', { plugin: 'views', where: name, reason, cause });
  }
}

/** Which files a precompiled module would be made from: names that appear or go must count, too. */
export const templateFiles = (lookup: Lookup): string =>
  lookup
    .names('client')
    .map((name) => lookup.find(name, 'client')?.file ?? '')
    .join('\n');
