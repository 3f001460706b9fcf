/** Which plugins are switched on: in a file of the data folder, unless an essential plugin keeps it for many nodes. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginState } from './tokens.ts';

type State = Record<string, boolean>;

/** The default: `plugins.json`, replaced whole, so that a crash leaves the old or the new one. */
export function fileState(data: string): PluginState {
  const file = join(data, 'plugins.json');
  return {
    load: async () => (existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as State) : {}),
    async save(state) {
      await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
      await rename(`${file}.new`, file);
    },
    watch: () => () => {},
  };
}

/**
 * Opens the state at boot. A shared source that knows nothing yet takes over what the file says; from then on the file
 * is its mirror, so that going back to a single node changes nothing either.
 */
export async function openState(
  file: PluginState,
  shared?: PluginState,
): Promise<{ source: PluginState; state: State }> {
  const kept = await file.load();
  if (!shared) return { source: file, state: kept };
  let state = await shared.load();
  if (Object.keys(state).length === 0 && Object.keys(kept).length > 0) await shared.save((state = kept));
  const mirror = async (next: State) => {
    await shared.save(next);
    await file.save(next);
  };
  return { source: { load: () => shared.load(), save: mirror, watch: (changed) => shared.watch(changed) }, state };
}
