/** Keeps the crowd up to date: asks when a connection begins, listens to pushes, and asks again where pushes do not come. */
import type { CallFailed, Result, Transport } from '../../../client/client/index.ts';
import type { ReceiveVisitors, WireVisitor } from '../../api.ts';
import type { Crowd, Turn } from './crowd.ts';

export interface FeedNeeds {
  readonly transport: Transport;
  readonly agentId: number;
  readonly crowd: Crowd;
  /** The operator looks at the board. */
  readonly shown: () => boolean;
  readonly changed: (turns: readonly Turn[]) => void;
  /** The server answers with this code, or does again what it should. */
  readonly failed: (code: number | undefined) => void;
  readonly now?: () => number;
}

/** Out of sight it is only a number: so often that is brought up to date where nothing is pushed, ms. */
const seldom = 20_000;
/** Where changes are pushed all is asked for so often, ms: nobody tells that tracking was switched off. */
const sometimes = 60_000;
/** What is pushed and does not add up is asked for again, so often at most, ms. */
const patience = 5_000;

/** @returns a function that ends it */
export function startFeed({
  transport,
  agentId,
  crowd,
  shown,
  changed,
  failed,
  now = () => performance.now(),
}: FeedNeeds) {
  /** Nothing is known of this connection yet. */
  let anew = true;
  let asked = -seldom;
  const question = () => {
    anew = false;
    asked = now();
    return { function: 'updateVisitors', arguments: { agentId, return: { visitors: 'visitors', total: 'total' } } };
  };
  function due(): boolean {
    if (anew) return true;
    const polls = transport.status.get().carrier !== 'socket';
    return (polls ? shown() : crowd.doubtful) || now() - asked >= (polls ? seldom : sometimes);
  }
  function took(result: Result) {
    if (result.errorCode !== 0) return failed(result.errorCode);
    failed(undefined);
    changed(crowd.answer({ visitors: result.visitors as readonly WireVisitor[], total: Number(result.total) }));
  }
  /** What was not answered is asked again in the next round; that there is no connection the workspace tells. */
  const missed = (error: CallFailed) => {
    anew = true;
    if (error.kind === 'function') failed(error.code);
  };

  const periodic = transport.callFunctionsPeriodically(() => (due() ? [question()] : []), took, missed);
  const heard = transport.registerFunction('receiveVisitors', (args) => {
    const told = args as unknown as ReceiveVisitors;
    if (told.agentId !== agentId) return;
    const turns = crowd.receive(told);
    if (!turns) return;
    changed(turns);
    if (crowd.doubtful && !crowd.limited && now() - asked >= patience)
      transport.call([question()], { force: true }).then(took, missed);
  });
  const unsubscribe = transport.status.subscribe((status, before) => {
    if (status.connection === 'online' && before.connection !== 'online') anew = true;
  });
  return () => {
    transport.stopCallFunctionsPeriodically(periodic);
    transport.unregisterFunction(heard);
    unsubscribe();
  };
}
