/** A proxy as it stands before many an installation: it speaks TLS, and says in headers what the browser asked for. */
import { request as forward, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { selfSigned } from './certificate.ts';

export interface Front {
  /** https. */
  readonly url: string;
  /** Sockets that went through it. */
  sockets(): number;
  close(): Promise<void>;
}

/** Listens on a free port and forwards to `port`; upstream sees a `Host` that is not the browser's. */
export async function startFront(port: number): Promise<Front> {
  const open = new Set<Duplex>();
  let sockets = 0;
  const marked = (headers: IncomingHttpHeaders) => ({
    ...headers,
    host: `127.0.0.1:${port}`,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': headers.host,
    'x-forwarded-for': '203.0.113.9',
  });
  const server = createServer(selfSigned('localhost'), (from, to) => {
    const headers = marked(from.headers);
    const out = forward({ port, host: '127.0.0.1', method: from.method, path: from.url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    out.on('error', () => to.destroy());
    from.pipe(out);
  });
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (from, client: Duplex, head: Buffer) => {
    sockets += 1;
    const upstream = connect(port, '127.0.0.1', () => {
      const lines = Object.entries(marked(from.headers)).map(([name, value]) => `${name}: ${String(value)}`);
      upstream.write(`GET ${from.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [one, other] of [[client, upstream] as const, [upstream, client] as const])
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    sockets: () => sockets,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
