/** Settings: what administrators change while the server runs. Plugins contribute typed fields; values live in the database. */
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

interface FieldBase<T> {
  readonly default: T;
  /** Locale keys of the contributing plugin; absent: `settings.<key>` and `settings.<key>.help`. */
  readonly label?: string;
  readonly help?: string;
  /** Heading under which the form shows it; default the plugin's own page. */
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

/** Why one value was refused. */
export interface SettingIssue {
  readonly key: string;
  readonly message: string;
}
/** What {@link SettingsService.change} throws. */
export interface SettingsError extends Error {
  readonly code: 'SETTING_INVALID';
  readonly issues: readonly SettingIssue[];
}

export interface SettingsService {
  /** Live values: each property read gives the current value, synchronously, from memory. */
  of<S extends SettingsSpec>(spec: S): Values<S>;
  /**
   * Validates and stores some values; all or nothing.
   * @param by who changed it, for the log, e.g. `operator:3`
   * @throws SettingsError code SETTING_INVALID with `issues: { key, message }[]`
   */
  change(values: Readonly<Record<string, unknown>>, by: string): Promise<void>;
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
