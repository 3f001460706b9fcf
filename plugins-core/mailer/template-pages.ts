/** `/operator/mail-template`: the words of mails, per language, at the original's addresses. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import type { ViewsService } from '../views/api.ts';
import { limits, render, type KnownTemplate, type Templates, type Words } from './templates.ts';

export interface TemplatePagesNeeds extends Addresses {
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'available' | 'info'>;
  readonly templates: Templates;
}
type Field = keyof Words;
type Errors = Partial<Record<Field, string>>;

export function createTemplatePages({ operators, views, locales, templates, url }: TemplatePagesNeeds) {
  const unknown = (context: Context) =>
    operators.refuse(context, 404, 'TEMPLATE_UNKNOWN', locales.text(locales.of(context), 'mailer.template.unknown'));
  const find = (context: Context) => templates.find(context.req.param('name') ?? '');
  /** The language whose words are edited: `locale` is that of the page itself. */
  const languageOf = (context: Context): string => {
    const wanted = context.req.query('lang');
    return locales.available().find(({ code }) => code === wanted)?.code ?? locales.of(context);
  };
  const titleOf = ({ owner, name }: KnownTemplate, locale: string) => locales.text(locale, `${owner}.mail.${name}`);
  const pageOf = (spec: KnownTemplate, lang: string, more: Record<string, string> = {}) =>
    url('template', { name: spec.name, lang, ...more });

  async function list(context: Context): Promise<Response> {
    const locale = locales.of(context);
    const changes = await templates.changes();
    const rows = templates.all().map((spec) => ({
      name: spec.name,
      title: titleOf(spec, locale),
      href: pageOf(spec, languageOf(context)),
      changed: (changes.get(spec.name) ?? []).map((code) => locales.info(code).name),
    }));
    return views.page(context, 'mailer/templates', { rows });
  }

  interface Shown {
    readonly status?: number;
    readonly words: Words;
    readonly changed: boolean;
    readonly errors?: Errors;
    /** The words with examples in their placeholders. */
    readonly preview?: boolean;
  }
  function show(context: Context, spec: KnownTemplate, shown: Shown): Promise<Response> {
    const locale = locales.of(context);
    const lang = languageOf(context);
    const { words, changed, errors = {}, status = 200 } = shown;
    const meaning = (placeholder: string) => locales.text(locale, `${spec.owner}.mail.${spec.name}.${placeholder}`);
    const examples = Object.fromEntries(spec.placeholders.map((name) => [name, `[${meaning(name)}]`]));
    const saved = context.req.query('saved') === '1' && context.req.method === 'GET';
    const model = {
      ...words,
      limits,
      errors,
      failed: Object.keys(errors).length > 0,
      changed,
      name: spec.name,
      heading: titleOf(spec, locale),
      action: pageOf(spec, lang),
      placeholders: spec.placeholders.map((name, index) => ({ mark: `{${index}}`, meaning: meaning(name) })),
      languages: locales
        .available()
        .map(({ code, name }) => ({ name, href: pageOf(spec, code), current: code === lang })),
      ...(shown.preview && { preview: render(words, spec.placeholders, examples) }),
      ...(saved && { notice: { kind: 'success', text: locales.text(locale, 'mailer.template.saved') } }),
    };
    return views.page(context, 'mailer/template', model, { status });
  }

  async function edit(context: Context): Promise<Response> {
    const spec = find(context);
    if (!spec) return unknown(context);
    const { changed, ...words } = await templates.words(spec, languageOf(context));
    return show(context, spec, { words, changed, preview: true });
  }

  function problems(words: Words, locale: string): Errors {
    const found: Errors = {};
    for (const field of ['subject', 'body'] as const) {
      const text = words[field];
      const limit = limits[field];
      if (text.trim() === '') found[field] = locales.text(locale, `mailer.template.${field}.required`);
      else if (text.length > limit) found[field] = locales.text(locale, 'mailer.template.tooLong', { limit });
    }
    // Refused rather than repaired: whoever typed it should see it.
    if (!found.subject && /\p{Cc}/u.test(words.subject))
      found.subject = locales.text(locale, 'mailer.template.oneLine');
    return found;
  }

  async function save(context: Context): Promise<Response> {
    const session = (await operators.current(context))!;
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const spec = find(context);
    if (!spec) return unknown(context);
    const lang = languageOf(context);
    const { fields } = form;
    if (fields.get('action') === 'reset') {
      await templates.reset(spec.name, lang);
      return context.redirect(pageOf(spec, lang, { saved: '1' }), 302);
    }
    const words = {
      subject: (fields.get('subject') ?? '').trim(),
      body: (fields.get('body') ?? '').replaceAll(/\r\n?/g, '\n'),
    };
    const errors = problems(words, locales.of(context));
    const { changed } = await templates.words(spec, lang);
    if (Object.keys(errors).length > 0) return show(context, spec, { status: 422, words, changed, errors });
    if (fields.get('action') === 'preview') return show(context, spec, { words, changed, preview: true });
    await templates.save(spec.name, lang, words, Date.now());
    return context.redirect(pageOf(spec, lang, { saved: '1' }), 302);
  }

  return { list, edit, save };
}
