/** All groups of settings, and their values in memory. */
import type { Field, SettingsSpec } from './api.ts';
import type { SettingValue } from './fields.ts';
import { problemOf } from './fields.ts';

type LiveValues = Record<string, SettingValue>;
interface Group {
  readonly plugin: string;
  readonly spec: SettingsSpec;
  readonly values: LiveValues;
}

export interface Registry {
  /** @returns the way back. @throws Error when a key is taken or a default does not fit */
  add(spec: SettingsSpec, plugin: string): () => void;
  /** One object for each group, changed in place: reading a setting is reading a property. */
  live(spec: SettingsSpec): LiveValues;
  groups(): readonly Group[];
  field(key: string): Field | undefined;
  /** What a stored value comes to: the default where it is nothing, or does not fit its field. */
  effective(key: string, stored: unknown): SettingValue | undefined;
  /** What the database holds for a key; undefined: nothing. @returns whether the value in use changed */
  store(key: string, stored: unknown): boolean;
}

/** @param ignored told of a stored value that does not fit its field any more; the default holds then */
export function createRegistry(ignored: (key: string, reason: string) => void): Registry {
  const groups = new Map<string, Group>();
  const live = new Map<string, LiveValues>();
  const owners = new Map<string, Group>();
  const stored = new Map<string, unknown>();

  function meant(key: string, field: Field, value: unknown): SettingValue {
    if (value === undefined) return field.default;
    const misfit = problemOf(field, value);
    if (misfit === undefined) return value as SettingValue;
    ignored(key, misfit.message);
    return field.default;
  }
  const effective = (key: string, field: Field) => meant(key, field, stored.get(key));

  function valuesOf(spec: SettingsSpec): LiveValues {
    const known = live.get(spec.id);
    if (known) return known;
    const values: LiveValues = {};
    for (const [key, field] of Object.entries(spec.fields)) values[key] = effective(key, field);
    live.set(spec.id, values);
    return values;
  }

  function refuse(spec: SettingsSpec, plugin: string): void {
    const other = groups.get(spec.id);
    if (other) throw new Error(`the group "${spec.id}" already belongs to ${other.plugin}`);
    for (const [key, field] of Object.entries(spec.fields)) {
      if (!/^[a-zA-Z][\w.-]{0,79}$/.test(key)) throw new Error(`"${key}" is no key for a setting`);
      const owner = owners.get(key);
      if (owner) throw new Error(`the setting "${key}" of ${plugin} already belongs to ${owner.plugin}`);
      const misfit = problemOf(field, field.default);
      if (misfit) throw new Error(`the default of "${key}" ${misfit.message}`);
    }
  }

  return {
    add(spec, plugin) {
      refuse(spec, plugin);
      const values = valuesOf(spec);
      const group: Group = { plugin, spec, values };
      groups.set(spec.id, group);
      for (const [key, field] of Object.entries(spec.fields)) {
        owners.set(key, group);
        values[key] = effective(key, field);
      }
      return () => {
        groups.delete(spec.id);
        for (const key of Object.keys(spec.fields)) owners.delete(key);
      };
    },
    live: valuesOf,
    groups: () => [...groups.values()],
    field: (key) => owners.get(key)?.spec.fields[key],
    effective(key, value) {
      const field = owners.get(key)?.spec.fields[key];
      return field && meant(key, field, value);
    },
    store(key, value) {
      if (value === undefined) stored.delete(key);
      else stored.set(key, value);
      const group = owners.get(key);
      const field = group?.spec.fields[key];
      if (!group || !field) return false;
      const now = effective(key, field);
      const changed = group.values[key] !== now;
      group.values[key] = now;
      return changed;
    },
  };
}
