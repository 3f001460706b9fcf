import { type Thread, type ThreadsService, threadState } from '../../chat/api.ts';
import type { Operator } from '../../operators/api.ts';

export function operator(values: Partial<Operator> = {}): Operator {
  return {
    id: 3,
    login: 'ann',
    name: 'Ann',
    commonName: 'Ann',
    email: 'ann@example.com',
    permissions: [],
    disabled: false,
    code: '',
    avatar: '',
    ...values,
  };
}

export function thread(values: Partial<Thread> = {}): Thread {
  return {
    id: 42,
    token: 1234567,
    visitorId: 1,
    userId: '5f0c.1',
    userName: 'Guest',
    agentId: 0,
    agentName: '',
    nextAgent: 0,
    redirectedBy: 0,
    groupId: 0,
    state: threadState.queue,
    invitationState: 0,
    remote: '192.0.2.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0',
    referrer: 'https://shop.example/cart',
    locale: 'en',
    createdAt: 1_700_000_000_900,
    modifiedAt: 1_700_000_003_200,
    chatStartedAt: 0,
    closedAt: 0,
    lastSeq: 1,
    lastVisibleSeq: 1,
    messageCount: 1,
    shownMessage: 'Where is my order?',
    visitorGone: false,
    revision: 57,
    ...values,
  };
}

/**
 * The revisions of the chat plugin, by hand: threads as they are, and the head that was read before them.
 * @param hidden `<operator>:<thread>` of what is out of whose sight
 */
export function board(initial: readonly Thread[] = [], head = 0, hidden: ReadonlySet<string> = new Set()) {
  const rows = new Map(initial.map((row) => [row.id, row]));
  const state = {
    head: Math.max(head, ...initial.map((row) => row.revision)),
    reads: 0,
    /** Runs between the reading of the head and the reading of the rows. */
    between: undefined as (() => void) | undefined,
  };
  return {
    state,
    put(row: Thread) {
      rows.set(row.id, row);
      state.head = Math.max(state.head, row.revision);
    },
    visibleTo: ({ id }: Operator, list: readonly Thread[]) =>
      Promise.resolve(list.filter((row) => !hidden.has(`${id}:${row.id}`))),
    since(revision: number): ReturnType<ThreadsService['since']> {
      state.reads += 1;
      const read = state.head;
      state.between?.();
      const over: readonly number[] = [threadState.closed, threadState.left];
      const threads = [...rows.values()]
        .filter((row) => row.revision > revision && (revision > 0 || !over.includes(row.state)))
        .toSorted((a, b) => a.id - b.id);
      return Promise.resolve({ threads, revision: read });
    },
  };
}
