/** What the visitor types, as an operator's window learns it: told over sockets, asked for where there are none. No DOM. */
import type { Arguments, Transport } from '../../client/client/index.ts';

export interface WatchingNeeds {
  readonly transport: Transport;
  readonly threadId: number;
  readonly token: number;
  /** Does the visitor write just now? */
  readonly typing: () => boolean;
  /** `''`: there is nothing to be seen. */
  readonly show: (text: string) => void;
}

export interface Watching {
  /** What was typed is sent. */
  sent(): void;
  stop(): void;
}

export function createWatching({ transport, threadId, token, typing, show }: WatchingNeeds): Watching {
  let first = true;
  let off = false;
  let wrote = false;
  let shown = '';

  function draw(text: unknown): void {
    shown = typeof text === 'string' ? text : '';
    show(shown);
  }
  function question() {
    const writes = typing();
    // It may have been switched on since: asked once, whenever the visitor begins to write.
    const worth = writes && (!off || !wrote);
    wrote = writes;
    if (!first && shown === '' && !worth) return [];
    first = false;
    return [{ function: 'previewed', arguments: { threadId, token, user: false, return: { text: 'text' } } }];
  }
  function took({ errorCode, text }: Arguments): void {
    off = Boolean(errorCode);
    draw(off ? '' : text);
  }
  const asking = transport.callFunctionsPeriodically(question, took);
  const pushed = transport.registerFunction('receivePreview', (said) => {
    if (said.threadId === threadId) took(said);
  });

  return {
    sent: () => draw(''),
    stop() {
      transport.stopCallFunctionsPeriodically(asking);
      transport.unregisterFunction(pushed);
    },
  };
}
