/** The line between a page and a gateway, by socket and by request: cut from the start, cut later, or dead. */
import type { Page, WebSocketRoute } from 'playwright-core';

/** The gateway answers nobody: neither a socket nor a request gets through. */
export async function cut(page: Page, gateway: string): Promise<void> {
  await page.routeWebSocket(`**${gateway}`, (socket) => socket.close());
  await page.route(`**${gateway}`, (route) => route.abort());
}

/** The gateway takes everything and answers nothing. */
export async function hold(page: Page, gateway: string): Promise<void> {
  await page.routeWebSocket(`**${gateway}`, () => undefined);
  await page.route(`**${gateway}`, () => undefined);
}

/**
 * Everything gets through for now. Has to be laid before the page is there.
 * @returns lets nothing new through from the first call on; what the page does in `meanwhile` still finds its socket open, then that is closed, too
 */
export async function lay(page: Page, gateway: string): Promise<(meanwhile: () => Promise<void>) => Promise<void>> {
  let there = true;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(`**${gateway}`, (socket) => {
    if (!there) return socket.close();
    sockets.push(socket);
    socket.connectToServer();
    return undefined;
  });
  await page.route(`**${gateway}`, (route) => (there ? route.continue() : route.abort()));
  return async (meanwhile) => {
    there = false;
    await meanwhile();
    for (const socket of sockets) await socket.close();
  };
}
