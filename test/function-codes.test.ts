import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sources } from './boundaries.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');

interface Row {
  readonly code: number;
  readonly names: readonly string[];
  readonly plugins: readonly string[];
  readonly where: string;
}

/** Rows of the tables on the page, with the heading that they stand below. */
const rows = read('docs/reference/function-codes.md')
  .split(/^## /m)
  .slice(1)
  .flatMap((section): Row[] => {
    const where = section.split('\n', 1)[0]!;
    return [...section.matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \|/gm)].map(([, code, names, plugins]) => ({
      code: Number(code),
      names: names!.trim().split(', '),
      plugins: plugins!.trim().split(', '),
      where,
    }));
  });

interface Given {
  readonly plugin: string;
  readonly word: string;
  readonly code: number;
}

const modules = () =>
  readdirSync(`${root}/plugins-core`)
    .filter((id) => existsSync(`${root}/plugins-core/${id}/api.ts`))
    .map(async (plugin) => ({
      plugin,
      module: (await import(pathToFileURL(`${root}/plugins-core/${plugin}/api.ts`).href)) as object,
    }));

/** What each plugin exports as `…Errors`, and the codes of the carriers. */
const exported = async (): Promise<Given[]> =>
  (await Promise.all(modules())).flatMap(({ plugin, module }) =>
    Object.entries(module)
      .filter(([name]) => name.endsWith('Errors') || name === 'rpcCodes')
      .flatMap(([, codes]) => Object.entries(codes as Record<string, number>))
      .map(([word, code]) => ({ plugin, word, code })),
  );

const given = await exported();
/** The operators' processor has codes of its own; all others belong to the processor `thread`, or to both. */
const isOperators = ({ plugin }: Given) => plugin === 'users';

interface Contract {
  readonly processor: { readonly name: string };
  readonly functions: object;
}
const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'functions' in value && 'processor' in value;

describe('the protocol', () => {
  it('lists every function below its processor', async () => {
    const [, thread = '', users = '', widget = ''] = read('docs/reference/protocol.md').split(/^## Functions of .*$/m);
    const pages: Readonly<Record<string, string>> = { thread, users, widget };
    const missing = (await Promise.all(modules())).flatMap(({ plugin, module }) =>
      Object.values(module)
        .filter(isContract)
        .flatMap(({ processor, functions }) =>
          Object.keys(functions)
            .filter((name) => !pages[processor.name]?.includes(`\n| \`${name}\``))
            .map((name) => `${plugin}: ${processor.name} ${name}`),
        ),
    );
    expect(missing).toEqual([]);
  });
});

describe('codes of function errors', () => {
  it('are on the page, once per table, with the plugins that give them', () => {
    const keys = rows.map(({ where, code }) => `${where} ${code}`);
    expect(keys.length).toBe(new Set(keys).size);
    const missing = given.filter(
      ({ plugin, code }) => !rows.some((row) => row.code === code && row.plugins.includes(plugin)),
    );
    expect(missing).toEqual([]);
  });

  it('are on the page only while there are such', () => {
    const gone = rows.flatMap(({ code, plugins }) =>
      plugins.filter((plugin) => !given.some((one) => one.plugin === plugin && one.code === code)),
    );
    expect(gone).toEqual([]);
  });

  it('mean one thing each on a processor', () => {
    const twice = given.flatMap((one) =>
      given
        .filter(
          (other) => other.code === one.code && isOperators(other) === isOperators(one) && other.word !== one.word,
        )
        .map((other) => `${one.code}: ${one.plugin} ${one.word}, ${other.plugin} ${other.word}`),
    );
    expect(twice).toEqual([]);
  });

  it('have the names of the page wherever they are given', () => {
    const known = rows.flatMap(({ names }) => names);
    const unknown = sources(root)
      .filter((file) => file.startsWith('plugins-core/') && !file.includes('/test/'))
      .flatMap((file) =>
        [...read(file).matchAll(/(?:Errors|(?<!protocol)[cC]odes)\.\w+,\s*'([A-Z_]+)'/g)].map(([, name]) => ({
          file,
          name,
        })),
      )
      .filter(({ name }) => !known.includes(name!));
    expect(unknown).toEqual([]);
  });
});

describe('codes of pages', () => {
  const listed = [
    ...(read('docs/reference/function-codes.md').split(/^## Pages$/m)[1] ?? '').matchAll(/^\| ([A-Z_, ]+) \|/gm),
  ];
  const known = new Set(listed.flatMap(([, codes]) => codes!.split(', ')));

  it('are on the page, all that there are and no others', () => {
    const given = sources(root)
      .filter((file) => file.startsWith('plugins-core/') && !file.includes('/test/'))
      .flatMap((file) => [
        ...read(file).matchAll(/\b(?:refuse|error)\(\s*(?:\w+\.)?context,\s*[45]\d\d,\s*'([A-Z_]+)'/g),
      ])
      .map(([, code]) => code!);
    expect(given.length).toBeGreaterThan(20);
    expect(given.filter((code) => !known.has(code) && !code.startsWith('CAPTCHA_'))).toEqual([]);
    const all = sources(root)
      .filter((file) => file.startsWith('plugins-core/'))
      .map(read)
      .join('');
    expect([...known].filter((code) => !all.includes(`'${code}'`) && !all.includes(`${code}:`))).toEqual([]);
  });
});
