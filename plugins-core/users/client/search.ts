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

/**
 * Makes a search through rows that are never changed: what was folded once stays right.
 *
 * @param wordsOf what is looked through
 * @returns for a query, whether a row has all of its words, each of them anywhere
 */
export function createSearching<Row extends object>(wordsOf: (row: Row) => readonly (string | null | undefined)[]) {
  const folded = new WeakMap<Row, string>();
  function textOf(row: Row): string {
    const known = folded.get(row);
    if (known !== undefined) return known;
    const text = fold(wordsOf(row).filter(Boolean).join('\n'));
    folded.set(row, text);
    return text;
  }
  return (query: string): ((row: Row) => boolean) => {
    const words = fold(query).split(/\s+/).filter(Boolean);
    return (row) => words.every((word) => textOf(row).includes(word));
  };
}

/** Through the queue: name, first message, address, group, browser, operator. */
export const createSearch = createSearching(
  ({ userName, firstMessage, remote, groupName, userAgent, agentName }: WireThread) => [
    userName,
    firstMessage,
    remote,
    groupName,
    userAgent,
    agentName,
  ],
);
