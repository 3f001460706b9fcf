import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { createRuntime, SafeString } from '../client/runtime.ts';
import type { HelperOptions, Specification } from '../client/runtime.ts';

/** What our own helpers are compiled as; here they only show what they were given. */
const names = [
  'l10n',
  'initials',
  'tint',
  'icon',
  'ifEqual',
  'ifAny',
  'block',
  'override',
  'extends',
  'formatTime',
  'urlReplace',
];
const known = Object.fromEntries(names.map((name) => [name, true]));

function shown(this: unknown, ...args: unknown[]): unknown {
  const options = args.pop() as Partial<HelperOptions>;
  const text = `${options.name}(${JSON.stringify(args)},${JSON.stringify(options.hash)})`;
  return options.fn ? text + options.fn(this) + (options.inverse?.(this) ?? '') : text;
}
const bold = (text: unknown) => `<b>${String(text)}</b>`;

const compiled = new Map<string, Specification>();

function compile(source: string): Specification {
  const before = compiled.get(source);
  if (before) return before;
  const options = { knownHelpers: { ...known, bold: true, frame: true }, knownHelpersOnly: true, preventIndent: true };
  const text = Handlebars.precompile(Handlebars.parse(source), options) as unknown as string;
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- what the server writes into a module
  const made = new Function(`return ${text}`)() as Specification;
  compiled.set(source, made);
  return made;
}

/** What both runtimes make of the same templates; the first one is drawn. */
function draw(templates: Readonly<Record<string, string>>, model: unknown): { ours: string; theirs: string } {
  const runtime = createRuntime();
  const handlebars = Handlebars.create();
  for (const name of names) {
    runtime.registerHelper(name, shown);
    handlebars.registerHelper(name, shown);
  }
  runtime.registerHelper('bold', (text: unknown) => new SafeString(bold(text)));
  handlebars.registerHelper('bold', (text: unknown) => new Handlebars.SafeString(bold(text)));
  const frame = function (this: unknown, options: HelperOptions): string {
    return options.fn(this, { data: { ...options.data, mark: 'framed' } });
  };
  runtime.registerHelper('frame', frame);
  handlebars.registerHelper('frame', frame as Handlebars.HelperDelegate);
  const [first = ''] = Object.keys(templates);
  const made = Object.entries(templates).map(([name, source]) => [name, compile(source)] as const);
  const own = made.map(([name, specification]) => [name, runtime.add(name, specification)] as const);
  for (const [name, source] of Object.entries(templates))
    handlebars.registerPartial(name, handlebars.template(compile(source)));
  const theirs = (handlebars.partials as Record<string, Handlebars.TemplateDelegate>)[first]!;
  return { ours: new Map(own).get(first)!(model), theirs: theirs(model) };
}

const people = [
  { name: 'Ann <b>', tags: ['x', 'y'], age: 0 },
  { name: "O'Neil & `co` = 1", tags: [], age: 7, boss: { name: 'Zoë' } },
];
const model = {
  title: 'T"itle',
  people,
  map: { a: 1, b: { name: 'B' } },
  none: null,
  yes: true,
  no: false,
  empty: [],
  zero: 0,
  html: '<i>',
};

describe('templates', () => {
  it.each([
    [
      'text and values',
      '{{title}} {{{html}}} {{missing}} {{none}} {{zero}} {{people.0.name}} {{people.length}} {{&html}}',
    ],
    [
      'nothing that an object has not itself',
      '{{constructor}} {{map.constructor.name}} {{toString}} {{title.length}} {{__proto__}}',
    ],
    [
      'conditions',
      '{{#if yes}}a{{else if no}}b{{else}}c{{/if}}{{#unless empty}}d{{else}}e{{/unless}}{{#if zero}}f{{/if}}{{#if zero includeZero=true}}g{{/if}}{{#if empty}}h{{/if}}',
    ],
    [
      'lists',
      '{{#each people}}{{@index}}{{@first}}{{@last}}{{name}}:{{#each tags}}{{this}}{{@../index}}{{../name}}{{../../title}}{{else}}none{{/each}};{{/each}}',
    ],
    ['maps', '{{#each map}}{{@key}}={{this}}{{name}} {{/each}}{{#each none}}x{{else}}nobody{{/each}}'],
    [
      'names of its own for items',
      '{{#each people as |person at|}}{{at}}{{person.name}}{{#each person.tags as |tag|}}{{tag}}{{person.name}}{{/each}}{{/each}}',
    ],
    [
      'another context',
      '{{#with people.[1]}}{{name}}{{#with boss}}{{name}}{{../name}}{{@root.title}}{{/with}}{{/with}}{{#with none}}x{{else}}no{{/with}}{{#with map.b as |it|}}{{it.name}}{{/with}}',
    ],
    [
      'values as blocks',
      '{{#people}}{{name}}{{/people}}{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}not{{/no}}{{#map}}{{a}}{{/map}}{{#empty}}x{{else}}none{{/empty}}',
    ],
    [
      'look-ups',
      '{{lookup people 1}} {{lookup (lookup people 0) "name"}} {{#each people}}{{lookup ../map @key}}{{/each}}',
    ],
    [
      'helpers',
      '{{l10n "a.b" name=title n=3}} {{bold title}} {{#ifEqual title "x"}}1{{else}}2{{/ifEqual}} {{bold (l10n "in" x=(l10n "deep"))}}',
    ],
    [
      'data that a helper sets',
      '{{#frame}}{{@mark}}{{#each people}}{{@mark}}{{@root.title}}{{/each}}{{/frame}}{{@mark}}',
    ],
    ['raw text and comments', '{{!-- no --}}{{!no}}\\{{title}} {{~title~}} x'],
  ])('are drawn as Handlebars draws them: %s', (_, source) => {
    const { ours, theirs } = draw({ main: source }, model);
    expect(ours).toBe(theirs);
  });

  it.each([
    [
      'with arguments',
      {
        main: '{{> row title="x" n=1}}|{{> row people.[0]}}|{{#each people}}{{> row}}{{/each}}',
        row: '{{name}}{{title}}{{n}}{{@index}}{{@root.title}}',
      },
    ],
    [
      'by a name from data',
      { main: '{{> (lookup . "title2")}}{{#each people}}{{> (lookup @root "title2")}}{{/each}}', row: '[{{name}}]' },
    ],
    [
      'around a block',
      {
        main: '{{#> frame2 x=1}}in {{title}} {{x}}{{/frame2}}',
        frame2: '<{{> @partial-block}}|{{> @partial-block x=2}}>',
      },
    ],
    [
      'around blocks in blocks',
      {
        main: '{{#> one}}A{{#> two}}B{{title}}{{/two}}{{/one}}',
        one: '1{{> @partial-block}}1',
        two: '2{{#> one}}{{> @partial-block}}{{/one}}2',
      },
    ],
    ['that are missing, with something instead', { main: '{{#> nobody}}instead {{title}}{{/nobody}}' }],
    [
      'written in the template',
      {
        main: '{{#*inline "cell"}}({{name}}{{v}}){{/inline}}{{#each people}}{{> cell v=1}}{{/each}}{{> row}}',
        row: '{{#> cell}}x{{/cell}}',
      },
    ],
    [
      'written in a block',
      {
        main: '{{#> page}}{{#*inline "head"}}H{{title}}{{/inline}}body{{/page}}',
        page: '<{{> head}}>{{> @partial-block}}',
      },
    ],
    ['that call themselves', { main: '{{> tree map}}', tree: '{{a}}{{#if b}}{{> tree b}}{{/if}}{{name}}' }],
  ])('of each other are drawn as Handlebars draws them: %s', (_, templates) => {
    const { ours, theirs } = draw(templates, { ...model, title2: 'row' });
    expect(ours).toBe(theirs);
  });

  it('say which one is missing', () => {
    const runtime = createRuntime();
    expect(() => runtime.add('main', compile('{{> nobody}}'))({})).toThrow('there is no template "nobody"');
  });

  it('of the product are drawn as Handlebars draws them', () => {
    const root = join(import.meta.dirname, '../..');
    const templates: Record<string, string> = {};
    for (const plugin of readdirSync(root)) {
      const folder = join(root, plugin, 'templates/client');
      const files = readdirSync(join(root, plugin)).includes('templates') ? filesOf(folder) : [];
      for (const file of files)
        templates[`${plugin}/${relative(folder, file).replace(/\.hbs$/, '')}`] = readFileSync(file, 'utf8');
    }
    expect(Object.keys(templates).length).toBeGreaterThan(30);
    const full = {
      ...model,
      name: 'Ann',
      text: 'T',
      items: people,
      notices: people,
      visitor: 'V',
      facts: people,
      keys: people,
      side: 'other',
      status: 'refused',
    };
    for (const view of Object.keys(templates))
      for (const each of [{}, full]) {
        const { ours, theirs } = draw({ [view]: templates[view]!, ...templates }, each);
        expect(ours, view).toBe(theirs);
      }
  });
});

function filesOf(folder: string): string[] {
  try {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return found.filter((file) => file.endsWith('.hbs')).map((file) => join(folder, file));
  } catch {
    return [];
  }
}
