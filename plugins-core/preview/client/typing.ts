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
  /** The page goes, and the field with it; should it come back, what stands there is told again. */
  left(): void;
  stop(): void;
}

/** At most once in so long, ms. */
const pause = 300;
/** What stands there for longer is told again, with what the page asks then anyway: the server forgets it after a minute, ms. */
const renewal = 20_000;
const switchedOff = 250;

export function createTyping({ transport, threadId, token, ended }: TypingNeeds): Typing {
  let text = '';
  let asked = '';
  let told = '';
  let toldAt = 0;
  let off = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const call = (said: string) => ({ function: 'preview', arguments: { threadId, token, user: true, text: said } });
  const isKnown = () => text === told && (text.trim() === '' || Date.now() - toldAt < renewal);
  const question = () => {
    if (off || isKnown()) return [];
    asked = text;
    return [call(text)];
  };
  function took({ errorCode }: Arguments): void {
    if (errorCode === switchedOff) {
      off = true;
      ended();
    } else if (!errorCode) {
      told = asked;
      toldAt = Date.now();
    }
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
    left() {
      if (off || asked === '') return;
      told = asked = '';
      // Where the server is polled nothing gets out any more: there the minute ends it.
      if (transport.status.get().carrier === 'socket') transport.callFunctions([call('')]);
    },
    stop() {
      clearTimeout(timer);
      transport.stopCallFunctionsPeriodically(asking);
    },
  };
}
