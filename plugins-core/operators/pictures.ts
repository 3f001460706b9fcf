/** Pictures of operators: files below the data folder, told by what is in them and never by what they are called. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { disableTypes, imageSize, types } from 'image-size';
import type { OperatorIssue } from './api.ts';

/** What is shown; anything else is no picture, whatever its name says. */
const kinds = { png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' } as const;
type Kind = keyof typeof kinds;
/** Pixels of a side: enough for any screen, and little enough for any browser. */
const widest = 4_096;
const namePattern = /^\d{1,15}-[0-9a-f]{16}\.(png|jpg|gif|webp)$/;

disableTypes(types.filter((type) => !(type in kinds)));

interface Picture {
  readonly kind: Kind;
  readonly side: number;
}
function pictureOf(bytes: Uint8Array): Picture | undefined {
  try {
    const { type, width, height } = imageSize(bytes);
    return type !== undefined && type in kinds && width > 0 && height > 0
      ? { kind: type as Kind, side: Math.max(width, height) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param most bytes */
export function pictureIssue(bytes: Uint8Array, most: number): OperatorIssue['code'] | undefined {
  if (bytes.byteLength === 0) return 'required';
  if (bytes.byteLength > most) return 'too_large';
  const picture = pictureOf(bytes);
  if (!picture) return 'invalid';
  return picture.side > widest ? 'too_large' : undefined;
}

export interface Pictures {
  /** @returns the name of the file, which is another one for every picture. */
  keep(operatorId: number, bytes: Uint8Array): Promise<string>;
  read(name: string): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string } | undefined>;
  /** `''`: nothing to drop. */
  drop(name: string): Promise<void>;
}

export function createPictures(folder: string): Pictures {
  return {
    async keep(operatorId, bytes) {
      const picture = pictureOf(bytes);
      if (!picture) throw new Error('this is no picture');
      const print = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const name = `${operatorId}-${print}.${picture.kind}`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Never half a picture under its name.
      const draft = join(folder, `${name}.${randomBytes(6).toString('hex')}`);
      await writeFile(draft, bytes, { mode: 0o600 });
      await rename(draft, join(folder, name));
      return name;
    },
    async read(name) {
      const kind = namePattern.exec(name)?.[1];
      if (kind === undefined) return undefined;
      try {
        return { bytes: new Uint8Array(await readFile(join(folder, name))), type: kinds[kind as Kind] };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async drop(name) {
      if (namePattern.test(name)) await rm(join(folder, name), { force: true });
    },
  };
}
