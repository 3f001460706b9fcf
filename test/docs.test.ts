import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { referencePages } from './reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const passedBy = new Set(['node_modules', 'dist', 'data', '.git']);

const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return passedBy.has(entry.name) ? [] : pagesIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
const pages = pagesIn('.');

/** Headings as they are addressed: lower case, spaces as hyphens. */
const anchorsOf = (text: string) =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

describe('the documentation', () => {
  it('has no relative link that leads nowhere', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].flatMap(([, link]) => {
        const [path, anchor] = link!.split('#') as [string, string | undefined];
        const target = path ? join(dirname(page), path) : page;
        if (!existsSync(join(root, target))) return [`${page}: ${link}`];
        return anchor && !anchorsOf(read(target)).has(anchor) ? [`${page}: ${link}`] : [];
      }),
    );
    expect(dead).toEqual([]);
  });

  it('names only scripts and pages that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const wrong = [...pages, 'kernel/errors.ts'].flatMap((page) => [
      ...[...read(page).matchAll(/npm run ([\w-]+)/g)].filter(([, name]) => !scripts[name!]),
      ...[...read(page).matchAll(/\bdocs\/[\w/-]+\.md/g)].filter(([path]) => !existsSync(join(root, path))),
    ]);
    expect(wrong.map(([text]) => text)).toEqual([]);
  });

  it('describes settings and configuration as they are (npm run api writes these pages)', async () => {
    for (const [page, text] of await referencePages()) expect(read(page), page).toBe(text);
  });

  it.each(['plugins-core', 'plugins-contrib', 'themes'])('tells in %s what each of them is for', (folder) => {
    const silent = readdirSync(join(root, folder)).filter((id) => !existsSync(join(root, folder, id, 'README.md')));
    expect(silent).toEqual([]);
  });
});
