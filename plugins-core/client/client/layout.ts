/** Layouts in templates: `extends`, `block`, `override`. The first override of a name wins, a child's before its parent's. */
import { createFrame, SafeString } from './runtime.ts';
import type { Data, HelperOptions, Runtime, Template } from './runtime.ts';

interface Frame {
  overrides?: Map<string, () => string>;
}
const frameOf = (options: HelperOptions) => (options.data ?? {}) as Frame;

export function registerLayout(environment: Runtime, get: (view: string) => Template): void {
  environment.registerHelper('extends', function (this: unknown, view: string, options: HelperOptions) {
    const data = createFrame(options.data) as Frame & Data;
    data.overrides = new Map(frameOf(options).overrides);
    // Only the overrides in the body count; text between them is nobody's.
    options.fn(this, { data });
    return new SafeString(get(view)(this, { data }));
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
