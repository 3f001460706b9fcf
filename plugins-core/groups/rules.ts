/** What a group must look like. */
import { createHash } from 'node:crypto';
import { isAddress } from '../mailer/api.ts';
import type { GroupInput, GroupIssue } from './api.ts';

/** Longest texts; the forms say the same. */
export const limits = {
  name: 64,
  commonName: 64,
  description: 1024,
  commonDescription: 1024,
  email: 254,
  title: 255,
  chatTitle: 255,
  logo: 255,
  hostUrl: 255,
} as const;
const heaviest = 999_999_999;

type TextField = keyof typeof limits;
const textFields = Object.keys(limits) as TextField[];
const multiline: ReadonlySet<TextField> = new Set(['description', 'commonDescription']);

/** What must be as it is here, where it is given at all. */
const fits: Readonly<Partial<Record<TextField, (value: string) => boolean>>> = {
  email: isAddress,
  // An address of the web, or a path of our own; `javascript:` and its like are neither.
  logo: (value) => /^(?:https?:\/\/\S+|\/(?!\/)\S*)$/i.test(value),
  hostUrl: (value) => /^https?:\/\/\S+$/i.test(value),
};

/** How names are compared: without regard to case, width and spaces. */
export const keyOf = (name: string): string =>
  createHash('sha256').update(name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim()).digest('hex');

/** Trimmed; line breaks as we write them, no half characters. */
export function tidied(input: GroupInput): GroupInput {
  const texts = textFields.flatMap((field) => {
    const value = input[field];
    if (value === undefined) return [];
    return [
      [
        field,
        value
          .replaceAll('\r\n', '\n')
          .replaceAll(/\p{Surrogate}/gu, '\ufffd')
          .trim(),
      ] as const,
    ];
  });
  return { ...input, ...Object.fromEntries(texts) };
}

function issueOf(field: TextField, value: string): GroupIssue['code'] | undefined {
  if (value === '') return field === 'name' ? 'required' : undefined;
  if (value.length > limits[field]) return 'too_long';
  const control = multiline.has(field) ? /(?![\n\t])\p{Cc}/u : /\p{Cc}/u;
  if (control.test(value)) return 'invalid';
  return fits[field]?.(value) === false ? 'invalid' : undefined;
}

/** What can be said of the values alone. */
export function issuesOf(input: GroupInput): GroupIssue[] {
  const issues = textFields.flatMap((field): GroupIssue[] => {
    const value = input[field];
    const code = value === undefined ? undefined : issueOf(field, value);
    return code ? [{ field, code }] : [];
  });
  const { weight } = input;
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0 && weight <= heaviest))
    issues.push({ field: 'weight', code: 'invalid' });
  return issues;
}

/** What can be said of a parent: it is there, at the top, and what comes below it has nothing below itself. */
export function parentIssue(
  rows: readonly { readonly id: number; readonly parentId: number }[],
  parentId: number,
  id?: number,
): GroupIssue['code'] | undefined {
  if (parentId === 0) return undefined;
  const parent = rows.find((row) => row.id === parentId);
  if (!parent || parentId === id) return 'unknown';
  if (parent.parentId !== 0) return 'level';
  return id !== undefined && rows.some((row) => row.parentId === id) ? 'children' : undefined;
}
