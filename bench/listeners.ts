/** `post-listeners-16`: what ten plugins that listen to every message cost, beside the same server without them. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, throughput } from './load.ts';
import { startUnlimited } from './product.ts';
import { openVisitors, workersOf } from './post.ts';
import { result, type Bench } from './result.ts';

const name = 'post-listeners-16';
const connections = 16;
const listeners = 10;
const rounds = 5;
const seconds = 3;

/** A plugin with one filter and one listener of the message path, as somebody would write it. */
function writePlugin(folder: string, index: number): string {
  const id = `listener-${index}`;
  const root = join(folder, id);
  mkdirSync(root);
  const manifest = {
    name: `mibew-plugin-${id}`,
    version: '1.0.0',
    type: 'module',
    engines: { mibew: '^1.0.0' },
    mibew: { id, plugin: './plugin.js', plugins: { chat: '^1.0.0' } },
  };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  const code = `import { definePlugin } from 'mibew/kernel';
import { filterMessage, messagePosted } from 'mibew/plugins/chat';

let heard = 0;
export default definePlugin({
  id: ${JSON.stringify(id)},
  setup(ctx) {
    ctx.on(filterMessage, (draft) => (draft.body.includes('word ${index}') ? { ...draft, body: '' } : draft));
    ctx.on(messagePosted, () => {
      heard += 1;
    });
  },
});
`;
  writeFileSync(join(root, 'plugin.js'), code);
  return root;
}

export const listenersBench: Bench = {
  names: [name],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'mibew-bench-'));
    const roots = Array.from({ length: listeners }, (_, index) => writePlugin(folder, index + 1));
    const bare = await startUnlimited();
    const full = await startUnlimited({}, roots);
    try {
      const [alone, together] = [await openVisitors(bare, connections), await openVisitors(full, connections)];
      for (const people of [alone, together]) await throughput(workersOf(people), 1);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await throughput(workersOf(alone), seconds));
        ours.push(await throughput(workersOf(together), seconds));
      }
      return [result(name, median(ours), 'posts/s', median(theirs), { least: 0.9 })];
    } finally {
      await full.stop();
      await bare.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
