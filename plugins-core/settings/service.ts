/** Settings: checked, stored, and kept in memory on every node. */
import { eq, inArray } from 'drizzle-orm';
import type { Cluster, Json } from '../cluster/api.ts';
import type { Database, Transaction } from '../database/api.ts';
import type { ChangesService, Field, SettingIssue, SettingsError, SettingsService, Values } from './api.ts';
import { problemOf, type Misfit, type SettingValue } from './fields.ts';
import type { Registry } from './registry.ts';
import { value } from './tables.ts';

const topic = 'settings.changed';
/** Every change writes this row first, so that two at once come one after the other even where neither finds a row of its own. */
const gate = '*';

export interface SettingsParts {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly registry: Registry;
  readonly changes: Pick<ChangesService, 'note'>;
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
type Given = Readonly<Record<string, unknown>>;
interface Step {
  readonly key: string;
  readonly before: SettingValue;
  readonly after: SettingValue;
}

export function createSettings(parts: SettingsParts): RunningSettings {
  const { db, cluster, registry, changes, tell, failed, languages } = parts;
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
  function refusal(field: Field, given: unknown): Misfit | undefined {
    const misfit = problemOf(field, given);
    if (misfit !== undefined || field.type !== 'text') return misfit;
    const message = field.check?.(given as string, { languages: languages() });
    return message === undefined ? undefined : { problem: 'check', message };
  }

  function check(values: Given): void {
    const issues = Object.entries(values).flatMap(([key, given]): SettingIssue[] => {
      const field = registry.field(key);
      const misfit = field
        ? refusal(field, given)
        : { problem: 'unknown' as const, message: 'there is no such setting' };
      return misfit === undefined ? [] : [{ key, ...misfit }];
    });
    if (issues.length > 0) throw settingsError('SETTING_INVALID', issues);
  }

  /** What is to be done, seen from what is stored now. @throws SettingsError code SETTING_CHANGED */
  async function stepsOf(tx: Transaction, values: Given, expected: Given): Promise<Step[]> {
    const rows = await tx.query
      .select({ key: table.key, value: table.value })
      .from(table)
      .where(inArray(table.key, Object.keys(values)));
    const stored = new Map(rows.map((row) => [row.key, row.value]));
    const steps = Object.entries(values).flatMap(([key, given]): Step[] => {
      const before = registry.effective(key, stored.get(key))!;
      return before === given ? [] : [{ key, before, after: given as SettingValue }];
    });
    const issues = steps
      .filter(({ key, before }) => key in expected && expected[key] !== before)
      .map(({ key }) => ({ key, problem: 'changed' as const, message: 'somebody else changed it meanwhile' }));
    if (issues.length > 0) throw settingsError('SETTING_CHANGED', issues);
    return steps;
  }

  async function take(tx: Transaction, { key, before, after }: Step, by: string, changedAt: number): Promise<void> {
    const field = registry.field(key)!;
    const set = { value: after, changedAt, changedBy: by };
    if (after === field.default) await tx.query.delete(table).where(eq(table.key, key));
    else await tx.query.upsert(table, { key, ...set }, { target: [table.key], set });
    const secret = field.type === 'text' && field.secret;
    await changes.note(
      { area: 'setting', key, ...(secret ? { before: null, after: null } : { before, after }), by },
      tx,
    );
  }

  return {
    of: (spec) => registry.live(spec) as Values<typeof spec>,
    async change(values, by, expected = {}) {
      check(values);
      if (Object.keys(values).length === 0) return;
      const changedAt = Date.now();
      const steps = await db.transaction(async (tx) => {
        const set = { value: 0, changedAt, changedBy: by };
        await tx.query.upsert(table, { key: gate, ...set }, { target: [table.key], set });
        const found = await stepsOf(tx, values, expected);
        for (const step of found) await take(tx, step, by, changedAt);
        return found;
      });
      if (steps.length === 0) return;
      const keys = steps.map(({ key }) => key);
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

function settingsError(code: SettingsError['code'], issues: readonly SettingIssue[]): SettingsError {
  const text = issues.map(({ key, message }) => `${key}: ${message}`).join('; ');
  return Object.assign(new Error(text), { code, issues });
}
