/** Somebody's shop: a site of its own with the strictest policy under which the product promises to work. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Shop {
  /** Another site than the chat's: what a browser keeps for one it does not give to the other. */
  readonly url: string;
  /** What browsers reported against its policy. */
  readonly reports: readonly string[];
  close(): Promise<void>;
}

/** What the product asks of a host page, and nothing besides. */
const policyFor = (chat: string, nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `connect-src ${chat} ${chat.replace(/^http/, 'ws')}`,
    `img-src ${chat}`,
    `media-src ${chat}`,
    'report-uri /reports',
  ].join('; ');

const pageOf = (chat: string, nonce: string, title: string, attributes: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<script src="${chat}/mibew.js" async nonce="${nonce}"${attributes}></script>
<h1>${title}</h1>
<p><a href="/">First page</a> <a href="/next">Next page</a>
<p><a id="mibew-agent-button" href="${chat}/chat?url=shop">Talk with us</a>
`;

/** @param attributes further ones of the script, with a space before each */
export async function openShop(chat: string, attributes = ''): Promise<Shop> {
  const reports: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/reports') {
      request.on('data', (chunk: Buffer) => reports.push(String(chunk)));
      request.on('end', () => response.writeHead(204).end());
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyFor(chat, nonce),
    });
    response.end(pageOf(chat, nonce, request.url === '/next' ? 'The next page' : 'The first page', attributes));
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    reports,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
