import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sources } from './boundaries.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const json = (file: string) => JSON.parse(read(file)) as { version: string; mibew?: { id: string } };

/** Lines that hold code: blank lines and comments do not count. */
const codeLines = (text: string) =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;

const kernel = sources(root).filter((file) => file.startsWith('kernel/') && !file.startsWith('kernel/test/'));

describe('the kernel', () => {
  it('stays under 1,500 lines of code', () => {
    expect(kernel.reduce((sum, file) => sum + codeLines(read(file)), 0)).toBeLessThan(1500);
  });

  it('knows nothing of chat, people, templates or SQL', () => {
    const words = /thread|operator|template|sql/i;
    const leaks = kernel.filter((file) => words.test(read(file).replaceAll('worker_threads', '')));
    expect(leaks).toEqual([]);
  });
});

describe('built-in plugins', () => {
  const ids = readdirSync(`${root}/plugins-core`);

  it.each(ids)('%s has the version of the product and the id of its folder', (id) => {
    const manifest = json(`plugins-core/${id}/package.json`);
    expect(manifest.version).toBe(json('package.json').version);
    expect(manifest.mibew?.id).toBe(id);
  });

  it.each(ids.filter((id) => existsSync(`${root}/plugins-core/${id}/tables.ts`)))(
    '%s names its tables after itself',
    (id) => {
      const names = [...read(`plugins-core/${id}/tables.ts`).matchAll(/defineTable\(\s*'(\w+)'/g)].map(
        ([, name]) => name!,
      );
      expect(names).not.toEqual([]);
      expect(names.filter((name) => !name.startsWith(`${id.replaceAll('-', '_')}_`))).toEqual([]);
    },
  );
});

describe('what the package exports', () => {
  const manifest = JSON.parse(read('package.json')) as { exports: Record<string, string | Record<string, string>> };
  const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [{ name, entry }],
  );

  it.each(entries)(
    '$name: declarations and code are what is built of its source',
    ({ entry: { source = '', ...built } }) => {
      const compiled = source.replace(/^\.\//, './dist/').replace(/\.ts$/, '');
      // Pages take the types of what they may call; the code comes from their chat host.
      expect({ default: `${compiled}.js`, ...built }).toEqual({ types: `${compiled}.d.ts`, default: `${compiled}.js` });
      if (!source.includes('*')) expect(existsSync(`${root}/${source}`)).toBe(true);
    },
  );
});
