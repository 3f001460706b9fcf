/** Server templates: compiled once, with everything they refer to; in development again when a file changed. */
import { readFileSync, statSync } from 'node:fs';
import type Handlebars from 'handlebars';
import type { Lookup } from './lookup.ts';
import { missingTemplate, parseTemplate, type IconSource } from './syntax.ts';

export type Environment = ReturnType<typeof Handlebars.create>;
type Template = HandlebarsTemplateDelegate<unknown>;

export interface Templates {
  /** @throws PluginError TEMPLATE_MISSING, TEMPLATE_INVALID; names the template that asked */
  get(name: string, from?: string): Template;
  /** Forgets everything that was compiled. */
  clear(): void;
  /** Forgets everything if a file changed, appeared or went. */
  refresh(): void;
}

export function createTemplates(env: Environment, lookup: Lookup, icon: IconSource): Templates {
  const compiled = new Map<string, Template>();
  const stamps = new Map<string, string>();

  const stampOf = (name: string): string => {
    const found = lookup.find(name, 'server');
    return found ? `${found.file}@${statSync(found.file, { throwIfNoEntry: false })?.mtimeMs}` : '';
  };
  const clear = () => {
    for (const name of compiled.keys()) env.unregisterPartial(name);
    compiled.clear();
    stamps.clear();
  };
  const get = (name: string, from = name): Template => {
    const known = compiled.get(name);
    if (known) return known;
    const view = lookup.find(name, 'server');
    if (!view) throw missingTemplate(name, from);
    const source = readFileSync(view.file, 'utf8');
    lookup.check(name, view, source);
    const { tree, references } = parseTemplate(name, source, icon, false);
    const template = env.compile<unknown>(tree, { preventIndent: true });
    // Known before its references are looked at: two templates may name each other.
    compiled.set(name, template);
    stamps.set(name, stampOf(name));
    env.registerPartial(name, template);
    try {
      for (const reference of references) get(reference, name);
    } catch (error) {
      compiled.delete(name);
      throw error;
    }
    return template;
  };

  return {
    get,
    clear,
    refresh() {
      for (const [name, stamp] of stamps) if (stampOf(name) !== stamp) return clear();
    },
  };
}
