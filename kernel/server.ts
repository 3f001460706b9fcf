/** The port: Node's HTTP server and WebSockets in front of `kernel.fetch`. */
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { PluginError } from './errors.ts';
import { within } from './flight.ts';
import type { Kernel } from './plugin.ts';

/** A listening server. */
export interface Server {
  /** Where it answers, for people: the public address, or localhost and the port. */
  readonly address: string;
  readonly port: number;
  /** Graceful: no new connections, the kernel stopped, then what is left of the old ones closed. */
  close(): Promise<void>;
}

/** Longer than load balancers keep a connection (60 s), or they send requests into one that we close at that moment. */
const keepAliveTimeout = 75_000;

const reasons = new Map([
  ['EADDRINUSE', 'is already in use by another program'],
  ['EACCES', 'may not be used by this user'],
]);

/**
 * Listens on the host and port of the configuration.
 *
 * @throws PluginError LISTEN_FAILED
 * @example
 * const server = await listen(kernel);
 */
export async function listen(kernel: Kernel): Promise<Server> {
  const { host, port, publicUrl, base } = kernel.config;
  // Compression costs a factor of six on a broadcast; messages are small. A frame past the limit cuts the socket
  // without a word, so it lies above the limits that carriers refuse with a code.
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 2 * 1024 * 1024 });
  const fetch = (request: Request, env: unknown) => kernel.fetch(request, env);
  const server = await new Promise<ServerType>((resolve, reject) => {
    const hostname = host || undefined;
    const starting = serve(
      { fetch, port, hostname, websocket: { server: sockets }, serverOptions: { keepAliveTimeout } },
      () => resolve(starting),
    );
    starting.once('error', (error: NodeJS.ErrnoException) => {
      const reason = `port ${port}${host && ` on ${host}`} ${reasons.get(error.code ?? '') ?? error.message}`;
      reject(new PluginError('LISTEN_FAILED', { plugin: 'kernel', reason, cause: error }));
    });
  });
  const bound = (server.address() as AddressInfo).port;
  const name = host === '' || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return {
    address: publicUrl?.href.replace(/\/$/, '') ?? `http://${name.includes(':') ? `[${name}]` : name}:${bound}${base}`,
    port: bound,
    async close() {
      const closed = new Promise<unknown>((resolve) => server.close(resolve));
      await kernel.stop();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await within(closed, 5_000, () => new Error('connections are still open')).catch(() => {
        for (const socket of sockets.clients) socket.terminate();
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}
