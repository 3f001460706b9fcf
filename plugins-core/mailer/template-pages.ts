/** `/operator/mail-template`: the words of mails, per language, at the original's addresses. */
import type { Context } from 'hono';
import type { Addresses } from '../../kernel/index.ts';
import type { LocalesService } from '../locales/api.ts';
import { editsOf, readEdits, seenText, type FormValues, type OperatorsService } from '../operators/api.ts';
import type { UndoService } from '../undo/api.ts';
import type { ViewsService } from '../views/api.ts';
import { limits, render, type KnownTemplate, type Templates, type Words } from './templates.ts';

export interface TemplatePagesNeeds extends Addresses {
  readonly operators: OperatorsService;
  readonly views: Pick<ViewsService, 'page'>;
  readonly locales: Pick<LocalesService, 'of' | 'text' | 'available' | 'info'>;
  readonly templates: Templates;
  readonly undo: Pick<UndoService, 'keep' | 'action'>;
}
type Field = keyof Words;
/** What can be undone: see `undo.undoable`. */
export const wordsKind = 'mailer.words';
const inputOf = (values: Partial<FormValues<Field>>): Partial<Words> => values;
type Errors = Partial<Record<Field, string>>;
/** What the page tells of what was done, by the query. */
const outcomes = ['saved', 'reset', 'restored', 'taken'] as const;

export function createTemplatePages({ operators, views, locales, templates, undo, url }: TemplatePagesNeeds) {
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
    /** What the form showed at first, where that is not what it shows now. */
    readonly seen?: string | undefined;
    /** Somebody else changed the same. */
    readonly conflict?: boolean;
  }
  async function show(context: Context, spec: KnownTemplate, shown: Shown): Promise<Response> {
    const locale = locales.of(context);
    const lang = languageOf(context);
    const { words, changed, errors = {}, status = 200 } = shown;
    const meaning = (placeholder: string) => locales.text(locale, `${spec.owner}.mail.${spec.name}.${placeholder}`);
    const examples = Object.fromEntries(spec.placeholders.map((name) => [name, `[${meaning(name)}]`]));
    const done = context.req.method === 'GET' && outcomes.find((word) => context.req.query(word) === '1');
    const model = {
      ...words,
      limits,
      errors,
      failed: Object.keys(errors).length > 0,
      conflict: shown.conflict,
      seen: shown.seen ?? seenText({ subject: words.subject, body: words.body }),
      changed,
      name: spec.name,
      heading: titleOf(spec, locale),
      action: pageOf(spec, lang),
      placeholders: spec.placeholders.map((name, index) => ({ mark: `{${index}}`, meaning: meaning(name) })),
      languages: locales
        .available()
        .map(({ code, name }) => ({ name, href: pageOf(spec, code), current: code === lang })),
      ...(shown.preview && { preview: render(words, spec.placeholders, examples) }),
      ...(done && {
        notice: {
          kind: done === 'taken' ? 'warning' : 'success',
          text: locales.text(locale, `mailer.template.done.${done}`),
          action: await undo.action(context),
        },
      }),
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

  /** The form anew, beside what somebody else stored meanwhile. */
  async function conflict(
    context: Context,
    spec: KnownTemplate,
    onto: (now: Words) => Words,
    fields?: readonly Field[],
  ) {
    const { changed, ...now } = await templates.words(spec, languageOf(context));
    const errors = Object.fromEntries(
      (fields ?? []).map((field) => [
        field,
        locales.text(locales.of(context), 'operators.edits.field', { now: now[field] }),
      ]),
    );
    return show(context, spec, {
      status: 409,
      words: onto(now),
      changed,
      errors,
      seen: seenText({ ...now }),
      conflict: true,
    });
  }

  async function save(context: Context): Promise<Response> {
    const session = (await operators.current(context))!;
    const form = await operators.form(context, session);
    if (!form.ok) return form.response;
    const spec = find(context);
    if (!spec) return unknown(context);
    const lang = languageOf(context);
    const { fields } = form;
    const words = {
      subject: (fields.get('subject') ?? '').trim(),
      body: (fields.get('body') ?? '').replaceAll(/\r\n?/g, '\n'),
    };
    const edits = readEdits(words, fields, inputOf);
    if (fields.get('action') === 'reset') {
      const taken = await templates.reset(spec.name, lang, editsOf(words, fields).seen);
      if (taken === 'changed') return conflict(context, spec, (now) => now);
      const kept = taken && (await undo.keep(wordsKind, taken, session.operator));
      return context.redirect(pageOf(spec, lang, { reset: '1', ...(kept && { undo: String(kept) }) }), 302);
    }
    const errors = problems(words, locales.of(context));
    const { changed } = await templates.words(spec, lang);
    const { seen } = edits;
    if (Object.keys(errors).length > 0) return show(context, spec, { status: 422, words, changed, errors, seen });
    if (fields.get('action') === 'preview') return show(context, spec, { words, changed, preview: true, seen });
    const conflicts = await templates.save(spec, lang, edits.changes, edits.expected);
    if (conflicts.length > 0) return conflict(context, spec, (now) => edits.onto({ ...now }), conflicts);
    return context.redirect(pageOf(spec, lang, { saved: '1' }), 302);
  }

  return { list, edit, save };
}
