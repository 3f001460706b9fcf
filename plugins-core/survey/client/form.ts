/** The survey without its looks: which entries it has, what is wrong with them, what is sent. No DOM. */
import type { SurveyField, SurveyForm } from '../api.ts';

/** One thing that is asked. */
export interface Entry {
  /** `name`, `email`, `groupId`, `message`, `consent`, or `field-<name>`. */
  readonly name: string;
  readonly control: 'line' | 'lines' | 'choice' | 'box';
  /** Undefined: the entry is one of ours, and has a text. */
  readonly label?: string;
  readonly type?: 'text' | 'email';
  readonly autocomplete?: 'name' | 'email';
  readonly required: boolean;
  readonly maxLength?: number;
  readonly options?: readonly { readonly value: string; readonly label: string; readonly online?: boolean }[];
  readonly value: string;
  /** Of the policy. */
  readonly href?: string;
}

/** Entry → what stands in it; a ticked box is `'1'`. */
export type Values = Readonly<Record<string, string>>;

/** What is wrong with an entry. Texts: `survey.form.<code>`. */
export interface Wrong {
  readonly entry: string;
  readonly code: 'required' | 'tooLong' | 'wrongEmail' | 'consentNeeded';
  readonly count?: number;
}

const nameLength = 64;
const emailLength = 254;
const mail = /^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+$/;

function entryOf({ name, kind, label, required, maxLength, options, value }: SurveyField): Entry[] {
  const base = { name: `field-${name}`, label, required, value };
  if (kind === 'text') return [{ ...base, control: 'line', type: 'text', maxLength }];
  if (kind === 'checkbox') return [{ ...base, control: 'box' }];
  if (kind === 'choice')
    return [{ ...base, control: 'choice', options: ['', ...options].map((one) => ({ value: one, label: one })) }];
  return [];
}

export function entriesOf(form: SurveyForm): Entry[] {
  const { groups, privacyPolicyUrl } = form;
  const entries: Entry[] = [];
  if (form.canChangeName)
    entries.push({
      name: 'name',
      control: 'line',
      type: 'text',
      autocomplete: 'name',
      required: false,
      maxLength: nameLength,
      value: form.name,
    });
  if (form.showEmail)
    entries.push({
      name: 'email',
      control: 'line',
      type: 'email',
      autocomplete: 'email',
      required: false,
      maxLength: emailLength,
      value: form.email,
    });
  if (groups)
    entries.push({
      name: 'groupId',
      control: 'choice',
      required: false,
      options: groups.map(({ id, name, online }) => ({ value: String(id), label: name, online })),
      value: String(form.groupId),
    });
  entries.push(...form.fields.flatMap(entryOf));
  if (form.showMessage)
    entries.push({ name: 'message', control: 'lines', required: false, maxLength: form.maxLength, value: '' });
  if (privacyPolicyUrl !== undefined)
    entries.push({ name: 'consent', control: 'box', required: true, href: privacyPolicyUrl, value: '' });
  return entries;
}

/** Everything that is wrong, in the order of the form; the server looks again. */
export function wrongsOf(entries: readonly Entry[], values: Values): Wrong[] {
  return entries.flatMap(({ name, required, maxLength }): Wrong[] => {
    const value = (values[name] ?? '').trim();
    const over = maxLength === undefined ? 0 : Array.from(value).length - maxLength;
    if (required && value === '') return [{ entry: name, code: name === 'consent' ? 'consentNeeded' : 'required' }];
    if (over > 0) return [{ entry: name, code: 'tooLong', count: over }];
    return name === 'email' && value !== '' && !mail.test(value) ? [{ entry: name, code: 'wrongEmail' }] : [];
  });
}

/** Arguments of `processSurvey`. */
export function argumentsOf(form: SurveyForm, values: Values): Record<string, unknown> {
  const value = (name: string, otherwise: string) => (values[name] ?? otherwise).trim();
  const answer = ({ name, kind, value: known }: SurveyField) =>
    kind === 'hidden' ? known : (values[`field-${name}`] ?? '');
  return {
    threadId: null,
    token: null,
    name: value('name', form.name),
    email: value('email', form.email),
    message: value('message', ''),
    groupId: value('groupId', String(form.groupId)),
    info: form.info,
    referrer: form.referrer,
    operator_code: form.operatorCode || null,
    locale: form.locale,
    fields: Object.fromEntries(form.fields.map((field) => [field.name, answer(field)])),
    ...(form.privacyPolicyUrl !== undefined && { consent: values['consent'] === '1' }),
    return: { next: 'next', options: 'options' },
  };
}

/** The entry that a refusal of the server is about; none: it is about all of it. */
export const entryOfCode = (code: number): string | undefined =>
  ({ 11: 'email', 130: 'name', 131: 'consent', 132: 'message' })[code];
