/** The catalogue: messages of all plugins in all languages, from their files, with the chain in which a text is looked up. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reasonOf } from '../../kernel/errors.ts';
import type { Logger, PluginRef } from '../../kernel/plugin.ts';
import { parseMessage, type Message } from './message.ts';
import { pseudo, pseudoCode } from './pseudo.ts';

/** A folder of one plugin, and its texts by locale. */
interface Folder {
  readonly owner: PluginRef;
  readonly path: string;
  texts: ReadonlyMap<string, ReadonlyMap<string, string>>;
  stamp: string;
}

export interface Catalogue {
  /** Reads the files of a contribution. @throws Error that names the file */
  add(owner: PluginRef, folder: string): () => void;
  /** Looks a key up along the chain; undefined when nobody has it. */
  find(locale: string, key: string): Message | undefined;
  /** Codes of which somebody has a file, sorted; without the pseudo-locale. */
  codes(): readonly string[];
  keys(): readonly string[];
  /** Reads again what changed on disk. @returns true if anything did */
  refresh(): boolean;
  readonly revision: number;
}

/** `pt-BR` → `pt-br`'s file, `pt`, `en`; the pseudo-locale is made of English alone. */
function chain(locale: string): readonly string[] {
  if (locale === pseudoCode) return ['en'];
  const parents = [locale];
  for (let cut = locale.lastIndexOf('-'); cut > 0; cut = locale.lastIndexOf('-', cut - 1))
    parents.push(locale.slice(0, cut));
  return parents.includes('en') ? parents : [...parents, 'en'];
}

export function createCatalogue(log: Logger): Catalogue {
  const folders = new Set<Folder>();
  const parsed = new Map<string, Message | undefined>();
  let revision = 1;
  const changed = () => {
    parsed.clear();
    revision += 1;
  };

  const source = (locale: string, key: string): string | undefined => {
    for (const { owner, texts } of folders) {
      if (!key.startsWith(`${owner.id}.`)) continue;
      const found = texts.get(locale)?.get(key.slice(owner.id.length + 1));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const lookUp = (locale: string, key: string): Message | undefined => {
    for (const code of chain(locale)) {
      const text = source(code, key);
      if (text === undefined) continue;
      try {
        return parseMessage(text, code, locale === pseudoCode ? pseudo : undefined);
      } catch (error) {
        log.error({ locale: code, text: key, reason: reasonOf(error) }, 'no ICU message, the next language is used');
      }
    }
    return undefined;
  };

  return {
    get revision() {
      return revision;
    },
    add(owner, folder) {
      const path = resolve(owner.root, folder);
      const entry: Folder = { owner, path, texts: readFolder(path), stamp: stampOf(path) };
      folders.add(entry);
      changed();
      return () => {
        folders.delete(entry);
        changed();
      };
    },
    find(locale, key) {
      const id = `${locale} ${key}`;
      if (!parsed.has(id)) parsed.set(id, lookUp(locale, key));
      return parsed.get(id);
    },
    codes: () => [...new Set(['en', ...[...folders].flatMap(({ texts }) => [...texts.keys()])])].toSorted(),
    keys() {
      const all = [...folders].flatMap(({ owner, texts }) =>
        [...texts.values()].flatMap((file) => [...file.keys()].map((key) => `${owner.id}.${key}`)),
      );
      return [...new Set(all)].toSorted();
    },
    refresh() {
      let any = false;
      for (const folder of folders) {
        const stamp = stampOf(folder.path);
        if (stamp === folder.stamp) continue;
        folder.stamp = stamp;
        try {
          folder.texts = readFolder(folder.path);
          any = true;
        } catch (error) {
          // Half-written by an editor, or wrong: the texts that were read before stay.
          log.warn({ reason: reasonOf(error) }, 'texts not read again');
        }
      }
      if (any) changed();
      return any;
    },
  };
}

const filesOf = (path: string) =>
  readdirSync(path)
    .filter((file) => /^[\w-]{2,5}\.json$/.test(file))
    .toSorted();
const stampOf = (path: string) =>
  filesOf(path)
    .map((file) => `${file}@${statSync(join(path, file)).mtimeMs}`)
    .join();

function readFolder(path: string): Map<string, ReadonlyMap<string, string>> {
  return new Map(filesOf(path).map((file) => [file.slice(0, -5), readTexts(join(path, file))]));
}

function readTexts(file: string): Map<string, string> {
  const fail = (reason: string): never => {
    throw new Error(`${file}: ${reason}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(reasonOf(error));
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('expected { "key": "text" }');
  return new Map(
    Object.entries(json).map(([key, text]) => [key, typeof text === 'string' ? text : fail(`"${key}": expected text`)]),
  );
}
