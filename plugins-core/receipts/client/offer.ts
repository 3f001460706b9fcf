/** Joins the conversation of both sides: once somebody has said something, the part that marks messages is loaded. */
import { controls, type Mounted, type Parts } from '../../client/client/index.ts';

/** The part of the slot's context that is used here; the part gets all of it. */
interface ChatContext {
  readonly conversation: {
    on(name: 'message', listener: (event: { readonly message: { readonly kind: number } }) => void): () => void;
  };
  readonly parts: Parts;
}

controls.add<ChatContext>('chat/status', {
  name: 'receipts',
  mount(element, context) {
    let made: Mounted | undefined;
    let over = false;
    const enough = context.conversation.on('message', async ({ message }) => {
      if (message.kind > 2) return;
      enough();
      // Without marks people talk all the same.
      made = await context.parts.mount('receipts', element, context).catch(() => undefined);
      if (over) made?.stop();
    });
    return () => {
      over = true;
      enough();
      made?.stop();
    };
  },
});
