/**
 * `workspace-bytes`: what the server sends to the workspace of one operator with 1,000 open conversations and fifty changes a second, half
 * of which change a row. Beside it: the whole list at each push, as a queue without revisions would send it.
 */
import { callBySocket, openSocket } from '../test/support/wire.ts';
import { openRush, startDesk } from '../test/workspace/rush.ts';
import { median } from './load.ts';
import { result, type Bench } from './result.ts';

const open = 1000;
const perSecond = 50;
const seconds = 5;
const rounds = 5;

export const workspaceBench: Bench = {
  names: ['workspace-bytes'],
  run: async () => {
    const server = await startDesk(true);
    try {
      const rush = await openRush(server, { open, own: 5, others: open / 10 });
      const socket = await openSocket(`${server.url}/operator/users/update`, rush.ann);
      const updateThreads = {
        function: 'updateThreads',
        arguments: { agentId: rush.agentId, revision: 0, references: {}, return: { threads: 'threads' } },
      };
      const [answer] = await callBySocket(socket, updateThreads);
      const list = answer!['threads'] as readonly unknown[];
      if (list.length !== open) throw new Error(`the queue has ${list.length} rows, not ${open}`);
      const whole = Buffer.byteLength(JSON.stringify(list));
      let bytes = 0;
      let pushes = 0;
      socket.on('message', (frame: Buffer) => {
        bytes += frame.length;
        pushes += 1;
      });
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        bytes = 0;
        pushes = 0;
        const started = performance.now();
        await rush.run(perSecond * seconds, perSecond);
        const took = (performance.now() - started) / 1000;
        ours.push(bytes / took);
        theirs.push((pushes * whole) / took);
      }
      socket.close();
      const notes = { 'whole list': `${Math.round(whole / 1024)} kB` };
      return [result('workspace-bytes', median(ours), 'bytes/s', median(theirs), { most: 0.01 }, notes)];
    } finally {
      await server.stop();
    }
  },
};
