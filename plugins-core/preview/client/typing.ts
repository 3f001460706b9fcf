/** Sends what stands in the writing field: not with every key, and the last of it always. No DOM. */
import type { Arguments, Transport } from '../../client/client/index.ts';

export interface TypingNeeds {
  readonly transport: Transport;
  readonly threadId: number;
  readonly token: number;
  /** Nobody sees it any more. */
  readonly ended: () => void;
}

export interface Typing {
  /** This stands in the field now. */
  changed(text: string): void;
  stop(): void;
}

/** At most once in so long, ms. */
const pause = 300;
const switchedOff = 250;

export function createTyping({ transport, threadId, token, ended }: TypingNeeds): Typing {
  let text = '';
  let asked = '';
  let told = '';
  let off = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const question = () => {
    if (off || text === told) return [];
    asked = text;
    return [{ function: 'preview', arguments: { threadId, token, user: true, text } }];
  };
  function took({ errorCode }: Arguments): void {
    if (errorCode === switchedOff) {
      off = true;
      ended();
    } else if (!errorCode) told = asked;
  }
  const asking = transport.callFunctionsPeriodically(question, took);

  return {
    changed(now) {
      text = now;
      timer ??= setTimeout(() => {
        timer = undefined;
        // Where the server is polled the next round tells it.
        const calls = transport.status.get().carrier === 'socket' ? question() : [];
        if (calls.length > 0) transport.callFunctions(calls, took);
      }, pause);
    },
    stop() {
      clearTimeout(timer);
      transport.stopCallFunctionsPeriodically(asking);
    },
  };
}
