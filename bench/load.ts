/** A load generator on bare sockets: requests are made beforehand, answers parsed only as far as their end. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** One kept-alive HTTP/1.1 connection with at most one request under way. */
export interface Connection {
  /** @returns status and body */
  send(request: Buffer): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
}

/** Bytes of a POST request with a JSON body. */
export function postRequest(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

const bodyOf = (text: string, head: number): { readonly body: string; readonly end: number } | undefined => {
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head));
  const start = head + 4;
  if (length) {
    const end = start + Number(length[1]);
    return text.length < end ? undefined : { body: text.slice(start, end), end };
  }
  let at = start;
  let body = '';
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (text.length < line + 2 + size + 2) return undefined;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
    if (size === 0) return { body, end: at };
  }
};

/** Opens a connection. */
export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let waiting: { done: (answer: { status: number; body: string }) => void; failed: (error: Error) => void } | undefined;
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const head = text.indexOf('\r\n\r\n');
    const found = head < 0 ? undefined : bodyOf(text, head);
    if (!found) return;
    const status = Number(text.slice(9, 12));
    text = text.slice(found.end);
    const ready = waiting;
    waiting = undefined;
    ready?.done({ status, body: Buffer.from(found.body, 'latin1').toString('utf8') });
  });
  socket.on('error', (error) => waiting?.failed(error));
  socket.on('close', () => waiting?.failed(new Error('connection closed')));
  return {
    send: (request) =>
      new Promise((done, failed) => {
        if (socket.destroyed) return failed(new Error('connection closed'));
        waiting = { done, failed };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** Keeps `connections` workers busy for `seconds`. @returns completed calls per second */
export async function throughput(workers: readonly (() => Promise<void>)[], seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  await Promise.all(
    workers.map(async (work) => {
      while (performance.now() < end) {
        await work();
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - start) / 1000);
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** @param share 0.5 for the median, 0.99 … */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
