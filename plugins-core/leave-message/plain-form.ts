/** The form for browsers without scripts: posted to a page of its own, with the same tests. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { open, type Addresses, type RouteSpec } from '../../kernel/plugin.ts';
import {
  chatErrors,
  fieldsOfQuery,
  type StartInput,
  type StartOutcome,
  type VisitorPagesService,
} from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import { RpcError } from '../rpc/api.ts';
import { surveyErrors } from '../survey/api.ts';
import { leaveMessageErrors as codes, type LeaveMessageForm } from './api.ts';
import type { Leaving, LeftForm } from './leaving.ts';
import type { Offer } from './offer.ts';
import { plain, splitPages, type Issue } from './rules.ts';

export interface PlainNeeds {
  readonly pages: VisitorPagesService;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly leaving: Leaving;
  readonly offer: () => Offer;
  readonly addresses: Addresses;
}

const view = 'leave-message/plain';
/** In the names of entries: answers to fields of other plugins, as in the query of `/chat`. */
const fieldPrefix = 'field-';

/** What a visitor came to `/chat` with, and comes with when he looks again. */
const queryOf = (input: StartInput): Record<string, string | undefined> => ({
  group: input.group ? String(input.group) : undefined,
  url: plain(input.url) || undefined,
  referrer: plain(input.referrer) || undefined,
  operator_code: input.operatorCode,
  info: plain(input.info) || undefined,
  name: plain(input.name) || undefined,
  email: plain(input.email) || undefined,
  ...answersOf(input),
});
const answersOf = ({ fields = {} }: StartInput) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${fieldPrefix}${name}`, value]));

export function createPlainForm(needs: PlainNeeds) {
  const { pages, locales, leaving, addresses } = needs;

  /** @param attempt what was typed, and what is wrong with it */
  function model(
    form: LeaveMessageForm,
    input: StartInput,
    locale: string,
    attempt: {
      readonly issues?: readonly Issue[];
      readonly failure?: string;
      /** What is said beside the box that was not ticked. */
      readonly consent?: string;
      readonly key?: string;
      /** The group that the page asked for, where he chose another one below it. */
      readonly among?: number | undefined;
    } = {},
  ): NonNullable<StartOutcome['plain']> {
    const says = ({ code, field }: Issue) =>
      locales.text(locale, `leave-message.issue.${code}`, {
        max: form.maxLength[field === 'name' ? 'name' : 'message'],
      });
    const errors = {
      ...Object.fromEntries((attempt.issues ?? []).map((issue) => [issue.field, says(issue)])),
      consent: attempt.consent,
    };
    const wanted = input.group ?? form.groupId;
    const chosen = form.groups && form.groups.some(({ id }) => id === wanted);
    const groups =
      form.groups && form.groups.map((one) => ({ ...one, selected: chosen ? one.id === wanted : one.selected }));
    return {
      view,
      model: {
        form: { ...form, groups },
        errors,
        failure: attempt.failure,
        key: attempt.key ?? randomBytes(24).toString('base64url'),
        among: attempt.among ?? input.group ?? 0,
        operatorCode: input.operatorCode,
        answers: answersOf(input),
        action: addresses.url('leave-message.plain'),
        again: addresses.url('chat.start', queryOf(input)),
      },
    };
  }

  async function submit(context: Context): Promise<Response> {
    const fields = await pages.form(context);
    if (fields instanceof Response) return fields;
    const locale = locales.of(context);
    const field = (name: string) => fields.get(name) ?? undefined;
    const group = Number(/^\d{1,8}$/.exec(field('group') ?? '')?.[0] ?? 0);
    const { url: _url, referrer: _referrer, ...base } = pages.input(context);
    const input: StartInput = {
      ...base,
      ...(group > 0 && { group }),
      name: field('name'),
      email: field('email'),
      info: field('info'),
      ...splitPages(field('referrer')),
      operatorCode: /^\w{1,64}$/.exec(field('operator_code') ?? '')?.[0],
      fields: fieldsOfQuery(Object.fromEntries(fields)),
      message: field('message'),
      locale,
    };
    const among = /^\d{1,8}$/.exec(field('among') ?? '')?.[0];
    const kept = among === undefined ? {} : { among: Number(among) };
    const key = /^[\w-]{1,64}$/.exec(field('key') ?? '')?.[0];
    const consent = fields.has('asked') ? fields.get('consent') === 'on' : undefined;
    const form: LeftForm = {
      name: input.name,
      email: input.email,
      message: input.message,
      key,
      consent,
      withoutScripts: true,
    };
    const issues = leaving.issues(form);
    if (issues.length > 0) return refuse(context, input, { ...kept, issues, ...(key && { key }) }, 422);
    try {
      await leaving.leave(() => pages.visitor(context), input, form);
      return context.redirect(addresses.url('leave-message.sent'), 303);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.errorCode === surveyErrors.consentMissing)
        return refuse(context, input, { ...kept, consent: error.message, ...(key && { key }) }, 422);
      const fresh = error.errorCode === codes.keyReused;
      const full = error.errorCode === chatErrors.rate;
      const status = full || error.errorCode === codes.tooMany ? 429 : 400;
      const failure = full ? locales.text(locale, 'leave-message.plain.full') : error.message;
      return refuse(context, input, { ...kept, failure, ...(key && !fresh && { key }) }, status);
    }
  }

  async function refuse(context: Context, input: StartInput, attempt: Parameters<typeof model>[3], status: number) {
    const offer = needs.offer();
    const locale = locales.of(context);
    // All groups that he could choose from stay to be chosen.
    const asked = attempt?.among === undefined ? input : { ...input, group: attempt.among || undefined };
    const form = await offer.form({ name: '' }, asked, locale);
    const title = locales.text(locale, 'leave-message.title');
    const options = { leaveMessageForm: form, page: { title } };
    return pages.show(
      context,
      { next: 'leaveMessage', options, plain: model(form, input, locale, attempt) },
      { status },
    );
  }

  /** A page of its own, so that loading it again sends nothing again. */
  async function sent(context: Context): Promise<Response> {
    const locale = locales.of(context);
    const options = { sent: true, page: { title: locales.text(locale, 'leave-message.title') } };
    const plain = { view, model: { sent: true, again: addresses.url('chat.start') } };
    return pages.show(context, { next: 'leaveMessage', options, plain });
  }

  const routes: readonly RouteSpec[] = [
    { name: 'plain', method: 'POST', path: '/chat/leave-message', access: open, handler: submit },
    { name: 'sent', method: 'GET', path: '/chat/leave-message', access: open, handler: sent },
  ];
  return { model, routes };
}
