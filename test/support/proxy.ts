/** A proxy that behaves like the worst network: answers get lost, requests arrive twice, sockets break. */
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Random } from './random.ts';

export interface ProxyFaults {
  /** Share of answers to POST requests that are thrown away. */
  readonly dropAnswer: number;
  /** Share of POST requests that are sent twice. */
  readonly repeatRequest: number;
  /** Chance for each chunk on an upgraded connection that the connection is cut there. */
  readonly cutSocket: number;
  /** Share of pushed messages that get lost while their connection lives on. */
  readonly losePush: number;
  /** Refuse upgrades altogether (clients must poll). */
  readonly refuseSockets?: boolean;
  /** Answers come at once or not at all: nobody is asked for a stream of events. */
  readonly refuseStreams?: boolean;
}
/** A network that loses nothing. */
export const sound: ProxyFaults = { dropAnswer: 0, repeatRequest: 0, cutSocket: 0, losePush: 0 };

export interface FaultyProxy {
  readonly url: string;
  /** What clients asked for, in order: `GET /mibew.js`, `upgrade /widget`, and `frame /widget` for what came over that socket. */
  readonly heard: readonly string[];
  readonly counts: Record<'requests' | 'dropped' | 'repeated' | 'sockets' | 'cut' | 'lost', number>;
  /** Stops the faults, so that everything can come to rest. */
  calm(): void;
  close(): Promise<void>;
}

/** Opcode of the frame that ends a socket. */
const closing = 8;

/** Cuts what a server sends after its answer to an upgrade into the frames that it is made of; those are not masked. */
function splitFrames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let upgraded = false;
  const lengthOf = (): number | undefined => {
    if (!upgraded) {
      const end = rest.indexOf('\r\n\r\n');
      return end < 0 ? undefined : end + 4;
    }
    if (rest.length < 2) return undefined;
    const short = rest[1]! & 127;
    if (short < 126) return 2 + short;
    const header = short === 126 ? 4 : 10;
    if (rest.length < header) return undefined;
    return header + (short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2)));
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let length = lengthOf(); length !== undefined && rest.length >= length; length = lengthOf()) {
      const frame = rest.subarray(0, length);
      rest = rest.subarray(length);
      upgraded = true;
      take(frame);
    }
  };
}

/** Listens on a free port and forwards to `port` on this machine. */
export async function startProxy(port: number, faults: ProxyFaults, random: Random): Promise<FaultyProxy> {
  let now = faults;
  const counts = { requests: 0, dropped: 0, repeated: 0, sockets: 0, cut: 0, lost: 0 };
  const heard: string[] = [];
  const open = new Set<Duplex>();

  const forward = (
    from: IncomingMessage,
    body: Buffer,
    answered: (answer: IncomingMessage) => void,
    failed: () => void,
  ) => {
    const headers: IncomingHttpHeaders = { ...from.headers, 'content-length': String(body.length) };
    if (now.refuseStreams) delete headers.accept;
    const out = httpRequest({ port, host: '127.0.0.1', method: from.method, path: from.url, headers }, answered);
    out.on('error', failed);
    out.end(body);
  };

  const handle = (from: IncomingMessage, to: ServerResponse) => {
    heard.push(`${from.method} ${from.url}`);
    const chunks: Buffer[] = [];
    from.on('data', (chunk: Buffer) => chunks.push(chunk));
    from.on('end', () => {
      counts.requests += 1;
      const body = Buffer.concat(chunks);
      const post = from.method === 'POST';
      const drop = post && random.chance(now.dropAnswer);
      if (post && random.chance(now.repeatRequest)) {
        counts.repeated += 1;
        forward(
          from,
          body,
          (answer) => answer.resume(),
          () => undefined,
        );
      }
      forward(
        from,
        body,
        (answer) => {
          if (drop) {
            counts.dropped += 1;
            answer.resume();
            to.destroy();
            return;
          }
          to.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(to);
        },
        () => to.destroy(),
      );
    });
    from.on('error', () => to.destroy());
  };

  const server = createServer(handle);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (from: IncomingMessage, client: Socket, head: Buffer) => {
    heard.push(`upgrade ${from.url}`);
    if (now.refuseSockets) {
      client.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    counts.sockets += 1;
    const upstream = connect(port, '127.0.0.1');
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    const pass = (to: Socket) => (chunk: Buffer) => {
      if (random.chance(now.cutSocket)) {
        counts.cut += 1;
        cut();
      } else to.write(chunk);
    };
    upstream.on('connect', () => {
      const lines = [`${from.method} ${from.url} HTTP/1.1`];
      for (let at = 0; at < from.rawHeaders.length; at += 2)
        lines.push(`${from.rawHeaders[at]}: ${from.rawHeaders[at + 1]}`);
      upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      client.on('data', pass(upstream));
      client.on('data', (chunk: Buffer) => {
        if ((chunk[0]! & 15) !== closing) heard.push(`frame ${from.url}`);
      });
      const frames = splitFrames((frame) => {
        if (frame.includes('"receiveMessages"') && random.chance(now.losePush)) counts.lost += 1;
        else pass(client)(frame);
      });
      upstream.on('data', frames);
    });
    for (const socket of [client, upstream]) socket.on('error', cut).on('close', cut);
  });

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    counts,
    calm: () => {
      now = { ...faults, dropAnswer: 0, repeatRequest: 0, cutSocket: 0, losePush: 0 };
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
