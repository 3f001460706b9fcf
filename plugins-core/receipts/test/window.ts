/** A visitor's window as the server sees it: a socket that has asked for the messages of its conversation. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Wire {
  readonly requests?: readonly {
    readonly functions: readonly { readonly function: string; readonly arguments: Record<string, unknown> }[];
  }[];
}

/** @returns what is called there, and the way to close it */
export async function openWindow(port: number, secret: string, reference: { threadId: number; token: number }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/thread/update`);
  const called: { readonly name: string; readonly args: Record<string, unknown> }[] = [];
  await once(socket, 'open');
  const greeted = once(socket, 'message');
  socket.send(JSON.stringify({ hello: { visitor: secret } }));
  await greeted;
  const joined = new Promise<void>((done) => {
    socket.on('message', (data: Buffer) => {
      const { requests = [] } = JSON.parse(data.toString()) as Wire;
      for (const one of requests.flatMap(({ functions }) => functions)) {
        if (one.function === 'result') done();
        else called.push({ name: one.function, args: one.arguments });
      }
    });
  });
  const args = { ...reference, user: true, lastId: 0, references: {}, return: {} };
  const functions = [{ function: 'updateMessages', arguments: args }];
  socket.send(JSON.stringify({ signature: '', proto: '1.0', async: true, requests: [{ token: 'first', functions }] }));
  await joined;
  return { called, close: () => socket.terminate() };
}
