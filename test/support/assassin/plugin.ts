/**
 * For tests only: kills its own server with SIGKILL at the worst moments. `MIBEW_ASSASSIN=<moment>:<count>` names one; the
 * count says at which occurrence. Says what it did before it dies, so that kills can be counted.
 */
import { writeSync } from 'node:fs';
import { definePlugin } from 'mibew/kernel';
import { functionCalled } from 'mibew/plugins/rpc';
import { WebSocket } from 'ws';
import { faults } from '../../../plugins-core/database/faults.ts';
import type { Moment } from './moments.ts';

const [moment, count] = (process.env['MIBEW_ASSASSIN'] ?? ':0').split(':') as [Moment | '', string];
let left = Number(count);

const strike = () => {
  writeSync(1, `\nassassin: ${moment}\n`);
  process.kill(process.pid, 'SIGKILL');
};
const countDown = () => {
  left -= 1;
  if (left === 0) strike();
};

interface Stored {
  readonly id: number;
  readonly created: number;
}
interface Pushed extends Stored {
  readonly kind: number;
}
interface PushText {
  readonly requests: readonly {
    readonly functions: readonly {
      readonly function: string;
      readonly arguments: { readonly threadId: number; readonly messages?: readonly Pushed[] };
    }[];
  }[];
}

interface Sender {
  send: (this: WebSocket, data: unknown, ...rest: unknown[]) => void;
}

const finished = new Map<string, Stored>();
const pushed = new Set<string>();

/** A post ran to its end; its answer leaves next. */
function postFinished(threadId: unknown, stored: Stored): void {
  finished.set(`${String(threadId)}:${stored.id}`, stored);
}

function sent(text: string): void {
  if (text.includes('"receiveMessages"')) {
    const calls = (JSON.parse(text) as PushText).requests.flatMap((one) => one.functions);
    for (const { arguments: args } of calls) {
      for (const { id, kind } of args.messages ?? []) {
        // What the server said by itself has no answer.
        if (kind !== 1 && kind !== 2) continue;
        const key = `${args.threadId}:${id}`;
        if (!finished.has(key) && !pushed.has(key)) countDown();
        pushed.add(key);
      }
    }
    return;
  }
  for (const [key, stored] of finished) {
    if (!text.includes(`"id":${stored.id},"created":${stored.created}`)) continue;
    finished.delete(key);
    if (!pushed.has(key)) countDown();
    return;
  }
}

/** Of each stored message the answer and the push leave separately: strikes when one has left and the other has not. */
function watchSockets(): void {
  const prototype = WebSocket.prototype as unknown as Sender;
  const { send } = prototype;
  prototype.send = function sendAndLook(this: WebSocket, data, ...rest) {
    send.call(this, data, ...rest);
    sent(Buffer.isBuffer(data) ? data.toString() : typeof data === 'string' ? data : '');
  };
}

export default definePlugin({
  id: 'assassin',
  setup(ctx) {
    if (left <= 0) return;
    if (moment === 'before-commit') faults.beforeCommit = countDown;
    if (moment === 'after-commit') faults.afterCommit = countDown;
    if (moment === 'between-answer-and-push') {
      watchSockets();
      ctx.on(functionCalled, (results, facts) => {
        if (facts.function === 'post' && typeof results['id'] === 'number') {
          postFinished(facts.arguments['threadId'], results as unknown as Stored);
        }
      });
    }
    ctx.log.info({ moment, left }, 'armed');
  },
});
