/** Points: lists of contributions, each collected by the plugin that owns the point, whoever comes first. */
import { asPluginError, PluginError } from './errors.ts';
import type { PluginRef, Undo } from './plugin.ts';
import type { Contribution } from './tokens.ts';

type Receive = (value: unknown, owner: PluginRef) => Undo | Promise<Undo>;
type Entry = { readonly owner: PluginRef; readonly value: unknown; undo?: Undo };
type Point = { readonly entries: Set<Entry>; collector?: { plugin: string; receive: Receive } | undefined };

/** Brings contributions and collectors together. */
export type Points = ReturnType<typeof createPoints>;

export function createPoints() {
  const points = new Map<string, Point>();
  const of = (id: string): Point => points.get(id) ?? points.set(id, { entries: new Set() }).get(id)!;
  const rejected = (plugin: string, point: string, reason: string) =>
    new PluginError('CONTRIBUTION_REJECTED', { plugin, point, reason });
  return {
    /** Hands a contribution to its collector. @returns a function that takes it back */
    async contribute(owner: PluginRef, { point: { id, required }, value }: Contribution): Promise<Undo> {
      const point = of(id);
      if (!point.collector && required) throw rejected(owner.id, id, 'nobody collects it');
      const entry: Entry = { owner, value };
      await give(id, point, entry);
      point.entries.add(entry);
      return async () => {
        point.entries.delete(entry);
        await take(entry);
      };
    },
    /** Receives what is there and what comes; `blame` hears of contributors that are active and rejected only now. */
    async collect(plugin: string, id: string, receive: Receive, blame: (error: PluginError) => void): Promise<Undo> {
      const point = of(id);
      if (point.collector) throw rejected(plugin, id, `${point.collector.plugin} already collects it`);
      point.collector = { plugin, receive };
      for (const entry of point.entries) await give(id, point, entry).catch(blame);
      return async () => {
        point.collector = undefined;
        for (const entry of [...point.entries].toReversed()) await take(entry);
      };
    },
  };
}

async function give(point: string, { collector }: Point, entry: Entry): Promise<void> {
  try {
    entry.undo = await collector?.receive(entry.value, entry.owner);
  } catch (error) {
    throw asPluginError(error, 'CONTRIBUTION_REJECTED', { plugin: entry.owner.id, point });
  }
}

async function take(entry: Entry): Promise<void> {
  const { undo } = entry;
  entry.undo = undefined;
  await undo?.();
}
