/** How people look who have no picture: initials on a quiet tint, the same for the same name everywhere. */

const tints = 6;

/** One or two letters. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const first = (word = '') => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '';
  return letters.map(first).join('').toLocaleUpperCase() || '?';
}

/** Number of the tint, 1–6, as in `mb-avatar--3`; the server's templates choose the same. */
export const tint = (name: string): number =>
  (Array.from(name).reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973, 7) % tints) + 1;
