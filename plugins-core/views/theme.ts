/** Themes: folders, each with at most one parent. The chain of the active one is where files are looked up first. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError, reasonOf } from '../../kernel/errors.ts';

export interface Theme {
  readonly id: string;
  readonly version: string;
  readonly root: string;
}

/**
 * The active theme, its parent and so on; the last one is the root of them all.
 *
 * @param folders where themes are looked for, the first one that has it wins
 * @throws PluginError THEME_INVALID
 */
export function themeChain(active: string, folders: readonly string[]): readonly Theme[] {
  const chain: Theme[] = [];
  for (let id: string | undefined = active; id !== undefined;) {
    const fail = (reason: string): never => {
      throw new PluginError('THEME_INVALID', { plugin: 'views', reason: `theme "${id}": ${reason}` });
    };
    if (!/^[\w-]{1,40}$/.test(id)) fail('no name for a theme');
    if (chain.some((theme) => theme.id === id)) fail('is its own parent');
    const root = folders.map((folder) => join(folder, id!)).find((path) => existsSync(join(path, 'package.json')));
    if (root === undefined) return fail('not found');
    const pack = readPackage(join(root, 'package.json'), fail);
    chain.push({ id, root, version: pack.version });
    id = pack.parent;
  }
  return chain;
}

function readPackage(file: string, fail: (reason: string) => never): { version: string; parent: string | undefined } {
  try {
    const pack = JSON.parse(readFileSync(file, 'utf8')) as { version?: string; mibewTheme?: { parent?: string } };
    return { version: pack.version ?? '0.0.0', parent: pack.mibewTheme?.parent };
  } catch (error) {
    return fail(reasonOf(error));
  }
}

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The first file of this name along the chain. */
export const themeFile = (chain: readonly Theme[], name: string): string | undefined =>
  chain.map(({ root }) => join(root, name)).find(isFile);
