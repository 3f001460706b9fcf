import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createMemoryBus } from '../../cluster/bus.ts';
import { createMemoryLocks } from '../../cluster/locks.ts';
import { createMemoryPresence } from '../../cluster/presence.ts';
import { connect, eachDialect, type TestDatabase } from '../../database/testing.ts';
import type { JobSpec } from '../api.ts';
import { jobs } from '../api.ts';
import { nextRunAfter, retryAfter } from '../pauses.ts';
import { createJobs, type RunningJobs } from '../service.ts';
import { job } from '../tables.ts';

type Run = JobSpec['run'];

const ends: (() => unknown)[] = [];
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }));
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) await end();
});

function start(db: TestDatabase) {
  const failed = vi.fn<(name: string, error: unknown, retryIn: number) => void>();
  const bus = createMemoryBus(() => {});
  const cluster = { nodeId: 'one', bus, presence: createMemoryPresence(), locks: createMemoryLocks() };
  const service = createJobs({ db, cluster, failed });
  ends.push(service.watch());
  return { service, failed };
}
const add = (service: RunningJobs, spec: JobSpec) => ends.push(service.add(spec));

/** A job that tells when it has run the wanted number of times. */
function counted(times: number, work: (n: number) => Promise<void> = async () => {}) {
  let reached = () => {};
  const done = new Promise<void>((resolve) => (reached = resolve));
  let n = 0;
  const run = vi.fn<Run>(async () => {
    n++;
    if (n === times) reached();
    await work(n);
  });
  return { run, done };
}

/** Lets time pass until something has happened; the database gets its share of each second. */
async function until(happened: Promise<unknown>, db: TestDatabase, step = 1000): Promise<void> {
  const state = { over: false };
  void happened.then(() => (state.over = true));
  while (!state.over) {
    await vi.advanceTimersByTimeAsync(step);
    for (let n = 0; n < 3; n++) await stored(db);
  }
}
const stored = (db: TestDatabase) => db.query.count(db.table(job));
/** Until the runner has written down what became of the job. */
const settled = async (db: TestDatabase, count: number) => {
  while ((await stored(db)) !== count) await new Promise((resolve) => setImmediate(resolve));
};

eachDialect((_dialect, open) => {
  it('runs a scheduled job once, with its payload, when its time has come', async () => {
    const db = await open([job]);
    const { service } = start(db);
    const { run, done } = counted(1);
    add(service, { name: 'test.mail', run });
    await service.schedule('test.mail', Date.now() + 5_000, { to: 'ann' });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(run).not.toHaveBeenCalled();
    await until(done, db);
    expect(run.mock.calls).toEqual([[{ to: 'ann' }]]);
    await settled(db, 0);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs what was scheduled before a restart, or while its plugin was off', async () => {
    const db = await open([job]);
    await start(db).service.schedule('test.mail', Date.now() - 1_000, 7);
    const { service } = start(db);
    const { run, done } = counted(1);
    add(service, { name: 'test.mail', run });
    await until(done, db);
    expect(run.mock.calls).toEqual([[7]]);
    await settled(db, 0);
  });

  it('replaces a job of the same key, and cancels it', async () => {
    const db = await open([job]);
    const { service } = start(db);
    await service.schedule('test.mail', Date.now(), 'old', 'thread:1');
    await service.schedule('test.mail', Date.now(), 'new', 'thread:1');
    await service.schedule('test.mail', Date.now(), 'other', 'thread:2');
    await service.cancel('test.mail', 'thread:2');
    const { run, done } = counted(1);
    add(service, { name: 'test.mail', run });
    await until(done, db);
    await settled(db, 0);
    expect(run.mock.calls).toEqual([['new']]);
  });

  it('keeps a job that was scheduled again while it ran', async () => {
    const db = await open([job]);
    const { service } = start(db);
    const { run, done } = counted(2, async (n) => {
      if (n === 1) await service.schedule('test.mail', Date.now(), 'second', 'k');
    });
    add(service, { name: 'test.mail', run });
    await service.schedule('test.mail', Date.now(), 'first', 'k');
    await until(done, db);
    await settled(db, 0);
    expect(run.mock.calls).toEqual([['first'], ['second']]);
  });

  it('tries again after growing pauses when a job fails', async () => {
    const db = await open([job]);
    const { service, failed } = start(db);
    const { run, done } = counted(3, async (n) => {
      if (n < 3) throw new Error('no mail today');
    });
    add(service, { name: 'test.mail', run });
    await service.schedule('test.mail', Date.now());
    await until(done, db);
    await settled(db, 0);
    expect(failed.mock.calls.map(([name, , pause]) => [name, pause])).toEqual([
      ['test.mail', 10_000],
      ['test.mail', 20_000],
    ]);
  });

  it('never runs one job on two nodes', async () => {
    const db = await open([job]);
    const second = connect(db.url);
    const nodes = [start(db), start(second)];
    for (let n = 0; n < 30; n++) await nodes[0]?.service.schedule('test.mail', Date.now(), n);
    const { run, done } = counted(30);
    for (const { service } of nodes) add(service, { name: 'test.mail', run });
    // In small steps: a claim must not run out in the time of the test while the database is only slow.
    await until(done, db, 50);
    await settled(db, 0);
    expect(run.mock.calls.map(([n]) => n as number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
    for (const end of ends.splice(0).toReversed()) await end();
    await second.close();
  });
});

describe('a recurring job', () => {
  const nothing = { prepare: () => ({}), table: () => ({}) } as unknown as TestDatabase;

  it('pauses between the end of one run and the start of the next', async () => {
    const { service } = start(nothing);
    const run = vi.fn<Run>(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
    add(service, { name: 'test.tidy', every: 2_000, run });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(3_000);
  });

  it('runs soon after the start, however rare it is', async () => {
    const { service } = start(nothing);
    const run = vi.fn<Run>(async () => {});
    add(service, { name: 'test.tidy', every: 86_400_000, run });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('slows down while it fails, and recovers', async () => {
    const { service, failed } = start(nothing);
    const run = vi.fn<Run>(async () => {});
    run.mockRejectedValueOnce(new Error('no')).mockRejectedValueOnce(new Error('no'));
    add(service, { name: 'test.tidy', every: 1_000, run });
    await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000);
    expect(run).toHaveBeenCalledTimes(3);
    expect(failed.mock.calls.map(([, , pause]) => pause)).toEqual([2_000, 4_000]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(4);
  });

  it('stops with its plugin, after the run that is going on', async () => {
    const { service } = start(nothing);
    let finish = () => {};
    const run = vi.fn<Run>(() => new Promise((resolve) => (finish = resolve)));
    const stop = service.add({ name: 'test.tidy', every: 1_000, run });
    await vi.advanceTimersByTimeAsync(1_000);
    const stopped = vi.fn<() => void>();
    const stopping = stop().then(stopped);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stopped).not.toHaveBeenCalled();
    finish();
    await stopping;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs on demand, and tells when that fails', async () => {
    const { service } = start(nothing);
    const run = vi.fn<Run>(async () => {});
    add(service, { name: 'test.tidy', every: 60_000, run });
    await service.runNow('test.tidy');
    expect(run).toHaveBeenCalledTimes(1);
    run.mockRejectedValueOnce(new Error('no'));
    await expect(service.runNow('test.tidy')).rejects.toThrow('no');
    await expect(service.runNow('test.other')).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    expect(() => service.add({ name: 'test.tidy', run })).toThrow('already');
  });
});

it('pauses grow up to a limit', () => {
  expect([0, 1, 2, 50].map(retryAfter)).toEqual([10_000, 20_000, 40_000, 3_600_000]);
  expect([0, 1, 50].map((failures) => nextRunAfter(1_000, failures))).toEqual([1_000, 2_000, 600_000]);
  expect(nextRunAfter(86_400_000, 3)).toBe(86_400_000);
});

it('the plugin provides the service and has its table', async () => {
  vi.useRealTimers();
  await using t = await createTestKernel({ plugins: ['jobs'] });
  await t.kernel.service(jobs).schedule('test.nobody', Date.now(), null);
});
