/** Joins the visitor's chat: who waits while nobody is there may leave a message instead. */
import { controls, messageNodes, pageStorage, type Transport, type Ui } from '../../client/client/index.ts';
import { draftKey } from './draft.ts';
import { watchForOperators } from './watch.ts';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly conversation: {
    readonly thread: { readonly id: number; readonly token: number };
    readonly messages: readonly { readonly kind: number; readonly message: string }[];
    readonly state: {
      get(): { readonly threadState: number | undefined };
      subscribe(listener: () => void): () => void;
    };
    close(): Promise<void>;
  };
  readonly transport: Transport;
  readonly ui: Ui;
  readonly again?: () => void;
}

/** Kinds of messages: of the visitor, of an operator. */
const [fromUser, fromAgent] = [1, 2];

/** What nobody has answered is not typed again. */
function unanswered(messages: ChatContext['conversation']['messages']): string {
  const answered = messages.findLastIndex(({ kind }) => kind === fromAgent);
  const said = messages.slice(answered + 1).filter(({ kind }) => kind === fromUser);
  // Messages are markup, the field of the form is not.
  return said.map(({ message }) => messageNodes(message).textContent).join('\n');
}

controls.add<ChatContext>('chat/status', {
  name: 'leave-message',
  // Below the place in the queue.
  weight: -10,
  mount(element, { conversation, transport, ui, again }) {
    const { thread, state, messages } = conversation;
    if (!again) return undefined;
    // Queue, waiting, loading.
    const waits = () => [0, 1, 4].includes(state.get().threadState ?? 2);
    let end: (() => void) | undefined;

    function draw(online: boolean): void {
      if (online === (element.childElementCount === 0)) return;
      const text = ui.text('leave-message.waiting.text');
      const model = { kind: 'info', text, action: 'leave', actionText: ui.text('leave-message.waiting.leave') };
      element.replaceChildren(...(online ? [] : [ui.element('chat/status/message', model)]));
    }
    function follow(): void {
      if (waits() === (end !== undefined)) return;
      end?.();
      end = waits()
        ? watchForOperators(transport, () => ({ threadId: thread.id, token: thread.token }), draw)
        : undefined;
      if (!end) draw(true);
    }
    element.onclick = (event) => {
      const button = (event.target as Element).closest('button');
      if (!button || button.disabled) return;
      button.disabled = true;
      const message = unanswered(messages);
      conversation.close().then(
        () => {
          if (message) pageStorage(() => window.sessionStorage).set(draftKey, JSON.stringify({ message }));
          again();
        },
        // The line above says that there is no connection.
        () => void (button.disabled = false),
      );
    };
    const unfollow = state.subscribe(follow);
    follow();
    return () => {
      unfollow();
      end?.();
    };
  },
});
