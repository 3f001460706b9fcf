/** What the product told of each conversation, and whether it adds up. */
import { threadState, type Thread } from '../../plugins-core/chat/api.ts';

interface Account {
  created: number;
  left: number;
  closed: number;
  taken: number;
  takenOver: number;
  redirected: number;
  /** Told as redirected by its own event. */
  handed: number;
  lost: number;
  closedInChat: number;
}

export interface Ledger {
  /** Told of every call of a hook. */
  readonly observe: (hook: string, args: readonly unknown[]) => void;
  /** Ids of all conversations there ever were. */
  ids(): readonly number[];
  /** What does not add up at the end. */
  balance(): readonly string[];
  totals(): Readonly<Record<string, number>>;
}

interface Move {
  readonly thread: Thread;
  readonly original: Thread;
}

/** @param limitOf conversations that an operator may have */
export function createLedger(limitOf: (operatorId: number) => number): Ledger {
  const accounts = new Map<number, Account>();
  const moves: Move[] = [];
  const { chatting, waiting, closed, left } = threadState;

  function of({ id }: Pick<Thread, 'id'>): Account {
    let account = accounts.get(id);
    if (!account)
      accounts.set(
        id,
        (account = {
          created: 0,
          left: 0,
          closed: 0,
          taken: 0,
          takenOver: 0,
          redirected: 0,
          handed: 0,
          lost: 0,
          closedInChat: 0,
        }),
      );
    return account;
  }

  function moved({ thread, original }: Move): void {
    // A message that the queue shows moves nothing; what it tells may hold a later move already.
    if (thread.state !== original.state || thread.agentId !== original.agentId) moves.push({ thread, original });
    const account = of(thread);
    if (original.state === chatting && thread.state === waiting) {
      if (thread.agentId === 0) account.redirected += 1;
      else account.lost += 1;
    }
    if (original.state === chatting && thread.state === closed) account.closedInChat += 1;
  }

  /** Goes through all changes in the order in which they were committed, which is that of their revisions. */
  function replay(): readonly string[] {
    const wrong: string[] = [];
    const states = new Map<number, number>();
    const loads = new Map<number, number>();
    const add = (operatorId: number, count: number) => loads.set(operatorId, (loads.get(operatorId) ?? 0) + count);
    for (const { thread, original } of moves.toSorted((a, b) => a.thread.revision - b.thread.revision)) {
      const before = states.get(thread.id);
      if (before !== undefined && before !== original.state)
        wrong.push(`conversation ${thread.id} went from ${original.state} to ${thread.state}, where it was ${before}`);
      states.set(thread.id, thread.state);
      if (original.state === chatting) add(original.agentId, -1);
      if (thread.state !== chatting) continue;
      add(thread.agentId, 1);
      const load = loads.get(thread.agentId) ?? 0;
      if (load > limitOf(thread.agentId)) wrong.push(`operator ${thread.agentId} had ${load} conversations`);
    }
    for (const [operatorId, load] of loads)
      if (load !== 0) wrong.push(`operator ${operatorId} still has ${load} conversations`);
    return wrong;
  }

  const hooks: Readonly<Record<string, (told: never) => void>> = {
    'chat.thread.created'(thread: Thread) {
      const account = of(thread);
      account.created += 1;
      if (thread.state === left) account.left += 1;
    },
    'chat.thread.changed': moved,
    'chat.thread.closed'(thread: Thread) {
      of(thread).closed += 1;
    },
    'chat.thread.taken'({ thread, original }: Move) {
      const account = of(thread);
      account.taken += 1;
      if (original.state === chatting) account.takenOver += 1;
    },
    'chat.thread.redirected'({ thread }: Move) {
      of(thread).handed += 1;
    },
  };

  const totals = () => {
    const sum: Record<string, number> = {};
    for (const account of accounts.values())
      for (const [name, count] of Object.entries(account)) sum[name] = (sum[name] ?? 0) + count;
    return sum;
  };

  return {
    observe: (hook, [told]) => hooks[hook]?.(told as never),
    ids: () => [...accounts.keys()],
    balance() {
      const wrong: string[] = [];
      for (const [id, one] of accounts) {
        const expect = (what: string, is: number, should: number) => {
          if (is !== should) wrong.push(`conversation ${id}: ${what}: ${is}, not ${should}; ${JSON.stringify(one)}`);
        };
        expect('created', one.created, 1);
        expect('closed or left', one.closed + one.left, 1);
        expect('handed over, as told and as changed', one.handed, one.redirected);
        expect(
          'taken, against how that ended',
          one.taken,
          one.redirected + one.lost + one.takenOver + one.closedInChat,
        );
      }
      return [...wrong, ...replay()];
    },
    totals,
  };
}
