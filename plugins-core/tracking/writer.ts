/** Write-behind: what changes in memory is stored together, some times a second. */
import type { TrackedEvent, Visit } from './api.ts';
import type { Batch, Seen, Told } from './kept.ts';
import type { Known } from './known.ts';

export interface WriterNeeds {
  readonly write: (batch: Batch) => Promise<void>;
  /** After a batch was stored: whom it is about. */
  readonly written: (visitors: Iterable<Known>) => void;
  readonly failed: (error: unknown) => void;
}
export interface Writer {
  /** Seen again, or for the first time in this visit. */
  seen(known: Known): void;
  changed(known: Known): void;
  page(known: Known, visit: Visit): void;
  event(known: Known, event: TrackedEvent): void;
  /** Stores what is new. @throws what the database says; nothing is lost by it */
  flush(): Promise<void>;
  /** Nothing of this visitor is waiting. */
  idle(known: Known): boolean;
}

/** ms */
const pause = 500;
/** Rows that wait at most while the database is away; the oldest are given up. */
const waitingAtMost = 50_000;

export function createWriter({ write, written, failed }: WriterNeeds): Writer {
  let seen = new Set<Known>();
  let changed = new Set<Known>();
  let pages: Seen[] = [];
  let events: Told[] = [];
  let touched = new Set<Known>();
  /** Whom the batch under way is about. */
  let writing: ReadonlySet<Known> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const newest = <Row>(rows: Row[]): Row[] => (rows.length > waitingAtMost ? rows.slice(-waitingAtMost) : rows);

  async function run(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (touched.size === 0) return;
    const batch = { seen, changed, pages, events };
    const about = touched;
    [seen, changed, pages, events, touched] = [new Set(), new Set(), [], [], new Set()];
    writing = about;
    try {
      await write(batch);
    } catch (error) {
      for (const known of batch.seen) seen.add(known);
      for (const known of batch.changed) changed.add(known);
      for (const known of about) touched.add(known);
      pages = newest([...batch.pages, ...pages]);
      events = newest([...batch.events, ...events]);
      soon();
      throw error;
    } finally {
      writing = undefined;
    }
    for (const known of batch.seen) known.stored = known.lastTime;
    written(about);
  }

  function flush(): Promise<void> {
    const done = running.then(run, run);
    running = done.catch(() => undefined);
    return done;
  }

  function soon(): void {
    timer ??= setTimeout(() => void flush().catch(failed), pause);
  }

  function touch(known: Known): void {
    touched.add(known);
    soon();
  }

  return {
    flush,
    seen(known) {
      seen.add(known);
      touch(known);
    },
    changed(known) {
      changed.add(known);
      touch(known);
    },
    page(known, visit) {
      pages.push({ visitorId: known.id, ...visit });
      touch(known);
    },
    event(known, told) {
      events.push({ visitorId: known.id, ...told });
      touch(known);
    },
    idle: (known) => !touched.has(known) && writing?.has(known) !== true,
  };
}
