/** Precompiled templates and the helpers that they may use: the names of the original's, and a few of ours. */
import { trimAddress } from './html.ts';
import { formatTime, textOf } from './i18n.ts';
import type { Texts } from './i18n.ts';
import { registerLayout } from './layout.ts';
import { initials, tint } from './people.ts';
import { createRuntime, escapeExpression, SafeString } from './runtime.ts';
import type { HelperOptions, Runtime, Specification, Template } from './runtime.ts';

/** View name → precompiled template: default export of the module of templates. */
export type Precompiled = Readonly<Record<string, unknown>>;

export interface Templates {
  /** @throws Error when there is no view of this name */
  render(view: string, model: unknown): string;
  has(view: string): boolean;
}

// The original compares loosely: "3" equals 3.
type Value = string | number | boolean | null | undefined;
const same = (a: Value, b: Value) => a === b || String(a ?? '') === String(b ?? '');
const unescape = (text: string) =>
  text.replace(/\\(?:u([\da-f]{4})|([nt]))/gi, (_, code?: string, letter?: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : letter === 'n' ? '\n' : '\t',
  );

function registerLogic(environment: Runtime): void {
  const choice = (name: string, test: (...values: Value[]) => boolean) =>
    environment.registerHelper(name, function (this: unknown, ...args: unknown[]) {
      const options = args.pop() as HelperOptions;
      return test(...(args as Value[])) ? options.fn(this) : options.inverse(this);
    });
  choice('ifEqual', same);
  choice('ifAny', (...values) => values.some(Boolean));
  choice('ifEven', (value) => Number(value) % 2 === 0);
  choice('ifOdd', (value) => Math.abs(Number(value) % 2) === 1);
  environment.registerHelper('repeat', function (this: unknown, count: unknown, options: HelperOptions) {
    const times = Math.min(Math.max(Math.trunc(Number(count)) || 0, 0), 1000);
    return Array.from({ length: times }, () => options.fn(this)).join('');
  });
  environment.registerHelper('replace', function (this: unknown, search: unknown, by: unknown, options: HelperOptions) {
    return options.fn(this).replaceAll(unescape(String(search)), String(by));
  });
  environment.registerHelper('cutString', function (this: unknown, length: unknown, options: HelperOptions) {
    return Array.from(options.fn(this))
      .slice(0, Math.max(0, Number(length) || 0))
      .join('');
  });
}

/** Escaped text with its addresses as links. */
function urlReplace(text: string): SafeString {
  const safe = escapeExpression(text);
  return new SafeString(
    safe.replace(/\b(?:https?|ftp):\/\/[^\s<>"']+/gi, (found) => {
      const address = trimAddress(found);
      return `<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${address}</a>${found.slice(address.length)}`;
    }),
  );
}

/** Makes the templates of an app; each is a partial of all others, too. */
export function createTemplates(precompiled: Precompiled, texts: Texts): Templates {
  const environment = createRuntime();
  const compiled = new Map<string, Template>();
  for (const [name, specification] of Object.entries(precompiled))
    compiled.set(name, environment.add(name, specification as Specification));
  function get(view: string): Template {
    const template = compiled.get(view);
    if (!template) throw new Error(`there is no template "${view}"`);
    return template;
  }

  environment.registerHelper('l10n', (key: unknown, options: HelperOptions) =>
    textOf(texts, String(key), options.hash),
  );
  environment.registerHelper('formatTime', (seconds: unknown) => formatTime(Number(seconds)));
  environment.registerHelper('urlReplace', urlReplace);
  environment.registerHelper('initials', (name?: string) => initials(name ?? ''));
  environment.registerHelper('tint', (name?: string) => tint(name ?? ''));
  registerLogic(environment);
  registerLayout(environment, get);
  return { render: (view, model) => get(view)(model), has: (view) => compiled.has(view) };
}
