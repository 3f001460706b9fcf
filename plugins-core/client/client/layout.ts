/** Layouts in templates: `extends`, `block`, `override`. The first override of a name wins, a child's before its parent's. */
import Handlebars from 'handlebars/runtime';
import type { HelperOptions } from 'handlebars/runtime';

interface Frame {
  overrides?: Map<string, () => string>;
}
const frameOf = (options: HelperOptions) => (options.data ?? {}) as Frame;

export function registerLayout(
  environment: typeof Handlebars,
  get: (view: string) => Handlebars.TemplateDelegate,
): void {
  environment.registerHelper('extends', function (this: unknown, view: string, options: HelperOptions) {
    const data = Handlebars.createFrame(options.data as object) as Frame;
    data.overrides = new Map(frameOf(options).overrides);
    // Only the overrides in the body count; text between them is nobody's.
    options.fn(this, { data });
    return new environment.SafeString(get(view)(this, { data }));
  });
  environment.registerHelper('override', function (this: unknown, name: string, options: HelperOptions) {
    const { overrides } = frameOf(options);
    if (overrides && !overrides.has(name)) overrides.set(name, () => options.fn(this));
    return '';
  });
  environment.registerHelper('block', function (this: unknown, name: string, options: Partial<HelperOptions>) {
    const override = frameOf(options as HelperOptions).overrides?.get(name);
    return override ? override() : options.fn?.(this);
  });
  const when = (name: string, wanted: boolean) =>
    environment.registerHelper(name, function (this: unknown, block: string, options: HelperOptions) {
      const overridden = frameOf(options).overrides?.has(block) ?? false;
      return overridden === wanted ? options.fn(this) : options.inverse(this);
    });
  when('ifOverridden', true);
  when('unlessOverridden', false);
}
