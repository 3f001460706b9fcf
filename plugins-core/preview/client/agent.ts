/** Joins the conversation of operators: what the visitor types stands below the messages. */
import { controls, type Transport, type Ui } from '../../client/client/index.ts';
import { createWatching } from './watching.ts';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly conversation: {
    readonly state: { get(): { readonly typing: boolean } };
    on(name: 'message', listener: (event: { readonly message: { readonly kind: number } }) => void): () => void;
  };
  readonly thread: { readonly id: number; readonly token: number };
  readonly root: HTMLElement;
  readonly transport: Transport;
  readonly ui: Ui;
}

function createBox(root: HTMLElement, ui: Ui) {
  const box = document.createElement('div');
  box.className = 'mb-preview';
  box.hidden = true;
  box.setAttribute('role', 'group');
  const label = ui.text('preview.agent.label');
  box.setAttribute('aria-label', label);
  const heading = box.appendChild(document.createElement('span'));
  heading.className = 'mb-preview__label';
  heading.textContent = label;
  const quote = box.appendChild(document.createElement('div'));
  quote.className = 'mb-preview__quote';
  const words = quote.appendChild(document.createElement('p'));
  words.className = 'mb-preview__text';
  words.dir = 'auto';
  // Outside the list, which reads out what comes: nobody wants to hear every key.
  root.querySelector('[data-part="typing"]')?.before(box);
  return {
    show(text: string) {
      words.textContent = text;
      box.hidden = text === '';
      words.scrollTop = words.scrollHeight;
    },
    remove: () => box.remove(),
  };
}

controls.add<ChatContext>('chat/status', {
  name: 'preview',
  mount(_, { conversation, thread, root, transport, ui }) {
    const box = createBox(root, ui);
    const watching = createWatching({
      transport,
      threadId: thread.id,
      token: thread.token,
      typing: () => conversation.state.get().typing,
      show: (text) => box.show(text),
    });
    // What was sent is not being typed any more, whichever comes first.
    const unfollow = conversation.on('message', ({ message }) => void (message.kind === 1 && watching.sent()));
    return () => {
      unfollow();
      watching.stop();
      box.remove();
    };
  },
});
