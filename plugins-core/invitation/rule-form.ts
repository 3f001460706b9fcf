/** The form of a rule: its fields as texts, and what they mean. */
import type { FormValues } from '../operators/api.ts';
import type { InvitationRule } from './api.ts';
import type { RuleInput } from './rule.ts';

const texts = ['name', 'page', 'attribute', 'value', 'greeting', 'visitor'] as const;
const numbers = ['secondsOnPage', 'secondsOnSite', 'pagesSeen', 'operators', 'hours', 'groupId'] as const;
type Entry = (typeof texts)[number] | (typeof numbers)[number] | 'enabled';
/** The form as it was typed; a tick is `on`. */
export type Typed = FormValues<Entry>;

export const blank: Typed = {
  name: '',
  page: '',
  attribute: '',
  value: '',
  greeting: '',
  visitor: 'any',
  secondsOnPage: '30',
  secondsOnSite: '0',
  pagesSeen: '1',
  operators: '1',
  hours: '24',
  groupId: '0',
  enabled: 'on',
};

export const typedOf = (rule: InvitationRule): Typed =>
  Object.fromEntries([
    ...texts.map((entry) => [entry, rule[entry]]),
    ...numbers.map((entry) => [entry, String(rule[entry])]),
    ['enabled', rule.enabled ? 'on' : ''],
  ]) as Typed;

export function readTyped(form: URLSearchParams): Typed {
  const of = (name: string) => (form.get(name) ?? '').replaceAll('\r\n', '\n');
  return Object.fromEntries([
    ...[...texts, ...numbers].map((entry) => [entry, of(entry)]),
    ['enabled', of('enabled') === 'on' ? 'on' : ''],
  ]) as Typed;
}

// What is no number becomes one that fits nowhere.
const numberOf = (text: string): number => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : -1);

/** What is typed means this; of the fields that are given, and no others. */
export function inputOf(typed: Partial<Typed>): Partial<RuleInput> {
  const given = (entry: Entry) => typed[entry] !== undefined;
  return Object.fromEntries([
    ...texts.filter(given).map((entry) => [entry, typed[entry]]),
    ...numbers.filter(given).map((entry) => [entry, numberOf(typed[entry] ?? '')]),
    ...(given('enabled') ? [['enabled', typed.enabled === 'on']] : []),
  ]) as Partial<RuleInput>;
}
