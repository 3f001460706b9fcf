/**
 * The store of built files: named by their content, compressed ahead, kept on disk with a note of what they were made
 * from, so that a second start builds nothing. Files of earlier builds stay for a month: pages that are open still ask for them.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../kernel/plugin.ts';

/** What a build gives: the content, and the files that it was made from. */
export interface Built {
  readonly body: string;
  readonly inputs: readonly string[];
}
/** One thing to build. */
interface Recipe {
  /** `app:chat`, unique. */
  readonly id: string;
  /** Name and ending of the file: `chat.js`; the hash goes between them. */
  readonly file: string;
  /** Everything besides its files that the result depends on. */
  readonly config: string;
  readonly build: () => Promise<Built> | Built;
}
interface Note {
  readonly file: string;
  readonly config: string;
  readonly inputs: readonly (readonly [file: string, stamp: string])[];
}

export interface Store {
  /** @returns name of the up-to-date file, e.g. `chat.3f2a91bc04.js` */
  ensure(recipe: Recipe): Promise<string>;
  /** Keeps a finished text under its hash. */
  put(file: string, body: string): Promise<string>;
  read(file: string): Promise<Buffer | undefined>;
}

export const hashOf = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 10);
/** `chat.js` + hash → `chat.3f2a91bc04.js`. */
export const hashed = (file: string, hash: string): string => file.replace(/(\.[^./]*)?$/, `.${hash}$1`);

const stampOf = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs}/${found.size}` : '';
};
const builtName = /^[\w-]+(\.[\w-]+)*\.[\da-f]{10}\.(js|css)$/;
const month = 30 * 24 * 3600 * 1000;

/** @param watch whether inputs are looked at again and again: in development */
export async function createStore(folder: string, log: Logger, watch: boolean): Promise<Store> {
  await mkdir(folder, { recursive: true });
  const indexFile = join(folder, 'index.json');
  const index = readIndex(indexFile);
  const fresh = new Map<string, { readonly config: string; readonly at: number }>();
  const running = new Map<string, Promise<string>>();
  let saving = Promise.resolve();
  let written = 0;

  const write = async (file: string, body: string) => {
    const path = join(folder, file);
    if (statSync(path, { throwIfNoEntry: false })) return;
    // Another process may build the same, or another app of this one: whoever renames last wins with the same content.
    const unfinished = `${path}.${process.pid}-${++written}`;
    await writeFile(unfinished, body);
    await rename(unfinished, path);
  };
  const save = () => {
    const text = () => JSON.stringify([...index]);
    saving = saving
      .then(() => writeFile(`${indexFile}.${process.pid}`, text()))
      .then(() => rename(`${indexFile}.${process.pid}`, indexFile))
      .catch((error: unknown) => log.warn({ error }, 'list of built files not kept: the next start builds again'));
    return saving;
  };
  const isCurrent = (note: Note | undefined, config: string): note is Note =>
    note !== undefined &&
    note.config === config &&
    note.inputs.every(([file, stamp]) => stampOf(file) === stamp) &&
    stampOf(join(folder, note.file)) !== '';

  const build = async ({ id, file, config, build: make }: Recipe): Promise<string> => {
    const { body, inputs } = await make();
    const stamps = [...new Set(inputs)].toSorted().map((input) => [input, stampOf(input)] as const);
    const name = hashed(file, hashOf(body));
    await write(name, body);
    index.set(id, { file: name, config, inputs: stamps });
    log.debug({ id, file: name }, 'built');
    await save();
    return name;
  };

  return {
    async ensure(recipe) {
      const { id, config } = recipe;
      const known = fresh.get(id);
      const note = index.get(id);
      // Built code trusts what it looked at once; development looks again, though not for each of a page's files.
      if (known?.config === config && note && (!watch || Date.now() - known.at < 250)) return note.file;
      if (isCurrent(note, config)) {
        fresh.set(id, { config, at: Date.now() });
        return note.file;
      }
      const key = `${id} ${config}`;
      const work = running.get(key) ?? build(recipe).finally(() => running.delete(key));
      running.set(key, work);
      const file = await work;
      fresh.set(id, { config, at: Date.now() });
      return file;
    },
    async put(file, body) {
      const name = hashed(file, hashOf(body));
      await write(name, body);
      return name;
    },
    async read(file) {
      if (!builtName.test(file)) return undefined;
      return readFile(join(folder, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
    },
  };
}

function readIndex(file: string): Map<string, Note> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, Note][]);
  } catch {
    // None yet, or cut short by a crash: then everything is built once more.
    return new Map();
  }
}

/** Removes files of builds that nobody can have open any more. */
export async function sweep(folder: string, now = Date.now()): Promise<void> {
  const used = new Set([...readIndex(join(folder, 'index.json')).values()].map(({ file }) => file));
  for (const file of await readdir(folder)) {
    if (file === 'index.json' || used.has(file)) continue;
    const { mtimeMs } = await stat(join(folder, file));
    if (now - mtimeMs > month) await unlink(join(folder, file));
  }
}
