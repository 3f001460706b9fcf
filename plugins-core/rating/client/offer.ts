/** Joins the visitor's chat: when it is over and somebody answered, the part that asks how it was is loaded. */
import { controls, type Parts, type Transport } from '../../client/client/index.ts';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly thread: { readonly id: number; readonly token: number };
  readonly transport: Transport;
  readonly parts: Parts;
}

controls.add<ChatContext>('chat/over', {
  name: 'rating',
  weight: 10,
  mount(element, { thread, transport, parts }) {
    const reference = { threadId: thread.id, token: thread.token, user: true };
    let end: (() => void) | undefined;
    let over = false;
    const asked = { ...reference, return: { may: 'may', score: 'score', comment: 'comment' } };
    transport
      .call([{ function: 'rating', arguments: asked }], { force: true })
      .then(async (said) => {
        if (!said.may || over) return;
        const made = await parts.mount('rating', element, { transport, reference, said });
        end = () => made.stop();
        if (over) end();
      })
      // Nobody misses a question that was not asked.
      .catch(() => undefined);
    return () => {
      over = true;
      end?.();
    };
  },
});
