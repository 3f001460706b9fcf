/** Joins the visitor's chat: a line above the messages that tells his place in the queue, in the server's words. */
import { controls, type Arguments, type Transport } from '../../client/client/index.ts';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly conversation: {
    readonly thread: { readonly id: number; readonly token: number };
    readonly state: {
      get(): { readonly threadState: number | undefined };
      subscribe(listener: () => void): () => void;
    };
  };
  readonly transport: Transport;
}

controls.add<ChatContext>('chat/status', {
  name: 'position',
  mount(element, { conversation, transport }) {
    const { thread, state } = conversation;
    // Queue, waiting, loading.
    const waits = () => [0, 1, 4].includes(state.get().threadState ?? 2);
    let waited = false;
    element.setAttribute('role', 'status');
    // The line is in the language of the conversation, which need not be the page's.
    element.dir = 'auto';
    const draw = ({ text }: Arguments = {}) => {
      const line = waits() && typeof text === 'string' ? text : '';
      // What was said is not said again.
      if (element.textContent === line) return;
      element.className = line && 'mb-banner';
      element.textContent = line;
    };
    const question = () =>
      waits()
        ? [
            {
              function: 'position',
              arguments: { threadId: thread.id, token: thread.token, user: true, return: { text: 'text' } },
            },
          ]
        : [];
    const asking = transport.callFunctionsPeriodically(question, draw);
    const told = transport.registerFunction('receivePosition', (call) => {
      if (call.threadId === thread.id) draw(call);
    });
    const unfollow = state.subscribe(() => {
      const now = waits();
      if (now && !waited) transport.callFunctions(question(), draw, true);
      else if (!now) draw();
      waited = now;
    });
    return () => {
      transport.stopCallFunctionsPeriodically(asking);
      transport.unregisterFunction(told);
      unfollow();
    };
  },
});
