/** `delivery-…`: milliseconds from a visitor's post to the operator's socket at 200 messages a second, beside a bare relay. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Server } from '../test/support/server.ts';
import { startBaseline } from './baseline/start.ts';
import { median, quantile } from './load.ts';
import { logIn } from '../test/support/login.ts';
import { openVisitor, packageOf, pollOf, postOf, startUnlimited, type BenchVisitor } from './product.ts';
import { result, type Bench } from './result.ts';

const perSecond = 200;
const seconds = 5;
const rounds = 5;
const visitors = 20;

/** Sends marks at an even pace. @returns milliseconds that each took to arrive */
async function pace(send: (mark: string, index: number) => void, onMark: (arrived: (mark: string) => void) => void) {
  const sent = new Map<string, number>();
  const took: number[] = [];
  const total = perSecond * seconds;
  await new Promise<void>((done) => {
    onMark((mark) => {
      const start = sent.get(mark);
      if (start === undefined) return;
      sent.delete(mark);
      took.push(performance.now() - start);
      if (took.length === total) done();
    });
    const start = performance.now();
    let count = 0;
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond));
      for (; count < due; count += 1) {
        const mark = `mark-${start.toFixed(3)}-${count}-end`;
        sent.set(mark, performance.now());
        send(mark, count);
      }
      if (count === total) clearInterval(timer);
    }, 1);
  });
  return took;
}

const marksIn = (text: string) => text.match(/mark-[\d.]+-\d+-end/g) ?? [];

async function openSocket(
  url: string,
  hello: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await once(socket, 'open');
  if (hello !== undefined) {
    socket.send(JSON.stringify({ hello }));
    await once(socket, 'message');
  }
  return socket;
}

async function connectProduct(server: Server) {
  const people: BenchVisitor[] = await Promise.all(
    Array.from({ length: visitors }, (_, index) => openVisitor(server, index)),
  );
  const url = server.url.replace('http', 'ws');
  const sockets = await Promise.all(people.map((one) => openSocket(`${url}/thread/update`, { visitor: one.secret })));
  const operator = await logIn(server);
  const desk = await openSocket(`${url}/thread/update`, {}, operator);
  for (const one of people) {
    const none = { threadId: one.threadId, token: one.token, user: false, references: {}, return: {} };
    desk.send(packageOf([{ function: 'take', arguments: none }]));
    await once(desk, 'message');
    const watch = pollOf(one, 0).map((call) => ({ ...call, arguments: { ...call.arguments, user: false } }));
    desk.send(packageOf(watch));
    await once(desk, 'message');
  }
  return { people, sockets, desk };
}

export const deliveryBench: Bench = {
  names: ['delivery-p50', 'delivery-p99'],
  run: async (only) => {
    const server = await startUnlimited();
    try {
      const { people, sockets, desk } = await connectProduct(server);
      const relay = await startBaseline('relay');
      const relayUrl = `ws://127.0.0.1:${relay.port}`;
      const bareFrom = await openSocket(relayUrl, undefined);
      const bareTo = await openSocket(relayUrl, undefined);
      let arrived: (mark: string) => void = () => undefined;
      const hear = (text: unknown) => {
        for (const mark of marksIn(String(text))) arrived(mark);
      };
      desk.on('message', hear);
      bareTo.on('message', hear);
      const listen = (fn: (mark: string) => void) => {
        arrived = fn;
      };
      const ours: number[][] = [];
      const theirs: number[][] = [];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(
          await pace((mark, index) => bareFrom.send(packageOf([postOf(people[index % visitors]!, mark)])), listen),
        );
        ours.push(
          await pace((mark, index) => {
            const at = index % visitors;
            sockets[at]!.send(packageOf([postOf(people[at]!, mark)]));
          }, listen),
        );
      }
      await relay.stop();
      const of = (share: number, rows: readonly number[][]) => median(rows.map((row) => quantile(row, share)));
      return [
        result('delivery-p50', of(0.5, ours), 'ms', of(0.5, theirs), { most: 20 }),
        result('delivery-p99', of(0.99, ours), 'ms', of(0.99, theirs), { most: 8 }),
      ].filter(({ name }) => only(name));
    } finally {
      await server.stop();
    }
  },
};
