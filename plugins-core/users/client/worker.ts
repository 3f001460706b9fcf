/** The service worker of the workspace: leads from a notice to its conversation. It hears of no request and keeps nothing. */

/** The few things of a worker's world that are used here. */
interface WorkerWindow {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly WorkerWindow[]>;
    openWindow(address: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
}
interface WorkerEvent {
  readonly notification?: { readonly data: unknown; close(): void };
  waitUntil(work: Promise<unknown>): void;
}

const worker = globalThis as unknown as WorkerScope;

async function lead(thread: number): Promise<void> {
  const { pathname } = new URL(worker.registration.scope);
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const workspace = windows.find(({ url }) => new URL(url).pathname === pathname);
  if (!workspace) {
    await worker.clients.openWindow(`${pathname}#thread-${thread}`);
    return;
  }
  await workspace.focus();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker speaks to windows of its own origin alone
  workspace.postMessage({ open: thread });
}

// There is nothing that two versions could disagree about: the new one serves at once.
worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('notificationclick', (event) => {
  event.notification?.close();
  event.waitUntil(lead(Number(event.notification?.data)));
});
