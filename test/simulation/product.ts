/** The whole product in this process, spoken to as clients do, and started again on the same data. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type HostKernel } from '../../kernel/kernel.ts';
import { createLog } from '../../kernel/log.ts';
import { packageOf, type Json, type WireFunction } from '../support/wire.ts';

export interface Product {
  /** The one that runs now. */
  readonly kernel: HostKernel;
  /** Stops it and starts it again. */
  restart(): Promise<void>;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** @returns the result of each function */
  call(
    path: string,
    headers: Readonly<Record<string, string>>,
    ...functions: readonly WireFunction[]
  ): Promise<readonly Json[]>;
  stop(): Promise<void>;
}

/** Nothing is asked of a visitor before he chats, and nothing is slowed down but by the machine. */
const without = ['survey'];
const needed = ['users', 'groups', 'routing', 'handover', 'leave-message'];
const freely = { packagesPerSecond: 1e6, packagesAtOnce: 1e6 };

export async function startProduct(options: {
  readonly database: string | undefined;
  readonly observe: (hook: string, args: readonly unknown[]) => void;
}): Promise<Product> {
  const data = await mkdtemp(join(tmpdir(), 'mibew-simulation-'));
  const states = [...without.map((id) => [id, false] as const), ...needed.map((id) => [id, true] as const)];
  await writeFile(join(data, 'plugins.json'), JSON.stringify(Object.fromEntries(states)));
  async function boot(): Promise<HostKernel> {
    const made = await createKernel({
      dir: data,
      config: { data, trustedProxies: ['127.0.0.1'], plugins: { rpc: freely } },
      env: options.database ? { MIBEW_DATABASE: options.database } : {},
      log: createLog({ level: 'silent' }),
      observe: options.observe,
    });
    const report = await made.boot();
    const missing = needed.filter((id) => !report.plugins.some((one) => one.id === id && one.status === 'active'));
    if (missing.length > 0) throw new Error(`did not start: ${missing.join(', ')}`);
    return made;
  }
  let kernel = await boot();
  const request = async (path: string, init?: RequestInit) =>
    kernel.fetch(new Request(new URL(path, 'http://localhost'), init));

  return {
    get kernel() {
      return kernel;
    },
    async restart() {
      await kernel.stop();
      kernel = await boot();
    },
    request,
    async call(path, headers, ...functions) {
      const response = await request(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(packageOf(...functions)),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`answered with ${response.status}: ${text}`);
      const { requests } = JSON.parse(text) as {
        readonly requests: readonly { readonly functions: readonly WireFunction[] }[];
      };
      // What the server asks of the client comes along; it is no answer.
      return requests.flatMap(({ functions: [one] }) => (one?.function === 'result' ? [one.arguments] : []));
    },
    async stop() {
      await kernel.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
