/** Which plugins are switched on: in a file of the data folder, unless an essential plugin keeps it for many nodes. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { PluginError, reasonOf } from './errors.ts';
import type { PluginState } from './tokens.ts';

const switches = v.record(v.string(), v.boolean());

/** The default: `plugins.json`, replaced whole, so that a crash leaves the old or the new one. */
export function fileState(data: string): PluginState {
  const file = join(data, 'plugins.json');
  return {
    async load() {
      try {
        return existsSync(file) ? v.parse(switches, JSON.parse(await readFile(file, 'utf8'))) : {};
      } catch (error) {
        const reason = `${file}: ${reasonOf(error)}; correct or delete it`;
        throw new PluginError('CONFIG_INVALID', { plugin: 'kernel', where: file, reason, cause: error });
      }
    },
    async save(state) {
      await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
      await rename(`${file}.new`, file);
    },
    watch: () => () => {},
  };
}

/**
 * A state shared by many nodes, mirrored to the file, so that going back to a single node changes nothing. One that
 * knows nothing yet takes over what the file says.
 */
export async function mirrored(shared: PluginState, file: PluginState): Promise<PluginState> {
  const [known, kept] = [await shared.load(), await file.load()];
  if (Object.keys(known).length === 0 && Object.keys(kept).length > 0) await shared.save(kept);
  const save: PluginState['save'] = async (next) => void [await shared.save(next), await file.save(next)];
  return { load: () => shared.load(), save, watch: (changed) => shared.watch(changed) };
}
