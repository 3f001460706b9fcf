/** The page's side of the service worker: has it show what pages may not, and follows where it leads. */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** Pages that demand trusted types allow this policy for this address alone. */
function trusted(address: string): string {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  const policy = policies?.createPolicy('mibew-worker', {
    createScriptURL(url) {
      if (url === address) return url;
      throw new TypeError('no worker but that of the workspace');
    },
  });
  return policy?.createScriptURL(address) ?? address;
}

export interface InstalledNeeds {
  /** Path of the workspace. */
  readonly path: string;
  /** Absent on pages that are not served safely. */
  readonly workers: ServiceWorkerContainer | undefined;
  /** A notice was chosen. */
  readonly open: (thread: number) => void;
}

export function createInstalled({ path, workers, open }: InstalledNeeds) {
  let ready: Promise<ServiceWorkerRegistration> | undefined;
  async function register(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
    await container.register(trusted(`${path}/worker.js`), { scope: path, updateViaCache: 'none' });
    return container.ready;
  }
  workers?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'object' && data !== null && 'open' in data) open(Number(data.open));
  });
  // Messages wait until somebody says that he listens.
  workers?.startMessages();
  return {
    /** Shows a notice; `tag` tells it from others. The worker is there only for this: where pages show notices nobody has one. */
    show:
      workers &&
      (async (title: string, options: NotificationOptions) => {
        const registration = await (ready ??= register(workers));
        await registration.showNotification(title, options);
        return {
          async close() {
            for (const notice of await registration.getNotifications({ tag: options.tag })) notice.close();
          },
        };
      }),
    /** The conversation that the address asks for, once. */
    asked(): number | undefined {
      const [, id] = /^#thread-(\d+)$/.exec(location.hash) ?? [];
      if (id) history.replaceState(null, '', location.pathname + location.search);
      return id ? Number(id) : undefined;
    },
  };
}
