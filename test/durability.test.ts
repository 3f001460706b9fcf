import { expect, it } from 'vitest';
import { complete, runDurability } from './durability.ts';
import { describeWith } from './support/needs.ts';
import { root } from './support/server.ts';
import { strace } from './support/strace.ts';

const hasty = `export default { pluginFolders: [${JSON.stringify(`${root}test/support/haste`)}] };`;

describeWith([strace()], 'an acknowledged message is on disk', () => {
  it('and neither an answer nor a push leaves before the sync that covers its frames', async () => {
    const { largestGroup, ...found } = await runDurability();
    expect(found).toEqual({ ...complete, early: [] });
    // Else it would say nothing of messages that are committed together.
    expect(largestGroup).toBeGreaterThan(1);
  }, 120_000);

  it('which would be seen to do so with synchronous=OFF', async () => {
    const { early, largestGroup, ...found } = await runDurability(hasty);
    expect(found).toEqual(complete);
    expect(largestGroup).toBe(0);
    const { answers, pushes } = complete;
    expect(early).toHaveLength(answers.post + answers.socket + pushes);
  }, 120_000);
});
