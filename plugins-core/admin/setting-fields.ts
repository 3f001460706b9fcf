/** Settings as people see them: under headings, with their default, their bounds, and whether they differ from it. */
import type { LocalesService, TextArgs } from '../locales/api.ts';
import type { Field, SettingIssue, SettingsPlace, SettingsService, SettingsSpec } from '../settings/api.ts';

type Value = string | number | boolean;
/** One setting and its words. */
export interface SettingShown {
  readonly key: string;
  readonly plugin: string;
  readonly group: string;
  readonly groupTitle: string;
  readonly field: Field;
  readonly value: Value;
  readonly page: SettingsPlace;
  readonly heading: string;
  readonly label: string;
  readonly help?: string;
  readonly unit?: string;
  /** Any value of it in words, such as “600 seconds”. */
  readonly say: (value: unknown) => string;
  /** Why a value was refused. */
  readonly refuse: (issue: SettingIssue) => string;
}

const places = { switch: 'features', number: 'performance', text: 'common', choice: 'common' } as const;
const placeOf = (field: Field): SettingsPlace => field.page ?? places[field.type];

/** What a form posts for a value: check boxes `on` or nothing, and nothing of what is secret. */
export const textOf = ({ field, value }: Pick<SettingShown, 'field' | 'value'>): string =>
  field.type === 'switch' ? (value === true ? 'on' : '') : field.type === 'text' && field.secret ? '' : String(value);

/** A posted text as the value of its field; what does not fit stays a text, so that the owner of settings refuses it. */
export function valueOf(field: Field, text: string): unknown {
  if (field.type === 'switch') return ['on', '1', 'true'].includes(text);
  if (field.type !== 'number') return text.replaceAll('\r\n', '\n');
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}

/** All settings in the words of a language. Those of a heading follow each other; the first headings are those of the chat. */
export function settingsIn(
  settings: Pick<SettingsService, 'groups'>,
  locales: Pick<LocalesService, 'text'>,
  locale: string,
): SettingShown[] {
  const own = (plugin: string, key: string, args?: TextArgs): string | undefined => {
    const found = locales.text(locale, `${plugin}.${key}`, args);
    return found === `${plugin}.${key}` || found === '' ? undefined : found;
  };
  const ours = (key: string, args?: TextArgs) => locales.text(locale, `admin.${key}`, args);

  const all = settings.groups().flatMap(({ plugin, spec, values }) =>
    Object.entries(spec.fields).map(([key, field]): SettingShown => {
      const unit = field.type === 'number' && field.unit !== undefined ? own('admin', `unit.${field.unit}`) : undefined;
      const say = (value: unknown): string => {
        if (field.type === 'switch') return ours(value === true ? 'settings.on' : 'settings.off');
        if (field.type === 'choice') return own(plugin, `settings.${key}.${String(value)}`) ?? String(value);
        if (value === '') return ours('settings.empty');
        return unit === undefined ? String(value) : ours('settings.withUnit', { value: String(value), unit });
      };
      const refuse = ({ problem, message }: SettingIssue): string => {
        if (problem === 'form' || problem === 'check')
          return (
            own(plugin, `settings.${key}.refused`) ?? (problem === 'check' ? message : ours('settings.issue.form'))
          );
        const bounds =
          field.type === 'number'
            ? { min: field.min ?? 0, max: field.max ?? 0 }
            : { min: 0, max: field.type === 'text' ? (field.maxLength ?? 0) : 0 };
        return ours(`settings.issue.${problem}`, bounds);
      };
      const help = own(plugin, field.help ?? `settings.${key}.help`);
      return {
        key,
        plugin,
        group: spec.id,
        groupTitle: groupTitle(own, plugin, spec),
        field,
        value: values[key]!,
        page: placeOf(field),
        heading:
          field.section === undefined
            ? groupTitle(own, plugin, spec)
            : (own(plugin, `settings.section.${field.section}`) ?? field.section),
        label: own(plugin, field.label ?? `settings.${key}`) ?? key,
        ...(help !== undefined && { help }),
        ...(unit !== undefined && { unit }),
        say,
        refuse,
      };
    }),
  );
  const rank = ({ plugin }: SettingShown) => (plugin === 'chat' ? 0 : 1);
  const order = new Map(all.map(({ heading }) => [heading, 0]));
  [...order.keys()].forEach((heading, index) => order.set(heading, index));
  return all.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (rank(one) === 0
        ? order.get(one.heading)! - order.get(other.heading)!
        : one.heading.localeCompare(other.heading)),
  );
}

type Own = (plugin: string, key: string) => string | undefined;
/** `settings.title` of the plugin; that is the label of a setting where one is called `title`, and more than one group has titles of their own. */
const groupTitle = (own: Own, plugin: string, { id, fields }: SettingsSpec): string =>
  own(plugin, id === plugin && !('title' in fields) ? 'settings.title' : `settings.title.${id}`) ?? id;

/** Whether every word of a search is somewhere in it. */
export function matches(shown: SettingShown, search: string): boolean {
  const { key, plugin, heading, label, help = '', field, say } = shown;
  const options = field.type === 'choice' ? field.options.map(say) : [];
  const hay = [key, plugin, heading, label, help, ...options].join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
