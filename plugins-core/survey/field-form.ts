/** The form of a question: its fields as texts, and what they mean. */
import type { FormValues } from '../operators/api.ts';
import type { FieldKind } from './api.ts';
import type { Field, FieldInput } from './field.ts';

/** Fields that are texts of their own; besides them `label_<language>`. */
const texts = ['name', 'kind', 'label', 'options'] as const;
const labelMark = 'label_';
/** The form as it was typed, by the names of {@link FieldInput}; languages are `label_<language>`, a tick is `on`. */
export type Typed = FormValues;

export const blank: Typed = {
  name: '',
  kind: 'text',
  label: '',
  required: '',
  maxLength: '255',
  options: '',
};

export const typedOf = (field: Field, languages: readonly string[]): Typed => ({
  name: field.name,
  kind: field.kind,
  label: field.label,
  required: field.required ? 'on' : '',
  maxLength: String(field.maxLength),
  options: field.options.join('\n'),
  ...Object.fromEntries(languages.map((code) => [`${labelMark}${code}`, field.labels[code] ?? ''])),
});

export function readTyped(form: URLSearchParams, languages: readonly string[]): Typed {
  const of = (name: string) => (form.get(name) ?? '').replaceAll('\r\n', '\n');
  return {
    ...Object.fromEntries(
      [...texts, ...languages.map((code) => `${labelMark}${code}`)].map((name) => [name, of(name)]),
    ),
    required: of('required') === 'on' ? 'on' : '',
    maxLength: of('maxlength'),
  };
}

/** What is typed means this; of the fields that are given, and no others. */
export function inputOf(typed: Partial<Typed>): Partial<FieldInput> {
  const { name, kind, label, required, maxLength, options } = typed;
  const labels = Object.entries(typed).flatMap(([field, text]) =>
    field.startsWith(labelMark) && text !== undefined ? [[field.slice(labelMark.length), text]] : [],
  );
  return {
    ...(name !== undefined && { name }),
    // An unknown kind is an issue of its own.
    ...(kind !== undefined && { kind: kind as FieldKind }),
    ...(label !== undefined && { label }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) as Record<string, string> }),
    ...(required !== undefined && { required: required === 'on' }),
    // What is no number becomes one that fits nowhere.
    ...(maxLength !== undefined && { maxLength: /^\d{1,9}$/.test(maxLength.trim()) ? Number(maxLength) : -1 }),
    ...(options !== undefined && { options: options.split('\n') }),
  };
}

/** What was seen of a question, for a change of it: choices and the tick mean something with the kind that they were made for. */
export const withKind = (expected: Partial<FieldInput> | undefined, seen: Partial<Typed> | undefined) =>
  expected && (expected.options || expected.required !== undefined) && seen?.['kind'] !== undefined
    ? { ...expected, kind: seen['kind'] as FieldKind }
    : expected;
