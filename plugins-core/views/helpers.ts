/** Helpers of server templates: texts, addresses, forms, assets, times, people. */
import type { HelperOptions } from 'handlebars';
import type { Addresses, RouteParams } from '../../kernel/plugin.ts';
import type { LocalesService, TextArgs } from '../locales/api.ts';
import type { IconSource } from './syntax.ts';
import type { Environment } from './templates.ts';
import { dayOf, exactly, inWords, type TimeWords } from './times.ts';

/** What a rendering knows besides the model. */
export interface Rendering {
  readonly locale: string;
  readonly csrfToken?: string | undefined;
  readonly nonce?: string;
  /** Tags for `cssAssets` and `jsAssets`, ready. */
  readonly css?: string;
  readonly js?: string;
}

/** What helpers take. */
export interface HelperDeps {
  readonly env: Environment;
  readonly locales: LocalesService;
  readonly addresses: Addresses;
  readonly icon: IconSource;
  readonly asset: (plugin: string, file: string) => string;
  readonly now?: () => number;
}

const renderingOf = (options: HelperOptions): Rendering => (options.data as { rendering: Rendering }).rendering;
/** Splits what Handlebars passes: positional arguments, then options. */
const split = (args: unknown[]): { values: unknown[]; options: HelperOptions } => ({
  values: args.slice(0, -1),
  options: args.at(-1) as HelperOptions,
});

export function registerHelpers({ env, locales, addresses, icon, asset, now = Date.now }: HelperDeps): void {
  const { SafeString, escapeExpression: escape } = env;
  const text = (options: HelperOptions, key: string, args: TextArgs = {}) =>
    locales.text(renderingOf(options).locale, key, args);

  env.registerHelper('l10n', (key: string, ...rest: unknown[]) => {
    const { values, options } = split(rest);
    // Positional arguments are {0}, {1} …, named ones carry their names. What comes out is plain text, escaped as any other.
    return text(options, key, { ...Object.fromEntries(values.entries()), ...options.hash });
  });
  env.registerHelper('route', (name: string, options: HelperOptions) =>
    addresses.url(name, options.hash as RouteParams),
  );
  env.registerHelper('csrfProtectedRoute', (name: string, options: HelperOptions) => {
    const { csrfToken } = renderingOf(options);
    return addresses.url(name, { ...(options.hash as RouteParams), csrf_token: csrfToken });
  });
  env.registerHelper('csrfTokenInput', (options: HelperOptions) => {
    const { csrfToken = '' } = renderingOf(options);
    return new SafeString(`<input type="hidden" name="csrf_token" value="${escape(csrfToken)}">`);
  });
  env.registerHelper('asset', (...args: unknown[]) => {
    const [first = '', second] = split(args).values.map(String);
    if (second !== undefined) return asset(first, second);
    const slash = first.indexOf('/');
    return asset(first.slice(0, slash), first.slice(slash + 1));
  });
  env.registerHelper('cssAssets', (options: HelperOptions) => new SafeString(renderingOf(options).css ?? ''));
  env.registerHelper('jsAssets', (options: HelperOptions) => new SafeString(renderingOf(options).js ?? ''));
  // A name from data, a menu entry's for instance, must not cost the page: unknown ones are a dot.
  env.registerHelper(
    'icon',
    (name: string, options: HelperOptions) =>
      new SafeString(icon(name, typeof options.hash['size'] === 'string' ? options.hash['size'] : undefined)),
  );

  env.registerHelper('formatDate', (value: unknown, options: HelperOptions) => {
    const { locale } = renderingOf(options);
    const time = timeOf(value);
    if (time === undefined) return text(options, 'views.date.never');
    const language = locales.intl(locale);
    const hour = new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(time);
    const days = dayOf(now()) - dayOf(time);
    if (days === 0) return text(options, 'views.date.today', { time: hour });
    if (days === 1) return text(options, 'views.date.yesterday', { time: hour });
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
  });
  const wordsOf = (options: HelperOptions): TimeWords => ({
    now: text(options, 'views.date.now'),
    today: text(options, 'views.date.today', gap('time')),
    yesterday: text(options, 'views.date.yesterday', gap('time')),
    tomorrow: text(options, 'views.date.tomorrow', gap('time')),
    day: text(options, 'views.date.day', { ...gap('day'), ...gap('time') }),
  });
  // The sentences for `client/times.ts`, once on each page. The server's clock is with each time instead: a page that tells none
  // is the same at every moment, whatever was asked for.
  env.registerHelper('timeWords', (options: HelperOptions) => JSON.stringify(wordsOf(options)));
  env.registerHelper('ago', (value: unknown, options: HelperOptions) => {
    const time = timeOf(value);
    if (time === undefined) return text(options, 'views.date.never');
    const format = { language: locales.intl(renderingOf(options).locale), words: wordsOf(options) };
    const at = now();
    const said = escape(inWords(time, at, format));
    const title = escape(exactly(time, format));
    return new SafeString(
      `<time class="mb-time" datetime="${new Date(time).toISOString()}" title="${title}" data-mb-ago="${at}">${said}</time>`,
    );
  });
  env.registerHelper('formatDateDiff', (seconds: unknown) => formatSpan(Number(seconds)));
  env.registerHelper('initials', (name?: string) => initials(name ?? ''));
  env.registerHelper('tint', (name?: string) => tint(name ?? ''));
  env.registerHelper('generatePagination', (info: unknown, ...rest: unknown[]) => {
    const { options } = split(rest);
    return new SafeString(pagination(info, (key, args) => text(options, key, args), escape, icon));
  });
}

/** A placeholder that stands for itself: what fills it is known later. */
const gap = (name: string): TextArgs => ({ [name]: `{${name}}` });

/** Milliseconds; nothing for what never was. */
function timeOf(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : Number(value);
  return Number.isFinite(time) && time !== 0 ? time : undefined;
}

/** `[hh:]mm:ss` of a number of seconds. */
export function formatSpan(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.trunc(seconds)) : 0;
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = `${two(Math.trunc(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? rest : `${two(Math.trunc(whole / 3600))}:${rest}`;
}

/** One or two letters for an avatar without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  );
  return letters.join('').toUpperCase() || '?';
}

/** One of six tints, always the same for the same name. */
export const tint = (name: string): number =>
  (Array.from(name).reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) % 9973, 7) % 6) + 1;

interface PageInfo {
  readonly page: number;
  readonly pages: number;
  readonly total?: number;
  /** Address to which the page's number is appended. */
  readonly href: string;
}

function pagination(
  value: unknown,
  text: (key: string, args?: TextArgs) => string,
  escape: (text: string) => string,
  icon: IconSource,
): string {
  const { page, pages, total, href } = value as PageInfo;
  if (!(pages > 1)) return '';
  const link = (target: number, key: string, arrow: string) => {
    const inner = `${icon(arrow)}<span class="mb-visually-hidden">${escape(text(key))}</span>`;
    return target < 1 || target > pages
      ? `<span class="mb-pagination__step" aria-disabled="true">${inner}</span>`
      : `<a class="mb-pagination__step" href="${escape(href)}${target}">${inner}</a>`;
  };
  const numbers = [...new Set([1, page - 1, page, page + 1, pages])].filter((number) => number >= 1 && number <= pages);
  const list = numbers.map((number, index) => {
    const gap = index > 0 && number - numbers[index - 1]! > 1 ? '<span class="mb-pagination__gap">…</span>' : '';
    const current = number === page ? ' aria-current="page"' : '';
    return `${gap}<a class="mb-pagination__page" href="${escape(href)}${number}"${current}>${number}</a>`;
  });
  const sum =
    total === undefined
      ? ''
      : `<span class="mb-pagination__total">${escape(text('views.pagination.total', { total }))}</span>`;
  return `<nav class="mb-pagination" aria-label="${escape(text('views.pagination.label'))}">${sum}${link(page - 1, 'views.pagination.previous', 'chevron-start')}${list.join('')}${link(page + 1, 'views.pagination.next', 'chevron-end')}</nav>`;
}
