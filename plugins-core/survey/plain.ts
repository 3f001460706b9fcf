/** The survey for browsers without scripts: the same questions as a plain form, which keeps what was typed. */
import type { Context } from 'hono';
import { open, type Addresses, type RouteSpec } from '../../kernel/plugin.ts';
import type { StartInput, StartOutcome, VisitorPagesService } from '../chat/api.ts';
import { answerable } from './answers.ts';
import type { SurveyForm } from './api.ts';
import type { Questions } from './questions.ts';
import type { Filled, Problem, Submissions } from './submission.ts';

export interface PlainNeeds {
  readonly pages: VisitorPagesService;
  readonly questions: Questions;
  readonly submissions: Submissions;
  readonly addresses: Addresses;
}

const fieldPrefix = 'field-';

/** Model of the view `survey/plain`. @param among the group that the page asked for @param typed what stands in the form after a refusal */
function modelOf(form: SurveyForm, action: string, among: number, typed?: Filled, problems: readonly Problem[] = []) {
  const errors = Object.fromEntries(problems.map(({ entry, text }) => [entry, text]));
  const [url = '', referrer = ''] = form.referrer.split('\n');
  return {
    action,
    among,
    form: { ...form, name: typed?.name ?? form.name, email: typed?.email ?? form.email },
    message: typed?.message ?? '',
    url,
    referrer,
    errors,
    failed: problems.length > 0,
    consent: typed?.consent === true,
    fields: form.fields.map((field) => {
      const value = typed?.given?.[field.name] ?? field.value;
      const name = `${fieldPrefix}${field.name}`;
      return {
        ...field,
        name,
        [field.kind]: true,
        shown: answerable(field),
        value,
        error: errors[name],
        options: field.options.map((option) => ({ option, selected: option === value })),
      };
    }),
  };
}

/** The survey with its form for browsers without scripts. */
export function withPlainForm(addresses: Addresses, outcome: StartOutcome, among = 0): StartOutcome {
  const { surveyForm } = outcome.options as { readonly surveyForm: SurveyForm };
  const action = addresses.url('survey.survey', { locale: surveyForm.locale });
  return { ...outcome, plain: { view: 'survey/plain', model: modelOf(surveyForm, action, among) } };
}

/** What the form says. Browsers send line breaks of forms as CR LF; everybody else writes LF. */
function filledBy(fields: URLSearchParams, base: StartInput): Filled {
  const of = (name: string) => (fields.get(name) ?? '').replaceAll('\r\n', '\n').trim();
  const group = Number(/^\d{1,8}$/.exec(of('group'))?.[0] ?? 0);
  const { group: _, ...rest } = base;
  const given = [...fields.keys()]
    .filter((name) => name.startsWith(fieldPrefix))
    .map((name) => [name.slice(fieldPrefix.length), fields.get(name) ?? ''] as const);
  const input: StartInput = {
    ...rest,
    ...(group > 0 ? { group } : {}),
    url: of('url') || undefined,
    referrer: of('referrer') || undefined,
    info: of('info') || undefined,
    operatorCode: /^\w{1,64}$/.exec(of('operator_code'))?.[0],
  };
  return {
    input,
    name: of('name'),
    email: of('email'),
    message: of('message'),
    given: Object.fromEntries(given),
    consent: of('consent') === 'on',
  };
}

export function plainRoute({ pages, questions, submissions, addresses }: PlainNeeds): RouteSpec {
  async function again(
    context: Context,
    filled: Filled,
    problems: readonly Problem[],
    among = filled.input.group ?? 0,
  ) {
    const { input, name, email, given } = filled;
    // All groups that he could choose from stay to be chosen.
    const { group: _, ...rest } = input;
    const asked = { ...rest, ...(among > 0 && { group: among }), name, email, ...(given && { fields: given }) };
    const fresh = await questions.form(undefined, asked);
    const chosen = input.group ?? 0;
    const groups = fresh.groups && fresh.groups.map((one) => ({ ...one, selected: one.id === chosen }));
    const form: SurveyForm = { ...fresh, groups, groupId: chosen };
    const outcome = withPlainForm(addresses, await questions.outcome(form, input.group));
    const model = modelOf(form, addresses.url('survey.survey', { locale: form.locale }), among, filled, problems);
    return pages.show(context, { ...outcome, plain: { view: 'survey/plain', model } }, { status: 422 });
  }

  return {
    name: 'survey',
    method: 'POST',
    path: '/chat/survey',
    access: open,
    async handler(context) {
      const fields = await pages.form(context);
      if (fields instanceof Response) return fields;
      const filled = filledBy(fields, pages.input(context));
      const problems = submissions.problems(filled);
      const among = /^\d{1,8}$/.exec(fields.get('among') ?? '')?.[0];
      if (problems.length > 0) return again(context, filled, problems, among === undefined ? undefined : Number(among));
      try {
        return await pages.show(context, await submissions.submit(await pages.visitor(context), filled));
      } catch (error) {
        return pages.refuse(context, error);
      }
    },
  };
}
