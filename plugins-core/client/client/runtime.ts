/**
 * Runs what Handlebars precompiled. Its own runtime weighs 6 kB gzipped, a seventh of all that a visitor may load, for the sake of templates
 * that are compiled in the browser and of compilers of the past; ours are compiled by the server of the same build. The tests compare both.
 */

export type Data = Readonly<Record<string, unknown>> & { readonly _parent?: Data };
interface Run {
  data?: Data;
  blockParams?: readonly unknown[];
}
/** A block of a template. */
type Block = (context: unknown, options?: Run) => string;
/** The last argument of every helper. */
export interface HelperOptions {
  readonly name: string;
  readonly hash: Readonly<Record<string, unknown>>;
  readonly fn: Block;
  readonly inverse: Block;
  readonly data?: Data;
}
// What a helper takes is between it and the templates.
type Helper = (this: unknown, ...args: never[]) => unknown;
export type Template = (model: unknown, options?: Partial<PartialOptions>) => string;

interface PartialOptions extends Run {
  partial?: true;
  name: string;
  hash?: object;
  fn?: Block & { readonly partials?: Partials };
  partials: Partials;
  depths?: readonly unknown[];
}
type Partials = Readonly<Record<string, Template>>;
type Program = (
  container: object,
  context: unknown,
  helpers: object,
  partials: Partials,
  data?: Data,
  blockParams?: readonly unknown[],
  depths?: readonly unknown[],
) => unknown;
type Decorate = (
  program: Block,
  props: { partials?: Record<string, Block> },
  container: object,
  context: unknown,
  data?: Data,
  blockParams?: readonly unknown[],
  depths?: readonly unknown[],
) => Block;
/** A precompiled template: its programs by number, and its `main`. */
export interface Specification {
  readonly main: Program;
  readonly useData?: boolean;
  readonly useDepths?: boolean;
  readonly useBlockParams?: boolean;
  readonly [program: string]: unknown;
}

/** Markup that is not escaped again. */
export class SafeString {
  readonly #html: string;
  constructor(html: string) {
    this.#html = html;
  }
  toHTML(): string {
    return this.#html;
  }
  toString(): string {
    return this.#html;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
};
export function escapeExpression(value: unknown): string {
  if (value instanceof SafeString) return value.toHTML();
  if (value === null || value === undefined) return '';
  // oxlint-disable-next-line typescript/no-base-to-string -- as the template language has it
  return String(value).replace(/[&<>"'`=]/g, (sign) => entities[sign]!);
}

export const createFrame = (data: Data | undefined): Record<string, unknown> & { readonly _parent?: Data } => ({
  ...data,
  _parent: data,
});

/** What an object has itself; what it has from its prototype is nobody's data. */
const lookupProperty = (parent: object, name: string): unknown =>
  Object.hasOwn(Object(parent) as object, name) ? (parent as Record<string, unknown>)[name] : undefined;
const lambda = (value: unknown, context: unknown): unknown =>
  typeof value === 'function' ? (value as () => unknown).call(context) : value;
const isEmpty = (value: unknown) => (!value && value !== 0) || (Array.isArray(value) && value.length === 0);
const noop = () => '';

/** The words of the language itself. */
const builtIn = {
  if(this: unknown, given: unknown, { hash, fn, inverse }: HelperOptions) {
    const value = lambda(given, this);
    return (!hash.includeZero && !value) || isEmpty(value) ? inverse(this) : fn(this);
  },
  unless(this: unknown, given: unknown, options: HelperOptions) {
    return builtIn.if.call(this, given, { ...options, fn: options.inverse, inverse: options.fn });
  },
  with(this: unknown, given: unknown, { fn, inverse, data }: HelperOptions) {
    const value = lambda(given, this);
    return isEmpty(value) ? inverse(this) : fn(value, { data, blockParams: [value] });
  },
  each(this: unknown, given: unknown, { fn, inverse, data }: HelperOptions) {
    const value = lambda(given, this);
    const list = typeof value !== 'object' || value === null ? [] : value;
    const isList = Symbol.iterator in list;
    const entries = isList
      ? Array.from(list as Iterable<unknown>, (item, at) => [at, item] as const)
      : Object.entries(list);
    if (entries.length === 0) return inverse(this);
    return entries
      .map(([key, item], index) => {
        const place = { key, index, first: index === 0, last: index === entries.length - 1 };
        return fn(item, { data: { ...createFrame(data), ...place }, blockParams: [item, key] });
      })
      .join('');
  },
  lookup: (from: unknown, name: unknown) => (from ? lookupProperty(from, String(name)) : from),
};

/** `{{#person}}…{{/person}}`, where `person` is no helper. */
function blockValue(this: unknown, value: unknown, options: HelperOptions): string {
  if (value === true) return options.fn(this);
  if (value === false || value === null || value === undefined) return options.inverse(this);
  return Array.isArray(value) ? builtIn.each.call(this, value, options) : options.fn(value);
}

/** `{{#*inline "name"}}`: a partial for the rest of its block. */
function inline(
  fn: Block,
  props: { partials?: Record<string, Block> },
  container: { partials: object },
  { args, fn: partial }: { readonly args: readonly [string]; readonly fn: Block },
): Block {
  const partials = (props.partials ??= {});
  const first = Object.keys(partials).length === 0;
  partials[args[0]] = partial;
  if (!first) return fn;
  return (context, options) => {
    const before = container.partials;
    container.partials = { ...before, ...partials };
    try {
      return fn(context, options);
    } finally {
      container.partials = before;
    }
  };
}

function invokePartial(given: unknown, context: unknown, options: PartialOptions): string {
  const outer = options.data?.['partial-block'] as Template | undefined;
  const { fn } = options;
  let { data, partials } = options;
  let block: Template | undefined;
  if (fn && fn !== noop) {
    block = (model, run) => fn(model, { ...run, data: { ...createFrame(run?.data), 'partial-block': outer } });
    data = { ...createFrame(data), 'partial-block': block };
    partials = { ...partials, ...fn.partials };
  }
  const name = typeof given === 'string' ? given : options.name;
  const named = name === '@partial-block' ? outer : (lookupProperty(options.partials, name) as Template | undefined);
  const partial = typeof given === 'function' ? (given as Template) : (named ?? block);
  if (!partial) throw new Error(`there is no template "${name}"`);
  const model = options.hash ? { ...(context as object), ...options.hash } : context;
  return partial(model, { ...options, data, partials, partial: true });
}

export interface Runtime {
  registerHelper(name: string, helper: Helper): void;
  /** Makes a template of its specification; each is a partial of all others. */
  add(name: string, specification: Specification): Template;
}

export function createRuntime(): Runtime {
  const helpers: Record<string, unknown> = { ...builtIn };
  const all: Record<string, Template> = {};

  function template(spec: Specification): Template {
    const container = {
      escapeExpression,
      lookupProperty,
      lambda,
      noop,
      nullContext: Object.seal({}),
      hooks: { blockHelperMissing: blockValue },
      decorators: { inline },
      helpers,
      partials: all as Partials,
      invokePartial,
      data(value: Data | undefined, depth: number) {
        let found = value;
        for (let left = depth; found && left > 0; left--) found = found._parent;
        return found;
      },
      lookup: (depths: readonly unknown[], name: string) =>
        depths
          .map((depth) => depth && lookupProperty(depth, name))
          .find((found) => found !== null && found !== undefined),
      program(
        number: number,
        data?: Data,
        count = 0,
        blockParams?: readonly unknown[],
        depths?: readonly unknown[],
      ): Block {
        const run = spec[number] as Program;
        const block: Block = (context, options = {}) =>
          run(
            container,
            context,
            helpers,
            container.partials,
            options.data ?? data,
            blockParams && [options.blockParams, ...blockParams],
            depths && context !== depths[0] ? [context, ...depths] : depths,
          ) as string;
        return Object.assign(decorated(`${number}_d`, block, data, blockParams, depths), { blockParams: count });
      },
    };
    function decorated(
      name: string,
      block: Block,
      data?: Data,
      blockParams?: readonly unknown[],
      depths?: readonly unknown[],
    ): Block {
      const decorate = spec[name] as Decorate | undefined;
      if (!decorate) return block;
      const props = {};
      return Object.assign(decorate(block, props, container, depths?.[0], data, blockParams, depths), props);
    }

    return (model, options = {}) => {
      const before = container.partials;
      container.partials = options.partials ?? all;
      let { data } = options;
      if (!options.partial && spec.useData && !(data && 'root' in data)) data = { ...createFrame(data), root: model };
      const blockParams = spec.useBlockParams ? [] : undefined;
      const above = options.depths ?? [];
      const depths = spec.useDepths ? (above.length > 0 && above[0] === model ? above : [model, ...above]) : undefined;
      const main: Block = (context) =>
        String(spec.main(container, context, helpers, container.partials, data, blockParams, depths));
      try {
        return decorated('main_d', main, data, blockParams, depths ?? above)(model);
      } finally {
        // A template may be in its own partials.
        container.partials = before;
      }
    };
  }

  return {
    registerHelper(name, helper) {
      helpers[name] = helper;
    },
    add: (name, specification) => (all[name] = template(specification)),
  };
}
