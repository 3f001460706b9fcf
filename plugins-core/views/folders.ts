/** Static files: folders that plugins contributed and the theme's own, each file addressed by its content. */
import { readFile } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PluginError } from '../../kernel/errors.ts';
import type { PluginRef } from '../../kernel/plugin.ts';
import { filesBelow } from './lookup.ts';
import { hashed, hashOf } from './store.ts';
import { isFile, type Theme } from './theme.ts';

export interface Folders {
  readonly add: (folder: string, owner: PluginRef) => () => void;
  /** `('admin', 'img/logo.svg')` → `admin/img/logo.3f2a91bc04.svg`. @throws PluginError ASSET_UNKNOWN */
  name(plugin: string, file: string): string;
  /** The file behind a name, and whether the hash is that of today's content. */
  read(name: string): Promise<{ readonly body: Buffer; readonly current: boolean } | undefined>;
}

/** Name under which a theme's own files are addressed, after the original's `@CurrentStyle`. */
const themeNames = new Set(['@CurrentStyle', 'theme']);

export function createFolders(chain: readonly Theme[]): Folders {
  // A file is found in this list or not at all, so no address leads out of the folders.
  const files = new Map<string, string>();
  const hashes = new Map<string, { readonly mtime: number; readonly hash: string }>();

  const list = (owner: string, folder: string) =>
    filesBelow(folder).map((file) => [`${owner}/${file}`, join(folder, file)] as const);
  for (const { root } of [...chain].toReversed())
    for (const [name, path] of list('theme', join(root, 'assets'))) files.set(name, path);

  const hashFor = (path: string): string => {
    const mtime = statSync(path).mtimeMs;
    const known = hashes.get(path);
    if (known?.mtime === mtime) return known.hash;
    const hash = hashOf(readFileSync(path));
    hashes.set(path, { mtime, hash });
    return hash;
  };

  return {
    add(folder, owner) {
      const path = resolve(owner.root, folder);
      const fail = (reason: string): never => {
        throw new PluginError('CONTRIBUTION_REJECTED', { plugin: owner.id, point: 'views.assets', reason });
      };
      if (!path.startsWith(join(owner.root, '/'))) fail(`"${folder}" lies outside the plugin`);
      const added = list(owner.id, path);
      if (added.length === 0) fail(`"${folder}" has no files`);
      const taken = added.find(([name]) => files.has(name));
      if (taken) fail(`"${taken[0]}" is there already`);
      for (const [name, file] of added) files.set(name, file);
      return () => {
        for (const [name] of added) files.delete(name);
      };
    },
    name(plugin, file) {
      const name = `${themeNames.has(plugin) ? 'theme' : plugin}/${file}`;
      const path = files.get(name);
      if (path === undefined || !isFile(path))
        throw new PluginError('ASSET_UNKNOWN', { plugin: 'views', reason: `there is no asset "${name}"` });
      return hashed(name, hashFor(path));
    },
    async read(name) {
      const match = /^(.*)\.([\da-f]{10})(\.[^./]*)?$/.exec(name);
      const path = match && files.get(`${match[1]}${match[3] ?? ''}`);
      if (!path || !isFile(path)) return undefined;
      return { body: await readFile(path), current: hashFor(path) === match[2] };
    },
  };
}
