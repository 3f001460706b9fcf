import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const passedBy = new Set(['test', 'node_modules', 'locales', 'migrations', 'dist']);

const filesIn = (folder: string): string[] =>
  readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return passedBy.has(entry.name) ? [] : filesIn(path);
    return /\.(?:ts|hbs)$/.test(entry.name) ? [path] : [];
  });

const plugins = ['plugins-core', 'plugins-contrib'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`).map((id) => ({ id, folder: `${folder}/${id}` })),
);
/** `<plugin>.<key>` of every English text. */
const texts = new Set(
  plugins.flatMap(({ id, folder }) =>
    [`${folder}/locales/en.json`, `${folder}/client/locales/en.json`]
      .filter((file) => existsSync(`${root}/${file}`))
      .flatMap((file) => Object.keys(JSON.parse(read(file)) as object).map((key) => `${id}.${key}`)),
  ),
);
const sources = plugins
  .flatMap(({ folder }) => filesIn(folder))
  .map((file) => ({ file, text: read(file).replaceAll(/^ *\/\*\*?[\s\S]*?\*\/$/gm, '') }));
const matches = (pattern: RegExp) =>
  sources.flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ file, match })));

/** Keys that stand as a whole in quotation marks. */
const written = new Set(matches(/(['"])([\w-]+(?:\.[\w-]+)+)\1/g).map(({ match }) => match[2]!));
/** Whatever may be put into a key: parts of words count, so that `'title.other'` fills in as well as `other`. */
const words = new Set(matches(/[\w-]+(?:\.[\w-]+)*/g).flatMap(({ match: [word] }) => [word, ...word.split('.')]));
/** Keys that are put together: `bans.page.${key}`, the administration's `settings.${key}`, `(concat "a.b." c)`. */
const composed = [
  ...matches(/`([\w-]*(?:\$\{[^`}]*\}|[\w.-])+)`/g).map(({ match }) => match[1]!.split(/\$\{[^}]*\}/)),
  ...matches(/\(concat "([\w-]+\.[\w.-]*)"/g).map(({ match }) => [match[1]!, '']),
]
  .filter((parts) => parts.length > 1 && /[a-z]{3}.*\.|\..*[a-z]{3}/.test(parts.join('')))
  .map((parts) => new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('([\\w.-]+)')}$`));

const known = (word: string) => words.has(word) || word.split('.').every((part) => words.has(part));
const isComposed = (key: string) => composed.some((pattern) => pattern.exec(key)?.slice(1).every(known));
/** The administration asks for texts of settings and their units, and for what plugins do, without the id of the plugin. */
const names = (key: string) => {
  const own = key.slice(key.indexOf('.') + 1);
  return /^(?:settings|unit|feature)\./.test(own) ? [key, own] : [key];
};

describe('texts', () => {
  it('are all used', () => {
    const unused = [...texts].filter((key) => !names(key).some((name) => written.has(name) || isComposed(name)));
    expect(unused).toEqual([]);
  });

  it('are there wherever one is asked for by its key', () => {
    const asked = [
      ...matches(/\bl10n ["']([\w-]+(?:\.[\w-]+)+)["']/g),
      ...matches(/\btext\((?:[^'"`()]|\([^()]*\))*'([\w-]+(?:\.[\w-]+)+)'/g),
      ...matches(/\blabel: '([\w-]+(?:\.[\w-]+)+)'/g),
    ].map(({ file, match }) => ({ file, key: match[1]! }));
    expect(asked.length).toBeGreaterThan(400);
    // `settings.title` is the title of some plugin's page, not of the plugin `settings`.
    const ids = new Set(plugins.map(({ id }) => id).filter((id) => id !== 'settings'));
    const missing = asked.filter(({ key }) => ids.has(key.split('.', 1)[0]!) && !texts.has(key));
    expect(missing).toEqual([]);
  });

  it('name every group of settings', () => {
    const groups = matches(/\bdefineSettings\('([\w-]+)'/g).map(({ file, match }) => ({
      id: match[1]!,
      plugin: file.split('/')[1]!,
    }));
    expect(groups.length).toBeGreaterThan(10);
    const titles = groups.map(({ id, plugin }) => `${plugin}.settings.title${id === plugin ? '' : `.${id}`}`);
    expect(titles.filter((title) => !texts.has(title))).toEqual([]);
  });
});
