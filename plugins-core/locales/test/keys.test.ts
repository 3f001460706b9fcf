import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reasonOf } from '../../../kernel/errors.ts';
import { kindOf, parseMessage } from '../message.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const plugins = ['plugins-core', 'plugins-contrib']
  .flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((id) => join(folder, id)) : [],
  )
  .filter((folder) => existsSync(join(root, folder, 'package.json')));
const idOf = (folder: string) => folder.split('/').at(-1)!;

/** Texts for pages, and those that only the browser needs. */
const places = ['locales', 'client/locales'];
const textsIn = (folder: string, place: string, locale: string): [string, string][] => {
  const file = join(root, folder, place, `${locale}.json`);
  return existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : [];
};
const filesOf = (folder: string, endings: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && endings.test(entry.name) && !/(^|\/)(test|dist|node_modules)(\/|$)/.test(entry.parentPath),
    )
    .map((entry) => join(entry.parentPath, entry.name));

const english = new Set(
  plugins.flatMap((folder) =>
    places.flatMap((place) => textsIn(folder, place, 'en').map(([key]) => `${idOf(folder)}.${key}`)),
  ),
);
const ids = plugins.map(idOf).join('|');
/** Where a key can only be a key: templates' `l10n`, calls of a text function, labels of menu entries and permissions. */
const uses = [
  /\bl10n "([\w.-]+)"/g,
  new RegExp(`\\b(?:l10n|text|textOf|says|t)\\([^()'"?]*['"]((?:${ids})\\.[\\w.-]+)['"](?!\\s*\\)\\s*\\?\\?)`, 'g'),
  new RegExp(`\\blabel: '((?:${ids})\\.[\\w.-]+)'`, 'g'),
];

test('every text that templates and code name is there in English', () => {
  const missing = plugins.flatMap((folder) =>
    filesOf(folder, /\.(hbs|ts)$/).flatMap((file) => {
      const source = readFileSync(file, 'utf8').replace(/^\s*(?:\*|\/\/|\/\*\*).*$/gm, '');
      const keys = uses.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
      return keys.filter((key) => !english.has(key)).map((key) => `${file.slice(root.length)}: ${key}`);
    }),
  );
  expect(missing).toEqual([]);
});

test('every text of every language is an ICU message, with the arguments of the English one', () => {
  const wrong = plugins
    .flatMap((folder) => places.map((place) => [folder, place] as const))
    .flatMap(([folder, place]) => {
      const path = join(root, folder, place);
      if (!existsSync(path)) return [];
      const base = new Map(textsIn(folder, place, 'en'));
      return readdirSync(path).flatMap((file) => {
        const locale = file.replace(/\.json$/, '');
        return textsIn(folder, place, locale).flatMap(([key, text]) => {
          try {
            const ast = parseMessage(text, locale).ast;
            const other = base.get(key);
            if (other === undefined) return [`${folder}/${place}/${file}: "${key}" is not in en.json`];
            const names = argumentsOf(ast).filter((name) => !argumentsOf(parseMessage(other, 'en').ast).includes(name));
            return names.map((name) => `${folder}/${place}/${file}: "${key}" has an argument {${name}} of its own`);
          } catch (error) {
            return [`${folder}/${place}/${file}: "${key}": ${reasonOf(error)}`];
          }
        });
      });
    });
  expect(wrong).toEqual([]);
});

type Ast = ReturnType<typeof parseMessage>['ast'];
function argumentsOf(ast: Ast): string[] {
  return ast.flatMap((node) => [
    ...('value' in node && kindOf(node) !== 'literal' ? [node.value] : []),
    ...('options' in node ? Object.values(node.options).flatMap((option) => argumentsOf(option.value)) : []),
  ]);
}
