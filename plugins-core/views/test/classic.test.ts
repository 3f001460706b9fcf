import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endBundler } from '../bundle.ts';
import { createClassic } from '../classic.ts';
import type { Store } from '../store.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mibew-classic-'));
});
afterAll(async () => {
  await endBundler();
  rmSync(root, { recursive: true, force: true });
});
function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

it('lets themes speak after a sheet for visited pages, the child last, with the tokens that they use', async () => {
  const entry = write('part.ts', 'console.log(1)');
  const sheet = write('part.css', 'p { color: var(--mb-color-text); }');
  write('parent/tokens.css', ':root { --mb-color-text: black; --mb-size-a: 1px; --mb-size-b: 2px; }');
  write('parent/page/some.css', 'p { width: var(--mb-size-a); }');
  write('child/page/some.css', 'p { width: var(--mb-size-b); }');
  write('child/page/other.css', 'p { height: 0; }');
  const theme = (id: string) => ({ id, root: join(root, id), version: '1.0.0' });

  const written = new Map<string, string>();
  const store: Pick<Store, 'ensure' | 'read'> = {
    async ensure({ file, build }) {
      written.set(file, (await build()).body);
      return file;
    },
    read: async (file) => Buffer.from(written.get(file) ?? ''),
  };
  const classic = createClassic(store as Store, [theme('child'), theme('parent')], '1.0.0');
  const { css } = await classic('some', entry, [sheet]);
  expect(css).toBe(
    ':host{color-scheme:light dark;--mb-color-text:black;--mb-size-a:1px;--mb-size-b:2px}' +
      'p{color:var(--mb-color-text)}p{width:var(--mb-size-a)}p{width:var(--mb-size-b)}',
  );
});
