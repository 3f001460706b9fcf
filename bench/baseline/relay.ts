/** Baseline of `delivery`: a bare `ws` server that passes each text on to all other sockets. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (text: Buffer) => {
    for (const other of server.clients) if (other !== socket) other.send(text.toString());
  });
});
server.on('listening', () => process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`));
