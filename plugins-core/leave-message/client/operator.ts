/** Joins the workspace: below the queue, how many left messages wait, and the way to them. */
import { controls, type Command, type Result, type Transport, type Ui } from '../../client/client/index.ts';

/** The parts of the slot's context that are used here. */
interface QueueContext {
  readonly ui: Ui;
  readonly transport: Transport;
  readonly agentId: number;
  readonly commands: { add(command: Command): () => void };
}
interface Answer {
  readonly count: number;
  readonly more: boolean;
  readonly address: string;
}

/** Who cannot be told asks again after so long, ms. */
const pause = 30_000;

controls.add<QueueContext>('users/queue', {
  name: 'left-messages',
  mount(element, { ui, transport, agentId, commands }) {
    let askedAt = -Infinity;
    const call = () => {
      askedAt = Date.now();
      const wanted = { count: 'count', more: 'more', address: 'address' };
      return [{ function: 'leftMessages', arguments: { agentId, return: wanted } }];
    };
    function took(result: Result) {
      const { count, more, address } = result as unknown as Answer;
      // Where there is no answer the plugin was switched off, or the operator may not see them any more.
      element.hidden = result.errorCode !== 0 || count === 0;
      if (element.hidden) return;
      const shown = ui.text(`leave-message.waiting.${more ? 'many' : 'count'}`, { count });
      ui.fill(element, 'leave-message/waiting', {
        count: shown,
        title: ui.text('leave-message.waiting.title', { count }),
        address,
      });
    }
    // Nothing waits until somebody says so.
    element.hidden = true;
    const periodic = transport.callFunctionsPeriodically(() => (Date.now() - askedAt < pause ? [] : call()), took);
    const heard = transport.registerFunction('leftMessagesChanged', () => {
      // What is not answered is asked again in the next round.
      transport.call(call(), { force: true }).then(took, () => (askedAt = -Infinity));
    });
    const end = commands.add({
      name: 'left-messages',
      label: ui.text('leave-message.waiting.open'),
      keys: ['Alt+L'],
      shown: () => !element.hidden,
      run: () => element.querySelector('a')?.click(),
    });
    return () => {
      end();
      transport.stopCallFunctionsPeriodically(periodic);
      transport.unregisterFunction(heard);
    };
  },
});
