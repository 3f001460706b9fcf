/** The reference pages that are made of the code: `npm run api` writes them, a test fails when they are out of date. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { entries, env } from '../kernel/config.ts';
import type { AnyDefinition } from '../kernel/manifest.ts';
import { components } from '../plugins-core/design-system/components.ts';
import { settingsPage, type Field, type SettingsSpec } from '../plugins-core/settings/api.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const note = 'Made of the code by `npm run api`; a test fails when it is out of date.';
const code = (value: unknown) => `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly string[]) =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');

async function definitions(): Promise<{ id: string; definition: AnyDefinition }[]> {
  const ids = readdirSync(`${root}/plugins-core`).toSorted();
  return Promise.all(
    ids.map(async (id) => {
      const file = pathToFileURL(`${root}/plugins-core/${id}/plugin.ts`).href;
      const { default: definition } = (await import(file)) as { default: AnyDefinition };
      return { id, definition };
    }),
  );
}

/** The comment above a key says what it means: one place for it, and one that reviewers see. */
function meaningOf(source: string, key: string): string {
  const comment = new RegExp(`/\\*\\* ([^\\n]*?) \\*/\\s*${key}:`).exec(source)?.[1];
  if (!comment) throw new Error(`the configuration key "${key}" has no comment that says what it means`);
  return comment;
}

type Keys = Readonly<Record<string, unknown>>;
function keysOf(keys: Keys, variables: Readonly<Record<string, string | undefined>>, source: string): string {
  const rows = Object.entries(keys).map(([key, schema]) => {
    const { default: initial } = schema as { default?: unknown };
    const variable = variables[key];
    const first = initial === undefined || initial === '' ? '' : code(initial);
    return row(code(key), variable ? code(variable) : '', first, meaningOf(source, key));
  });
  return table(['key', 'variable', 'default', 'meaning'], rows);
}

async function configurationPage(): Promise<string> {
  const sections = (await definitions()).flatMap(({ id, definition }) => {
    const { config } = definition;
    if (!config) return [];
    const { entries: keys } = config.schema as unknown as { entries: Keys };
    const text = keysOf(keys, config.env ?? {}, read(`plugins-core/${id}/plugin.ts`));
    return [`## \`plugins["${id}"]\`\n\n${text}\n`];
  });
  return `# Configuration

What whoever runs the server decides: \`mibew.config.ts\` beside \`package.json\`, and environment variables over it. A value that is
wrong is told with file or variable, key and reason, and the server ends with code 2. What administrators change in the browser are
[settings](settings.md). ${note}

\`\`\`ts
import { defineConfig } from 'mibew/kernel';
export default defineConfig({ port: 8080, publicUrl: 'https://www.example.com/mibew', plugins: { views: { theme: 'mine' } } });
\`\`\`

## The product

${keysOf(entries, env, read('kernel/config.ts'))}

${sections.join('\n')}`;
}

function boundsOf(field: Field): string {
  if (field.type === 'number') {
    const unit = field.unit ? ` ${field.unit}` : '';
    return `number, ${field.min ?? '…'} to ${field.max ?? '…'}${unit}`;
  }
  if (field.type === 'choice') return field.options.map(code).join(' or ');
  if (field.type === 'text') return `text${field.maxLength ? `, up to ${field.maxLength} characters` : ''}`;
  return 'on or off';
}

async function settingsReference(): Promise<string> {
  const groups = (await definitions()).flatMap(({ id, definition }) =>
    (definition.contributes ?? [])
      .filter(({ point }) => point.id === settingsPage.id)
      .map(({ value }) => ({ id, fields: (value as SettingsSpec).fields })),
  );
  const sections = groups.map(({ id, fields }) => {
    const file = `plugins-core/${id}/locales/en.json`;
    const texts = existsSync(`${root}/${file}`) ? (JSON.parse(read(file)) as Record<string, string>) : {};
    const rows = Object.entries(fields).map(([key, field]) => {
      const label = texts[field.label ?? `settings.${key}`];
      if (!label) throw new Error(`${file}: the setting "${key}" has no label`);
      const help = texts[field.help ?? `settings.${key}.help`]?.replaceAll(/'(\{\w+\})'/g, '$1');
      return row(code(key), boundsOf(field), code(field.default), help ? `${label}. ${help}` : label);
    });
    return `## ${id}\n\n${table(['key', 'value', 'default', 'meaning'], rows)}\n`;
  });
  return `# Settings

What administrators change while the server runs, at \`/operator/settings\`. Values lie in the database and count at once. What whoever
runs the server decides is [configuration](configuration.md). ${note}

${sections.join('\n')}`;
}

function componentsReference(): string {
  const texts = JSON.parse(read('plugins-core/design-system/locales/en.json')) as Record<string, string>;
  const sections = components.map(({ id, classes, states }) => {
    const shown = states.map((state) => texts[`state.${state}`]).join(' · ');
    const names = classes.map(code).join(' ');
    return `## ${texts[`component.${id}`]}\n\n${texts[`component.${id}.when`]}\n\n${names}\n\nStates: ${shown}.\n`;
  });
  return `# Components

What pages and apps are made of, when to use which, and in which states each is drawn; all of them are on the page
\`/operator/design-system\`. Classes that begin with \`--\` are modifiers of the one before them. How they go together is told in
[the design system](../design-system.md). ${note}

${sections.join('\n')}`;
}

/** The pages and what each should hold. */
export const referencePages = async (): Promise<Map<string, string>> =>
  new Map([
    ['docs/reference/configuration.md', await configurationPage()],
    ['docs/reference/settings.md', await settingsReference()],
    ['docs/reference/components.md', componentsReference()],
  ]);
