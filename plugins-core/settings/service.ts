/** Settings: checked, stored, and kept in memory on every node. */
import { inArray } from 'drizzle-orm';
import type { Cluster, Json } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import type { Field, SettingIssue, SettingsError, SettingsService, Values } from './api.ts';
import { problemOf } from './fields.ts';
import type { Registry } from './registry.ts';
import { value } from './tables.ts';

const topic = 'settings.changed';

export interface SettingsParts {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly registry: Registry;
  /** Tells this node's listeners; the service tells the other nodes. */
  readonly tell: (keys: readonly string[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** Codes of the languages that there are now. */
  readonly languages: () => readonly string[];
}

export interface RunningSettings extends SettingsService {
  load(): Promise<void>;
  /** Listens to what other nodes changed. @returns a function that ends it */
  watch(): () => void;
}

export function createSettings({ db, cluster, registry, tell, failed, languages }: SettingsParts): RunningSettings {
  const table = db.table(value);
  let queue: Promise<unknown> = Promise.resolve();

  /** Memory follows the database, one reading after the other, so that the last one to be stored is the one that stays. */
  function reload(keys?: readonly string[]): Promise<string[]> {
    const next = queue.then(async () => {
      const condition = keys && inArray(table.key, [...keys]);
      const rows = await db.query.select({ key: table.key, value: table.value }).from(table).where(condition);
      const found = new Map(rows.map((row) => [row.key, row.value]));
      const asked = keys ?? [...new Set([...found.keys(), ...allKeys()])];
      return asked.filter((key) => registry.store(key, found.get(key)));
    });
    queue = next.catch(() => {});
    return next;
  }

  const allKeys = () => registry.groups().flatMap(({ spec }) => Object.keys(spec.fields));

  async function follow(keys?: readonly string[]): Promise<void> {
    try {
      const changed = await reload(keys);
      if (changed.length > 0) await tell(changed);
    } catch (error) {
      failed(error);
    }
  }

  /** Why a value cannot become that of its field. */
  function refusal(field: Field, given: unknown): string | undefined {
    const problem = problemOf(field, given);
    if (problem !== undefined || field.type !== 'text') return problem;
    return field.check?.(given as string, { languages: languages() });
  }

  function check(values: Readonly<Record<string, unknown>>): void {
    const issues = Object.entries(values).flatMap(([key, given]): SettingIssue[] => {
      const field = registry.field(key);
      const message = field ? refusal(field, given) : 'there is no such setting';
      return message === undefined ? [] : [{ key, message }];
    });
    if (issues.length > 0) throw settingsError(issues);
  }

  return {
    of: (spec) => registry.live(spec) as Values<typeof spec>,
    async change(values, by) {
      check(values);
      const changed = Object.entries(values).filter(([key, given]) => registry.value(key) !== given);
      if (changed.length === 0) return;
      const keys = changed.map(([key]) => key);
      const changedAt = Date.now();
      await db.transaction(async (tx) => {
        for (const [key, given] of changed) {
          const set = { value: given, changedAt, changedBy: by };
          await tx.query.upsert(table, { key, ...set }, { target: [table.key], set });
        }
      });
      await reload(keys);
      cluster.bus.publish(topic, { from: cluster.nodeId, keys });
      await tell(keys);
    },
    groups: () => registry.groups().map(({ plugin, spec, values }) => ({ plugin, spec, values: { ...values } })),
    load: async () => void (await reload()),
    watch() {
      const ends = [
        cluster.bus.subscribe(topic, (message) => {
          const { from, keys } = message as { from: string; keys: Json };
          if (from !== cluster.nodeId && Array.isArray(keys)) void follow(keys as string[]);
        }),
        // What was said meanwhile is lost.
        cluster.bus.onConnection((connected) => {
          if (connected) void follow();
        }),
      ];
      return () => ends.forEach((end) => end());
    },
  };
}

function settingsError(issues: readonly SettingIssue[]): SettingsError {
  const text = issues.map(({ key, message }) => `${key}: ${message}`).join('; ');
  return Object.assign(new Error(text), { code: 'SETTING_INVALID' as const, issues });
}
