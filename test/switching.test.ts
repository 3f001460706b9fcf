import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKernel, type HostKernel } from '../kernel/kernel.ts';
import { createLog } from '../kernel/log.ts';

const switches = 200;
const visitors = 8;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Thread {
  readonly id: number;
  readonly token: number;
  readonly headers: Readonly<Record<string, string>>;
}

const packageOf = (...functions: readonly (readonly [name: string, args: object])[]) =>
  JSON.stringify({
    signature: '',
    proto: '1.0',
    async: true,
    requests: functions.map(([name, args]) => ({
      token: randomBytes(8).toString('hex'),
      functions: [{ function: name, arguments: { references: {}, return: {}, ...args } }],
    })),
  });

describe('a plugin that is switched while others are busy', () => {
  let kernel: HostKernel;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mibew-switching-'));
    kernel = await createKernel({
      dir: folder,
      config: { data: folder },
      env: {},
      log: createLog({ level: 'silent' }),
    });
    await kernel.boot();
    // Nobody is available here, and whoever comes is to talk all the same.
    await kernel.disable('leave-message');
    await kernel.enable('hello');
  });
  afterAll(async () => {
    await kernel.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const post = async (body: string, headers: Readonly<Record<string, string>>) => {
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
    const response = await kernel.fetch(new Request('http://localhost/thread/update', init));
    return { status: response.status, text: await response.text() };
  };

  async function startThread(): Promise<Thread> {
    const headers = { 'x-mibew-visitor': randomBytes(32).toString('base64url') };
    const start = { threadId: null, token: null, return: { options: 'options' } };
    const { text } = await post(packageOf(['start', start]), headers);
    const [, id, token] = /"thread":\{"id":(\d+),"token":(\d+)/.exec(text) ?? [];
    return { id: Number(id), token: Number(token), headers };
  }

  /** What is switched on and alive now. */
  function census() {
    collect();
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const effects = kernel.report().plugins.map(({ id, status, effects: list }) => `${id} ${status} ${list.join()}`);
    return { effects, timers, heap: process.memoryUsage().heapUsed };
  }

  it('costs no other request, and leaves nothing behind', { timeout: 180_000 }, async () => {
    const threads = await Promise.all(Array.from({ length: visitors }, startThread));
    const over = new AbortController();
    let busy = 0;
    const failures: string[] = [];
    const work = async ({ id, token, headers }: Thread) => {
      const thread = { threadId: id, token, user: true };
      for (let count = 0; !over.signal.aborted; count += 1) {
        const poll = [
          ['updateMessages', { ...thread, lastId: 0 }],
          ['update', { ...thread, typed: false }],
        ] as const;
        const message = { ...thread, message: `number ${count}`, key: `key-${count}` };
        const { status, text } = await post(count % 20 ? packageOf(...poll) : packageOf(['post', message]), headers);
        busy += 1;
        // Over the network a request always comes in a turn of its own.
        await turn();
        if (status !== 200 || /"errorCode":[1-9]/.test(text)) failures.push(`${status} ${text.slice(0, 200)}`);
      }
    };
    const load = threads.map(work);

    const own: number[] = [];
    let first: ReturnType<typeof census> | undefined;
    for (let count = 1; count <= switches; count += 1) {
      const page = new Request('http://localhost/plugins/hello/page');
      const flying = count % 2 ? kernel.fetch(page) : undefined;
      await (count % 2 ? kernel.disable('hello') : kernel.enable('hello'));
      if (flying) {
        const answer = await flying;
        own.push(answer.status);
        if (answer.status !== 200) expect(await answer.text()).toMatch(/[A-Z]+_[A-Z]+/);
      }
      // The first rounds warm up what is made once.
      if (count === 20) first = census();
    }
    over.abort();
    await Promise.all(load);
    const last = census();

    expect(failures).toEqual([]);
    expect(busy).toBeGreaterThan(switches);
    expect(own.every((status) => [200, 404, 503].includes(status))).toBe(true);
    expect(last.effects).toEqual(first?.effects);
    expect(last.timers).toBeLessThanOrEqual((first?.timers ?? 0) + 2);
    // Messages stay in memory in part; what 90 activations leave would be much more.
    expect(last.heap / first!.heap).toBeLessThan(1.25);
  });
});
