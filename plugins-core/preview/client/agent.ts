/** Joins the conversation of operators: what the visitor types stands below the messages. */
import { controls, type Arguments, type Transport, type Ui } from '../../client/client/index.ts';

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
  options(): Promise<Readonly<Record<string, unknown>>>;
}

controls.add<ChatContext>('chat/status', {
  name: 'preview',
  mount(_, context) {
    const { conversation, root, transport, ui } = context;
    const { id: threadId, token } = context.thread;
    const ends: (() => void)[] = [];
    let over = false;

    function follow(): void {
      const box = document.createElement('div');
      box.className = 'mb-preview';
      box.hidden = true;
      box.setAttribute('role', 'group');
      const label = ui.text('preview.agent.label');
      box.setAttribute('aria-label', label);
      const heading = box.appendChild(document.createElement('span'));
      heading.className = 'mb-preview__label';
      heading.textContent = label;
      const words = box.appendChild(document.createElement('p'));
      words.className = 'mb-preview__text';
      words.dir = 'auto';
      // Outside the list, which reads out what comes: nobody wants to hear every key.
      root.querySelector('[data-part="typing"]')?.before(box);

      const draw = (text: unknown) => {
        words.textContent = typeof text === 'string' ? text : '';
        box.hidden = words.textContent === '';
        words.scrollTop = words.scrollHeight;
      };
      const took = ({ errorCode, text }: Arguments) => draw(errorCode ? '' : text);
      let first = true;
      const asking = transport.callFunctionsPeriodically(() => {
        if (!first && box.hidden && !conversation.state.get().typing) return [];
        first = false;
        return [{ function: 'previewed', arguments: { threadId, token, user: false, return: { text: 'text' } } }];
      }, took);
      const pushed = transport.registerFunction('receivePreview', (said) => {
        if (said.threadId === threadId) draw(said.text);
      });
      ends.push(
        // What was sent is not being typed any more, whichever comes first.
        conversation.on('message', ({ message }) => void (message.kind === 1 && draw(''))),
        () => transport.stopCallFunctionsPeriodically(asking),
        () => transport.unregisterFunction(pushed),
        () => box.remove(),
      );
    }

    context
      .options()
      .then(({ preview }) => void (preview && !over && follow()))
      // Without it the conversation is as complete as ever.
      .catch(() => undefined);
    return () => {
      over = true;
      for (const end of ends) end();
    };
  },
});
