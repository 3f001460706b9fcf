/** Lookup: which file is behind the name of a view. Active theme → its parents → the plugin's own template. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '../../kernel/errors.ts';
import type { Logger, PluginRef } from '../../kernel/plugin.ts';
import type { ViewSpec } from './api.ts';
import { isFile, themeFile, type Theme } from './theme.ts';

type ViewSide = 'server' | 'client';

interface ViewFile {
  readonly file: string;
  /** Whether a theme replaced the plugin's own template. */
  readonly replaced: boolean;
}

export interface Lookup {
  /** @throws PluginError when the contribution does not fit */
  add(specs: readonly ViewSpec[], owner: PluginRef): () => void;
  find(name: string, side: ViewSide): ViewFile | undefined;
  /** Names of all templates of one side: declared ones, and files beside them that serve as partials. */
  names(side: ViewSide): readonly string[];
  /** Warns once when a theme's file was made for another version of the view. */
  check(name: string, view: ViewFile, source: string): void;
}

const namePattern = /^[a-z][a-z0-9-]*(\/[A-Za-z0-9_-]+)+$/;

export function createLookup(chain: readonly Theme[], log: Logger): Lookup {
  const specs = new Map<string, ViewSpec>();
  const roots = new Map<string, string>();
  const warned = new Set<string>();

  const own = (name: string, side: ViewSide): string | undefined => {
    const [plugin = ''] = name.split('/', 1);
    const root = roots.get(plugin);
    return root === undefined ? undefined : join(root, 'templates', side, `${name.slice(plugin.length + 1)}.hbs`);
  };

  return {
    add(list, owner) {
      const fail = (reason: string): never => {
        throw new PluginError('CONTRIBUTION_REJECTED', { plugin: owner.id, point: 'views.views', reason });
      };
      for (const { name } of list) {
        if (!namePattern.test(name) || !name.startsWith(`${owner.id}/`))
          fail(`"${name}": expected "${owner.id}/<view>"`);
        if (specs.has(name)) fail(`"${name}" is declared already`);
      }
      const before = roots.get(owner.id);
      roots.set(owner.id, owner.root);
      const lacking = list.find(({ name, side }) => !isFile(own(name, side)!));
      if (lacking) {
        if (before === undefined) roots.delete(owner.id);
        fail(`"${lacking.name}": no file templates/${lacking.side}/${lacking.name.slice(owner.id.length + 1)}.hbs`);
      }
      for (const spec of list) specs.set(spec.name, spec);
      return () => {
        for (const { name } of list) specs.delete(name);
        if (![...specs.keys()].some((name) => name.startsWith(`${owner.id}/`))) roots.delete(owner.id);
      };
    },
    find(name, side) {
      // A name is never a path: what does not look like one is nothing.
      if (!namePattern.test(name)) return undefined;
      const spec = specs.get(name);
      if (spec && spec.side !== side) return undefined;
      const themed = themeFile(chain, `templates/${name}.hbs`);
      if (themed !== undefined) return { file: themed, replaced: true };
      const file = own(name, side);
      return file !== undefined && isFile(file) ? { file, replaced: false } : undefined;
    },
    names(side) {
      const beside = [...roots].flatMap(([id, root]) =>
        filesBelow(join(root, 'templates', side), '.hbs').map((file) => `${id}/${file.slice(0, -4)}`),
      );
      return [...new Set(beside)].toSorted();
    },
    check(name, { file, replaced }, source) {
      const spec = specs.get(name);
      if (!replaced || !spec || warned.has(file)) return;
      warned.add(file);
      const header = /^\s*\{\{!--\s*view:\s*(\S+)@(\d+)\s*--\}\}/.exec(source);
      const made = header?.[1] === name ? Number(header[2]) : undefined;
      if (made === spec.version) return;
      const reason =
        made === undefined
          ? `does not begin with {{!-- view: ${name}@${spec.version} --}}`
          : `made for version ${made}, the view is at ${spec.version}`;
      log.warn({ code: 'VIEW_OUTDATED', view: name, file, reason }, 'theme template may not fit');
    },
  };
}

/** Files below a folder, relative to it with `/`, sorted; nothing when there is no folder. */
export function filesBelow(folder: string, ending = ''): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, ''))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
