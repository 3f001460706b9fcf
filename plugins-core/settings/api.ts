/** Settings: what administrators change while the server runs. Plugins contribute typed fields; values live in the database. */
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';
import type { Transaction } from '../database/api.ts';

/** Pages of settings, as the original has them: what the house is called and says, what is switched on, times and limits. */
export type SettingsPlace = 'common' | 'features' | 'performance';

interface FieldBase<T> {
  readonly default: T;
  /** Locale keys of the contributing plugin; absent: `settings.<key>` and `settings.<key>.help`. */
  readonly label?: string;
  readonly help?: string;
  /** Which page shows it; absent: switches are features, numbers are performance, everything else is common. */
  readonly page?: SettingsPlace;
  /** Heading on that page, the text `settings.section.<section>` of the plugin; absent: the title of the group. */
  readonly section?: string;
}
export interface SwitchField extends FieldBase<boolean> {
  readonly type: 'switch';
}
export interface NumberField extends FieldBase<number> {
  readonly type: 'number';
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}
export interface TextField extends FieldBase<string> {
  readonly type: 'text';
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly multiline?: boolean;
  /** Never shown again once it was typed, neither in the form nor in the log of changes. */
  readonly secret?: boolean;
  /**
   * What else a value must be, where a pattern cannot say it. Asked when somebody changes the value, not of what is stored.
   * @returns why it does not fit, such as `must be …`; undefined when it does
   * @example field.text({ default: '', check: (value) => (isAddress(value) ? undefined : 'must be an e-mail address') })
   */
  readonly check?: (value: string, facts: SettingFacts) => string | undefined;
}
/** What a {@link TextField} may ask of the installation. */
export interface SettingFacts {
  /** Codes of the languages that there are. */
  readonly languages: readonly string[];
}
export interface ChoiceField<V extends string = string> extends FieldBase<V> {
  readonly type: 'choice';
  readonly options: readonly V[];
}
/** One setting. */
export type Field = SwitchField | NumberField | TextField | ChoiceField;
export type Fields = Readonly<Record<string, Field>>;

/** Makes fields. @example { thread_lifetime: field.number({ default: 600, min: 0, unit: 's' }) } */
export const field = {
  switch: (options: Omit<SwitchField, 'type'>): SwitchField => ({ type: 'switch', ...options }),
  number: (options: Omit<NumberField, 'type'>): NumberField => ({ type: 'number', ...options }),
  text: (options: Omit<TextField, 'type'>): TextField => ({ type: 'text', ...options }),
  choice: <const V extends string>(options: Omit<ChoiceField<V>, 'type'>): ChoiceField<V> => ({
    type: 'choice',
    ...options,
  }),
};

type ValueOf<F> = F extends SwitchField
  ? boolean
  : F extends NumberField
    ? number
    : F extends ChoiceField<infer V>
      ? V
      : F extends TextField
        ? string
        : never;
/** The values of a group of settings. */
export type Values<S extends SettingsSpec> = { readonly [K in keyof S['fields']]: ValueOf<S['fields'][K]> };

/** A group of settings of one plugin; keys are unique in the product and those of the spec (`thread_lifetime`). */
export interface SettingsSpec<F extends Fields = Fields> {
  readonly id: string;
  readonly fields: F;
}
/** Declares settings. @example export const chatSettings = defineSettings('chat', { thread_lifetime: field.number({ default: 600 }) }) */
export function defineSettings<const F extends Fields>(id: string, fields: F): SettingsSpec<F> {
  return { id, fields };
}

/** Contributes a group of settings; the owner validates keys (unique) and defaults. */
export const settingsPage = definePoint<SettingsSpec>('settings.page', { required: true });

/** What may be wrong with a value: of no kind that fits, out of its bounds, refused by its pattern or `check`, or changed by somebody else. */
export type SettingProblem =
  | 'unknown'
  | 'switch'
  | 'number'
  | 'min'
  | 'max'
  | 'text'
  | 'long'
  | 'line'
  | 'form'
  | 'option'
  | 'check'
  | 'changed';
/** Why one value was refused. */
export interface SettingIssue {
  readonly key: string;
  readonly problem: SettingProblem;
  /** For logs and the command line; pages say it in the language of whoever reads. */
  readonly message: string;
}
/** What {@link SettingsService.change} throws. */
export interface SettingsError extends Error {
  readonly code: 'SETTING_INVALID' | 'SETTING_CHANGED';
  readonly issues: readonly SettingIssue[];
}

export interface SettingsService {
  /** Live values: each property read gives the current value, synchronously, from memory. */
  of<S extends SettingsSpec>(spec: S): Values<S>;
  /**
   * Validates and stores some values, and notes who changed what; all or nothing. The default's own value takes away what was stored.
   * @param by who changed it, for the log, e.g. `operator:3`
   * @param expected what whoever changes it has seen of them: where somebody changed one meanwhile, to something else than is wanted, nothing is stored
   * @throws SettingsError code SETTING_INVALID or SETTING_CHANGED with `issues: { key, problem, message }[]`
   * @example await settings.change({ thread_lifetime: 900 }, 'operator:3', { thread_lifetime: 600 });
   */
  change(
    values: Readonly<Record<string, unknown>>,
    by: string,
    expected?: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** All groups with their owner, for forms. */
  groups(): readonly {
    readonly plugin: string;
    readonly spec: SettingsSpec;
    readonly values: Readonly<Record<string, string | number | boolean>>;
  }[];
}
export const settings = defineService<SettingsService>('settings');

/** After settings changed, on every node: the keys that changed. */
export const settingsChanged = defineHook.notify<[{ readonly keys: readonly string[] }]>('settings.changed');

/** A line in the log: who changed what, and when. */
export interface Change {
  readonly id: number;
  /** What kind of thing was changed: `setting`, `plugin`, … */
  readonly area: string;
  /** Which one of them: the key of a setting, the id of a plugin. */
  readonly key: string;
  /** Null where there was, or is, none, and where it is secret. */
  readonly before: string | number | boolean | null;
  readonly after: string | number | boolean | null;
  /** `operator:3`, or whatever else changed it, such as `command line`. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
/** Part of the log; what is absent is not asked for. */
export interface ChangeFilter {
  readonly area?: string;
  readonly key?: string;
  readonly by?: string;
}
/** The log of who changed what. Settings write it themselves; others note what they let people change. */
export interface ChangesService {
  /**
   * @param tx transaction of the change itself, so that there is never one without the other
   * @example await changes.note({ area: 'plugin', key: 'rating', before: true, after: false, by: 'operator:3' });
   */
  note(change: Omit<Change, 'id' | 'at'>, tx?: Transaction): Promise<void>;
  /** Newest first. */
  list(filter: ChangeFilter, part: { readonly offset: number; readonly limit: number }): Promise<readonly Change[]>;
  count(filter: ChangeFilter): Promise<number>;
  byId(id: number): Promise<Change | undefined>;
  /** Who and what there is to filter by. */
  known(): Promise<{ readonly keys: readonly string[]; readonly by: readonly string[] }>;
  /** Forgets what is older. @param before ms since the epoch @returns how many lines */
  forget(before: number): Promise<number>;
}
/** @example const lines = await ctx.use.changes.list({ area: 'setting' }, { offset: 0, limit: 50 }); */
export const changes = defineService<ChangesService>('settings.changes');
