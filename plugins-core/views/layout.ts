/**
 * Layout helpers: `{{#extends "views/page"}}{{#override "content"}}…{{/override}}{{/extends}}`, and `{{#block "content"}}` in the
 * layout. The first override of a name wins, so that a child's comes before its parent's.
 */
import Handlebars, { type HelperOptions } from 'handlebars';
import type { Environment } from './templates.ts';

type Overrides = Map<string, () => string>;
interface Frame {
  overrides?: Overrides;
}
const frameOf = (options: HelperOptions): Frame => (options.data ?? {}) as Frame;

/** @param get the compiled template behind a name */
export function registerLayout(env: Environment, get: (name: string) => HandlebarsTemplateDelegate<unknown>): void {
  env.registerHelper('extends', function (this: unknown, name: string, options: HelperOptions) {
    const data = Handlebars.createFrame(options.data) as Frame;
    data.overrides = new Map(frameOf(options).overrides);
    // Only the overrides in the body count; text between them is nobody's.
    options.fn(this, { data });
    return new env.SafeString(get(name)(this, { data }));
  });
  env.registerHelper('override', function (this: unknown, name: string, options: HelperOptions) {
    const { overrides } = frameOf(options);
    if (overrides && !overrides.has(name)) overrides.set(name, () => options.fn(this));
    return '';
  });
  env.registerHelper('block', function (this: unknown, name: string, options: HelperOptions) {
    const override = frameOf(options).overrides?.get(name);
    return override ? override() : options.fn?.(this);
  });
  env.registerHelper('ifOverridden', function (this: unknown, name: string, options: HelperOptions) {
    return frameOf(options).overrides?.has(name) ? options.fn(this) : options.inverse(this);
  });
  env.registerHelper('unlessOverridden', function (this: unknown, name: string, options: HelperOptions) {
    return frameOf(options).overrides?.has(name) ? options.inverse(this) : options.fn(this);
  });
}
