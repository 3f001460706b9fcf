/** Keeps the queue up to date: asks, listens, and says how the connection stands. */
import { type CallFailed, type Result, type Transport, createModel } from '../../client/client/index.ts';
import type { OwnStatus, Status } from '../../operators/api.ts';
import type { ReceiveOperators, ReceiveStatus, ReceiveThreads, usersErrors, WireOperator, WireThread } from '../api.ts';
import type { Clock } from './clock.ts';
import type { Extra } from './facts.ts';
import type { Delta, Queue } from './queue.ts';

/** A copy of some of the contract's codes: the contract itself would bring its schemas into the browser. */
const codes = { notLoggedIn: 1, wrongAgent: 2 } satisfies Partial<typeof usersErrors>;

export type Trouble = 'none' | 'lost' | 'loggedOut';

export interface ConnectionNeeds {
  readonly transport: Transport;
  readonly agentId: number;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly showOperators: boolean;
  /** The queue changed; also called with each part of the first answer. */
  readonly changed: (delta: Delta) => void;
  readonly operators: (online: readonly WireOperator[]) => void;
  /** What the operator is to others, as the server has it. */
  readonly status: (now: OwnStatus) => void;
}

export function createConnection({
  transport,
  agentId,
  queue,
  clock,
  showOperators,
  changed,
  operators,
  status,
}: ConnectionNeeds) {
  const trouble = createModel<{ now: Trouble }>({ now: 'none' });
  const call = (name: string, args: object = {}) => ({ function: name, arguments: { agentId, ...args } });

  const isLoggedOut = (code: number | undefined) => code === codes.notLoggedIn || code === codes.wrongAgent;
  function loggedOut() {
    trouble.set({ now: 'loggedOut' });
    transport.stop();
  }
  function refused(error: CallFailed) {
    if (error.kind === 'refused' && (error.status === 401 || isLoggedOut(error.code))) loggedOut();
  }
  /** @returns whether the answer may be used */
  function good(result: Result): boolean {
    if (isLoggedOut(result.errorCode)) loggedOut();
    return result.errorCode === 0;
  }

  const questions = () => [
    call('currentTime', { return: { time: 'currentTime' } }),
    call('updateThreads', {
      revision: queue.revision,
      return: { threads: 'threads', lastRevision: 'lastRevision', more: 'more' },
    }),
  ];
  function tookThreads(result: Result) {
    if (!good(result)) return;
    clock.correct(Number(result.currentTime));
    const more = result.more === true;
    const threads = result.threads as readonly WireThread[];
    changed(queue.answer({ threads, lastRevision: Number(result.lastRevision) }, more));
    if (more) pull();
  }
  function pull() {
    transport.call(questions(), { force: true }).then(tookThreads, refused);
  }

  transport.callFunctionsPeriodically(
    () => [call('update', { return: { status: 'status', idle: 'idle' } })],
    (result) => void (good(result) && status({ status: result.status as Status, idle: result.idle === true })),
    refused,
  );
  transport.callFunctionsPeriodically(questions, tookThreads, refused);
  if (showOperators) {
    transport.callFunctionsPeriodically(
      () => [call('updateOperators', { return: { operators: 'operators' } })],
      (result) => void (good(result) && operators(result.operators as readonly WireOperator[])),
      refused,
    );
  }
  transport.registerFunction('receiveOperators', (args) => {
    const told = args as unknown as ReceiveOperators;
    if (told.agentId === agentId) operators(told.operators);
  });
  transport.registerFunction('receiveStatus', (args) => {
    const told = args as unknown as ReceiveStatus;
    if (told.agentId === agentId) status(told);
  });
  transport.registerFunction('receiveThreads', (args) => {
    if (Number(args.agentId) !== agentId) return;
    const delta = queue.receive(args as unknown as ReceiveThreads);
    if (delta) changed(delta);
    else pull();
  });
  transport.status.subscribe(({ connection }) => {
    if (trouble.get().now === 'loggedOut') return;
    if (connection === 'offline') trouble.set({ now: 'lost' });
    if (connection === 'online') trouble.set({ now: 'none' });
  });

  return {
    trouble,
    start: () => transport.runUpdater(),
    /** The browser says that there is no network: no need to wait until an answer is missed. */
    offline() {
      if (trouble.get().now === 'none') trouble.set({ now: 'lost' });
    },
    /** The network may be back, or the operator may have logged in again in another window. */
    wake() {
      const { now } = trouble.get();
      if (now === 'loggedOut') {
        trouble.set({ now: 'none' });
        transport.runUpdater();
        return;
      }
      if (now === 'lost' && navigator.onLine && transport.status.get().connection === 'online')
        trouble.set({ now: 'none' });
      transport.wake();
    },
    /** Tells what the operator chose, or that he did something. @throws CallFailed, Error when the server said no */
    async tell(what: Status | 'active') {
      const result = await transport.call([call(what)], { force: true });
      if (!good(result)) throw new Error(result.errorMessage ?? '');
    },
    async facts(thread: number): Promise<Extra | undefined> {
      const names = { referrer: 'referrer', locale: 'locale', chatStarted: 'chatStarted', groupName: 'groupName' };
      const asked = call('threadFacts', { thread, return: names });
      const result = await transport.call([asked], { force: true });
      if (!good(result)) return undefined;
      return {
        referrer: String(result.referrer),
        locale: String(result.locale),
        chatStarted: Number(result.chatStarted),
        groupName: String(result.groupName),
      };
    },
  };
}

export type Connection = ReturnType<typeof createConnection>;
