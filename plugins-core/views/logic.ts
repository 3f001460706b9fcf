/** Block helpers for templates that compare, count and cut; the same names as in client templates. */
import type { HelperOptions } from 'handlebars';
import type { Environment } from './templates.ts';

// The original compares loosely: "3" from a form equals 3.
type Value = string | number | boolean | null | undefined;
const same = (a: Value, b: Value): boolean => a === b || String(a ?? '') === String(b ?? '');

const unescape = (text: string): string =>
  text.replace(/\\(?:u([\da-f]{4})|([nt]))/gi, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (letter === 'n' ? '\n' : '\t') : String.fromCharCode(Number.parseInt(code, 16)),
  );

export function registerLogic(env: Environment): void {
  const choice = (test: (...values: Value[]) => boolean) =>
    function (this: unknown, ...args: unknown[]) {
      const options = args.pop() as HelperOptions;
      return test(...(args as Value[])) ? options.fn(this) : options.inverse(this);
    };
  env.registerHelper(
    'ifEqual',
    choice((a, b) => same(a, b)),
  );
  env.registerHelper(
    'ifAny',
    choice((...values) => values.some(Boolean)),
  );
  env.registerHelper(
    'ifEven',
    choice((value) => Number(value) % 2 === 0),
  );
  env.registerHelper(
    'ifOdd',
    choice((value) => Math.abs(Number(value) % 2) === 1),
  );
  env.registerHelper('repeat', function (this: unknown, count: unknown, options: HelperOptions) {
    const times = Math.min(Math.max(Math.trunc(Number(count)) || 0, 0), 1000);
    return Array.from({ length: times }, () => options.fn(this)).join('');
  });
  env.registerHelper(
    'replace',
    function (this: unknown, search: unknown, replacement: unknown, options: HelperOptions) {
      return options.fn(this).replaceAll(unescape(String(search)), String(replacement));
    },
  );
  env.registerHelper('cutString', function (this: unknown, length: unknown, options: HelperOptions) {
    const characters = Array.from(options.fn(this));
    return characters.slice(0, Math.max(0, Number(length) || 0)).join('');
  });
}
