/** What a visitor answered to the administrator's fields: tested, told to operators, and read again from what they were told. */
import { escapeHtml, messageKind, type Draft, type WireMessage } from '../chat/api.ts';
import type { SurveyAnswer, SurveyField } from './api.ts';
import { labelOf, type Field } from './field.ts';

/** Values as they came, by name. */
export type Given = Readonly<Record<string, string>>;

/** Why an answer cannot be taken. Texts: `survey.problem.<code>`. */
export interface AnswerProblem {
  readonly name: string;
  readonly label: string;
  readonly code: 'required' | 'too_long' | 'unknown';
  readonly maxLength: number;
}

/** A ticked box. */
const ticked = new Set(['1', 'on', 'true', 'yes']);
const isTicked = (value: string | undefined): boolean => ticked.has(value ?? '');

/** One line, without anything that databases and readers stumble over. */
const tidy = (value: string): string => value.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
const characters = (text: string): string[] => Array.from(text);

/** The value of one field as given; undefined where none was. */
const valueOf = (given: Given, name: string): string | undefined =>
  Object.hasOwn(given, name) ? tidy(given[name] ?? '') : undefined;

function problemOf(field: Field, value: string): AnswerProblem['code'] | undefined {
  if (field.kind === 'checkbox') return field.required && !isTicked(value) ? 'required' : undefined;
  if (value === '') return field.required ? 'required' : undefined;
  if (field.kind === 'choice') return field.options.includes(value) ? undefined : 'unknown';
  if (field.kind === 'text' && characters(value).length > field.maxLength) return 'too_long';
  return undefined;
}

/** Everything that is wrong with the answers, in the order of the fields. */
export function problemsOf(fields: readonly Field[], given: Given, locale: string): AnswerProblem[] {
  return fields.flatMap((field) => {
    const code = problemOf(field, valueOf(given, field.name) ?? '');
    const { name, maxLength } = field;
    return code ? [{ name, label: labelOf(field, locale), code, maxLength }] : [];
  });
}

/**
 * The answers as operators see them. What a page put into its embed code may be wrong, and the visitor cannot help it: such a
 * value is left out, or cut.
 * @param yesNo words for a ticked box and one that is not
 */
export function answersOf(
  fields: readonly Field[],
  given: Given,
  locale: string,
  yesNo: readonly [string, string],
): SurveyAnswer[] {
  return fields.flatMap((field) => {
    const value = valueOf(given, field.name);
    if (value === undefined) return [];
    const { name, kind, maxLength } = field;
    const answer = (text: string) => [{ name, label: labelOf(field, locale), value: text }];
    if (kind === 'checkbox') return answer(yesNo[isTicked(value) ? 0 : 1]);
    if (value === '' || (kind === 'choice' && !field.options.includes(value))) return [];
    return answer(characters(value).slice(0, maxLength).join(''));
  });
}

/** A question that ends as questions do needs no colon. */
const asked = (label: string) => (/[?!:.…？！：؟]$/u.test(label) ? label : `${label}:`);

/** What operators are told, and what {@link readAnswers} finds again. */
export function answersLine(answers: readonly SurveyAnswer[]): Draft {
  return {
    kind: messageKind.forAgent,
    body: answers.map(({ label, value }) => `${escapeHtml(asked(label))} ${escapeHtml(value)}`).join('\n'),
    name: null,
    agentId: 0,
    plugin: 'survey',
    data: { answers },
  };
}

export function readAnswers(
  messages: readonly Pick<WireMessage, 'kind' | 'plugin' | 'data'>[],
): readonly SurveyAnswer[] {
  const lines = messages.filter(({ kind, plugin }) => kind === messageKind.forAgent && plugin === 'survey');
  return lines.flatMap(({ data }) => (data as { answers?: readonly SurveyAnswer[] } | null)?.answers ?? []);
}

/** The field as a visitor gets it, with what the page knows already. */
export function fieldFor(field: Field, locale: string, given: Given): SurveyField {
  const { name, kind, required, maxLength, options } = field;
  const value = valueOf(given, name) ?? '';
  const known = kind === 'checkbox' ? (isTicked(value) ? '1' : '') : characters(value).slice(0, maxLength).join('');
  const fits = kind !== 'choice' || options.includes(known);
  return { name, kind, label: labelOf(field, locale), required, maxLength, options, value: fits ? known : '' };
}

/** Does a visitor see it? */
export const answerable = ({ kind }: Pick<SurveyField, 'kind'>): boolean => kind !== 'hidden';
