/** Points: lists of contributions, each collected by the plugin that owns the point, whoever comes first. */
import { asPluginError, PluginError } from './errors.ts';
import type { PluginRef, Undo } from './plugin.ts';
import type { Contribution } from './tokens.ts';

interface Entry {
  readonly owner: PluginRef;
  readonly value: unknown;
  undo?: Undo;
}
type Receive = (value: unknown, owner: PluginRef) => Undo | Promise<Undo>;

/** Brings contributions and collectors together. */
export class PointRegistry {
  readonly #entries = new Map<string, Set<Entry>>();
  readonly #collectors = new Map<string, { plugin: string; receive: Receive }>();

  /** Hands a contribution to its collector. @returns a function that takes it back */
  async contribute(owner: PluginRef, { point, value }: Contribution): Promise<() => Promise<void>> {
    const collector = this.#collectors.get(point.id);
    if (!collector && point.required)
      throw new PluginError('CONTRIBUTION_REJECTED', {
        plugin: owner.id,
        point: point.id,
        reason: 'nobody collects it',
      });
    const entry: Entry = { owner, value };
    if (collector) await this.#give(point.id, entry, collector.receive);
    this.#of(point.id).add(entry);
    return async () => {
      this.#of(point.id).delete(entry);
      await take(entry);
    };
  }

  /**
   * Receives what is there and what comes. A contributor that is already active and gets rejected is told through
   * `rejected`, since its own start is long over.
   */
  async collect(
    plugin: string,
    point: string,
    receive: Receive,
    rejected: (owner: string, error: PluginError) => void,
  ): Promise<() => Promise<void>> {
    const other = this.#collectors.get(point);
    if (other)
      throw new PluginError('CONTRIBUTION_REJECTED', { plugin, point, reason: `${other.plugin} already collects it` });
    this.#collectors.set(point, { plugin, receive });
    for (const entry of [...this.#of(point)])
      await this.#give(point, entry, receive).catch((error: PluginError) => rejected(entry.owner.id, error));
    return async () => {
      this.#collectors.delete(point);
      for (const entry of [...this.#of(point)].reverse()) await take(entry);
    };
  }

  #of(point: string): Set<Entry> {
    const entries = this.#entries.get(point) ?? new Set<Entry>();
    this.#entries.set(point, entries);
    return entries;
  }

  async #give(point: string, entry: Entry, receive: Receive): Promise<void> {
    try {
      entry.undo = await receive(entry.value, entry.owner);
    } catch (error) {
      throw asPluginError(error, 'CONTRIBUTION_REJECTED', { plugin: entry.owner.id, point });
    }
  }
}

async function take(entry: Entry): Promise<void> {
  const { undo } = entry;
  entry.undo = undefined;
  await undo?.();
}
