/** How far both sides of a conversation have come, as one window knows it, and when to ask. No DOM. */
import type { Arguments, Transport } from '../../client/client/index.ts';

type Step = 'sent' | 'delivered' | 'read';

export interface ProgressNeeds {
  readonly transport: Transport;
  readonly threadId: number;
  readonly token: number;
  readonly user: boolean;
  /** Are there own messages that nobody read yet? */
  readonly waits: () => boolean;
  /** The other side came further. */
  readonly changed: () => void;
}

export interface Progress {
  /** A message of the other side stands in the list. */
  drew(id: number): void;
  /** A message of the other side was looked at. */
  saw(id: number): void;
  /** Something is to be told or asked: together with what comes right after it. */
  later(): void;
  /** How far an own message has come; undefined while nobody has said so. */
  step(id: number): Step | undefined;
  stop(): void;
}

/** What comes at once is told at once, ms. */
const pause = 300;
const switchedOff = 240;

export function createProgress({ transport, threadId, token, user, waits, changed }: ProgressNeeds): Progress {
  const recipient = user ? 'user' : 'agent';
  const own = { delivered: 0, read: 0 };
  const told = { delivered: 0, read: 0 };
  const theirs = { delivered: 0, read: 0 };
  let known = false;
  let off = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const further = (progress: typeof own, { delivered, read }: Arguments) => {
    progress.delivered = Math.max(progress.delivered, Number(delivered));
    progress.read = Math.max(progress.read, Number(read));
  };

  function heard(said: Arguments): void {
    known = true;
    further(theirs, said);
    changed();
  }

  /** The last question; what it said is told once it is answered. */
  let asked = { ...own };
  function question() {
    const isNews = own.delivered > told.delivered || own.read > told.read;
    if (off || (known && !isNews && !waits())) return [];
    asked = { ...own };
    const args = { threadId, token, user, ...own, return: { delivered: 'delivered', read: 'read' } };
    return [{ function: 'seen', arguments: args }];
  }
  function took(said: Arguments): void {
    off = said.errorCode === switchedOff;
    if (said.errorCode) return;
    further(told, asked);
    heard(said);
  }

  const asking = transport.callFunctionsPeriodically(question, took);
  const pushed = transport.registerFunction('receiveSeen', (said) => {
    if (said.threadId === threadId && said.recipient === recipient) heard(said);
  });

  return {
    drew: (id) => further(own, { delivered: id, read: 0 }),
    saw: (id) => further(own, { delivered: id, read: id }),
    later() {
      timer ??= setTimeout(() => {
        timer = undefined;
        // Where the server is polled the next round asks.
        const calls = transport.status.get().carrier === 'socket' ? question() : [];
        if (calls.length > 0) transport.callFunctions(calls, took);
      }, pause);
    },
    step(id) {
      if (!known) return undefined;
      if (id <= theirs.read) return 'read';
      return id <= theirs.delivered ? 'delivered' : 'sent';
    },
    stop() {
      clearTimeout(timer);
      transport.stopCallFunctionsPeriodically(asking);
      transport.unregisterFunction(pushed);
    },
  };
}
