import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPictures, pictureIssue } from '../pictures.ts';
import { gifOf, jpegOf, pngOf, webpOf } from './images.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
async function begin() {
  const parent = await mkdtemp(join(tmpdir(), 'mibew-pictures-'));
  ends.push(() => rm(parent, { recursive: true }));
  const folder = join(parent, 'avatars');
  return { folder, pictures: createPictures(folder) };
}
const text = (words: string) => new TextEncoder().encode(words);

describe('pictures of operators', () => {
  it.each([
    ['png', pngOf(8, 8), 'image/png'],
    ['jpg', jpegOf(8, 8), 'image/jpeg'],
    ['gif', gifOf(8, 8), 'image/gif'],
    ['webp', webpOf(8, 8), 'image/webp'],
  ])('are %s, told by what is in them, and come back as they were', async (kind, bytes, type) => {
    const { pictures } = await begin();
    expect(pictureIssue(bytes, 1_000)).toBeUndefined();
    const name = await pictures.keep(7, bytes);
    expect(name).toMatch(new RegExp(`^7-[0-9a-f]{16}\\.${kind}$`));
    expect(await pictures.read(name)).toEqual({ bytes, type });
  });

  it.each([
    ['nothing', new Uint8Array(), 'required'],
    ['a page', text('<html><script>alert(1)</script>'), 'invalid'],
    [
      'a drawing that may run scripts',
      text('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
      'invalid',
    ],
    ['a bitmap of another kind', text('BM' + '\0'.repeat(60)), 'invalid'],
    ['the beginning of a beginning', pngOf(8, 8).slice(0, 9), 'invalid'],
    ['no width', pngOf(0, 8), 'invalid'],
    ['too many bytes', pngOf(8, 8, 1_000), 'too_large'],
    ['too many pixels', pngOf(8, 5_000), 'too_large'],
  ])('are not %s', async (_what, bytes, code) => {
    expect(pictureIssue(bytes, 1_000)).toBe(code);
  });

  it('have another address each, the same one for the same picture', async () => {
    const { pictures } = await begin();
    const first = await pictures.keep(7, pngOf(8, 8));
    expect(await pictures.keep(7, pngOf(8, 9))).not.toBe(first);
    expect(await pictures.keep(7, pngOf(8, 8))).toBe(first);
  });

  it('lie in their folder alone, and nothing else is read or taken away', async () => {
    const { folder, pictures } = await begin();
    const name = await pictures.keep(7, pngOf(8, 8));
    for (const other of [
      '',
      '..',
      '../secret',
      `../avatars/${name}`,
      `${name}/`,
      '7-0000000000000000.png',
      `${name}.bak`,
    ]) {
      expect(await pictures.read(other), other).toBeUndefined();
      await pictures.drop(other);
    }
    expect(await readdir(folder)).toEqual([name]);
    await pictures.drop(name);
    await pictures.drop(name);
    expect(await readdir(folder)).toEqual([]);
  });
});
