/** States of a thread, with the numbers of the wire. A copy: the server's contract would bring its schemas into the browser. */
import type { threadState as contract } from '../api.ts';

export const threadState = {
  queue: 0,
  waiting: 1,
  chatting: 2,
  closed: 3,
  loading: 4,
  left: 5,
  invited: 6,
} satisfies typeof contract;

export const isOver = (state: number | undefined): boolean =>
  state === threadState.closed || state === threadState.left;
