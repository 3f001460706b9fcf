/** A field of the survey as administrators define it, and what is wrong with one. */
import { fieldKinds, type FieldKind } from './api.ts';
import type { FieldRow } from './tables.ts';

export interface Field {
  readonly id: number;
  /** Name of the argument, and of the value in embed code and query. */
  readonly name: string;
  readonly kind: FieldKind;
  readonly label: string;
  /** Language → label, where it differs. */
  readonly labels: Readonly<Record<string, string>>;
  readonly required: boolean;
  /** Characters of a text. */
  readonly maxLength: number;
  /** What can be chosen, as it is shown and kept. */
  readonly options: readonly string[];
  readonly weight: number;
}
export type FieldInput = Omit<Field, 'id' | 'weight'>;

/** What is wrong with one entry of the form. Texts: `survey.issue.<entry>.<code>`, of a language `survey.issue.labels.<code>`. */
export interface FieldIssue {
  readonly entry: 'name' | 'kind' | 'label' | 'required' | 'maxLength' | 'options' | `label_${string}`;
  readonly code: 'required' | 'too_long' | 'invalid' | 'reserved' | 'taken' | 'too_many' | 'changed';
}

/** FIELD_INVALID and FIELD_CHANGED (somebody else changed it meanwhile), both with `issues`; FIELD_UNKNOWN, TOO_MANY_FIELDS. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly code: 'FIELD_INVALID' | 'FIELD_CHANGED' | 'FIELD_UNKNOWN' | 'TOO_MANY_FIELDS';
  readonly issues: readonly FieldIssue[];
  constructor(code: FieldError['code'], issues: readonly FieldIssue[] = []) {
    super(`${code} ${issues.map(({ entry, code: what }) => `${entry}: ${what}`).join(', ')}`.trim());
    this.code = code;
    this.issues = issues;
  }
}

export const limits = { name: 32, label: 200, length: 2_000, options: 50, option: 200, fields: 30 } as const;

const isKind = (text: string): text is FieldKind => fieldKinds.some((kind) => kind === text);

const characters = (text: string): number => Array.from(text).length;
const control = /\p{Cc}/u;

/** The field as it is kept: what its kind does not have is left out. */
export const tidied = (input: FieldInput): FieldInput => ({
  name: input.name.trim().toLowerCase(),
  kind: input.kind,
  label: input.label.trim(),
  labels: Object.fromEntries(
    Object.entries(input.labels).flatMap(([locale, label]) => (label.trim() ? [[locale, label.trim()]] : [])),
  ),
  // Nobody can fill in what he does not see.
  required: input.kind !== 'hidden' && input.required,
  maxLength: input.maxLength,
  options: input.kind === 'choice' ? input.options.map((one) => one.trim()).filter(Boolean) : [],
});

/** Comes with every start of a page that is tracked, and is nobody's answer. */
const reserved: ReadonlySet<string> = new Set(['user_id']);

export function issuesOf(field: FieldInput): FieldIssue[] {
  const issues: FieldIssue[] = [];
  const wrong = (entry: FieldIssue['entry'], code: FieldIssue['code']) => void issues.push({ entry, code });
  if (field.name === '') wrong('name', 'required');
  else if (!/^[a-z][a-z0-9_-]*$/.test(field.name)) wrong('name', 'invalid');
  else if (field.name.length > limits.name) wrong('name', 'too_long');
  else if (reserved.has(field.name)) wrong('name', 'reserved');
  if (!isKind(field.kind)) wrong('kind', 'invalid');
  if (field.label === '') wrong('label', 'required');
  else if (characters(field.label) > limits.label) wrong('label', 'too_long');
  else if (control.test(field.label)) wrong('label', 'invalid');
  for (const [locale, label] of Object.entries(field.labels)) {
    if (characters(label) > limits.label) wrong(`label_${locale}`, 'too_long');
    else if (control.test(label)) wrong(`label_${locale}`, 'invalid');
  }
  if (!Number.isInteger(field.maxLength) || field.maxLength < 1 || field.maxLength > limits.length)
    wrong('maxLength', 'invalid');
  if (field.kind === 'choice') {
    if (field.options.length < 2) wrong('options', 'required');
    else if (field.options.length > limits.options) wrong('options', 'too_many');
    else if (field.options.some((one) => characters(one) > limits.option)) wrong('options', 'too_long');
    else if (new Set(field.options).size < field.options.length) wrong('options', 'taken');
    else if (field.options.some((one) => control.test(one))) wrong('options', 'invalid');
  }
  return issues;
}

export const toField = (row: FieldRow): Field => ({ ...row, kind: row.kind as FieldKind });

/** The label in a language; `pt-br` takes that of `pt` where it has none of its own. */
export const labelOf = ({ label, labels }: Pick<Field, 'label' | 'labels'>, locale: string): string =>
  labels[locale] ?? labels[locale.split('-')[0] ?? ''] ?? label;
