/** What is searched for, in whatever case and with whatever marks on its letters. No DOM. */
import type { WireThread } from '../api.ts';

/** `  Žofie  DRÁB ` → `zofie drab`: the same for what is typed and for what is looked through. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .trim();
}

/** Rows are never changed, so what was folded once stays right. */
const folded = new WeakMap<WireThread, string>();

function textOf(row: WireThread): string {
  const known = folded.get(row);
  if (known !== undefined) return known;
  const { userName, firstMessage, remote, groupName, userAgent, agentName } = row;
  const text = fold([userName, firstMessage, remote, groupName, userAgent, agentName].join('\n'));
  folded.set(row, text);
  return text;
}

/** @returns whether a row has all of these words, each of them anywhere: name, first message, address, group, browser, operator */
export function createSearch(query: string): (row: WireThread) => boolean {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return (row) => words.every((word) => textOf(row).includes(word));
}
