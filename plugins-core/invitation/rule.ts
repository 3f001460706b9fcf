/** A rule as administrators write it, and what is wrong with one. */
import { InputError } from '../operators/api.ts';
import type { InvitationRule } from './api.ts';

export const kinds = ['any', 'new', 'returning'] as const;
export type RuleInput = Omit<InvitationRule, 'id' | 'weight'>;

/** What is wrong with one entry of the form. Texts: `invitation.issue.<entry>.<code>`, else `invitation.issue.<code>`. */
export interface RuleIssue {
  readonly entry: keyof RuleInput;
  readonly code: 'required' | 'too_long' | 'invalid' | 'changed';
}
/** RULE_INVALID and RULE_CHANGED (somebody else changed it meanwhile), both with `issues`; RULE_UNKNOWN, TOO_MANY_RULES. */
export class RuleError extends InputError<
  'RULE_INVALID' | 'RULE_CHANGED' | 'RULE_UNKNOWN' | 'TOO_MANY_RULES',
  RuleIssue
> {
  override readonly name = 'RuleError';
}

/** Each contact of a page is measured by every rule. */
export const limits = {
  rules: 50,
  name: 100,
  page: 255,
  attribute: 64,
  value: 255,
  greeting: 1024,
  seconds: 86_400,
  pages: 1_000,
  operators: 1_000,
  hours: 8_760,
} as const;

const characters = (text: string): number => Array.from(text).length;
const control = /\p{Cc}/u;
const lineBreaks = /\n/g;

export const tidied = (input: RuleInput): RuleInput => ({
  ...input,
  name: input.name.trim(),
  page: input.page.trim(),
  attribute: input.attribute.trim(),
  value: input.value.trim(),
  greeting: input.greeting.trim(),
});

const texts = ['name', 'page', 'attribute', 'value', 'greeting'] as const;
const numbers = {
  secondsOnPage: [0, limits.seconds],
  secondsOnSite: [0, limits.seconds],
  pagesSeen: [0, limits.pages],
  operators: [1, limits.operators],
  // Nobody wants to be asked again and again.
  hours: [1, limits.hours],
} as const;

export function issuesOf(rule: RuleInput): RuleIssue[] {
  const issues: RuleIssue[] = [];
  const wrong = (entry: RuleIssue['entry'], code: RuleIssue['code']) => void issues.push({ entry, code });
  if (rule.name === '') wrong('name', 'required');
  for (const entry of texts) {
    const text = rule[entry];
    if (characters(text) > limits[entry]) wrong(entry, 'too_long');
    else if (control.test(entry === 'greeting' ? text.replace(lineBreaks, '') : text)) wrong(entry, 'invalid');
  }
  for (const [entry, [least, most]] of Object.entries(numbers) as [keyof typeof numbers, readonly [number, number]][])
    if (!Number.isInteger(rule[entry]) || rule[entry] < least || rule[entry] > most) wrong(entry, 'invalid');
  if (!kinds.includes(rule.visitor)) wrong('visitor', 'invalid');
  if (rule.value !== '' && rule.attribute === '') wrong('attribute', 'required');
  return issues;
}
