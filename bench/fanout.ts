/** `fanout-5000`: milliseconds from a push until the last of 5,000 open pages has it, beside a raw broadcast of the same bytes. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { callBySocket, openSocket } from '../test/support/wire.ts';
import { startBaseline } from './baseline/start.ts';
import { median } from './load.ts';
import { result, type Bench } from './result.ts';
import { addressOf, startSite } from './site.ts';

const pages = 5_000;
const rounds = 15;
const together = 32;

async function openMany(open: (index: number) => Promise<WebSocket>): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (next < pages) {
        const index = (next += 1) - 1;
        sockets[index] = await open(index);
      }
    }),
  );
  return sockets;
}

/** @returns milliseconds until every socket has a frame with the mark */
async function reach(sockets: readonly WebSocket[], mark: string, send: () => unknown): Promise<number> {
  const all = Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((done) => {
          const hear = (data: Buffer) => {
            if (!data.includes(mark)) return;
            socket.off('message', hear);
            done();
          };
          socket.on('message', hear);
        }),
    ),
  );
  const start = performance.now();
  await send();
  await all;
  return performance.now() - start;
}

export const fanoutBench: Bench = {
  names: ['fanout-5000'],
  run: async () => {
    const site = await startSite();
    const relay = await startBaseline('relay');
    try {
      const contact = {
        function: 'widgetContact',
        arguments: { page: 'https://shop.example/', references: {}, return: { next: 'next' } },
      };
      let frame = '';
      const ours = await openMany(async (index) => {
        const secret = `${'p'.repeat(37)}${String(index).padStart(6, '0')}`;
        const headers = { 'x-forwarded-for': addressOf(index) };
        const socket = await openSocket(`${site.server.url}/widget`, { headers, secret });
        await callBySocket(socket, contact);
        return socket;
      });
      ours[0]!.on('message', (data: Buffer) => {
        if (data.includes('benchMark')) frame = String(data);
      });
      const theirs = await openMany(async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${relay.port}`, { perMessageDeflate: false });
        await once(socket, 'open');
        return socket;
      });
      const sender = new WebSocket(`ws://127.0.0.1:${relay.port}`, { perMessageDeflate: false });
      await once(sender, 'open');
      const [pushed, raw]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        const mark = `mark-${round}-end`;
        pushed.push(await reach(ours, mark, () => site.push(mark)));
        raw.push(await reach(theirs, mark, () => sender.send(frame)));
      }
      for (const socket of [...ours, ...theirs, sender]) socket.terminate();
      return [result('fanout-5000', median(pushed), 'ms', median(raw), { most: 3 })];
    } finally {
      await relay.stop();
      await site.stop();
    }
  },
};
