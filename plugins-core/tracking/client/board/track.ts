/** The pages that a visitor looked at and what he did there, as both panels draw it. */
import type { Ui } from '../../../client/client/index.ts';
import type { QueueContext } from '../../../users/client/context.ts';
import { linkOf, shortAddress } from './words.ts';

/** A part of the answer of `visitorTrack`. Times in unix seconds. */
export interface Track {
  readonly pages: readonly { readonly address: string; readonly title: string; readonly date: number }[];
  readonly events: readonly {
    readonly name: string;
    readonly data: Readonly<Record<string, string>>;
    readonly date: number;
  }[];
}
/** So many of the newest are shown; the rest stands in the history. */
const most = 50;

type Clock = Pick<QueueContext['clock'], 'now' | 'exact'>;

/**
 * The newest first; the page where he came in is marked.
 * @param from since when he is on the site, unix seconds: what lies before belongs to earlier visits
 */
export function trackModel({ pages, events }: Track, from: number, ui: Ui, clock: Clock) {
  const today = new Date(clock.now() * 1000).toDateString();
  const when = (ms: number) => (new Date(ms).toDateString() === today ? ui.formats.time(ms) : ui.formats.dayOfYear(ms));
  const entry = pages.findIndex(({ date }) => date >= from);
  const time = (date: number) => ({
    at: when(date * 1000),
    exact: clock.exact(date),
    machine: new Date(date * 1000).toISOString(),
  });
  const seen = pages.map((page, place) => ({
    ...time(page.date),
    date: page.date,
    text: page.title.trim() || shortAddress(page.address),
    address: page.title.trim() ? shortAddress(page.address) : '',
    href: linkOf(page.address),
    entry: place === entry,
  }));
  const done = events.map(({ name, data, date }) => ({
    ...time(date),
    date,
    event: name,
    data: Object.entries(data).map(([key, value]) => ({ key, value })),
  }));
  // Of one second: what he did on a page stands above it.
  const steps = [...done.toReversed(), ...seen.toReversed()].toSorted((a, b) => b.date - a.date);
  return { steps: steps.slice(0, most), more: Math.max(0, steps.length - most) };
}
