/** A site of somebody's with one page of whatever text, at every address; without a policy. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Is there until the test ends.
 * @param host `localhost` is another site than the chat's, `127.0.0.1` the same one under another port
 * @returns its address
 */
export async function openSite(html: string, host: 'localhost' | '127.0.0.1' = 'localhost'): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><meta charset="utf-8">${html}`);
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}
