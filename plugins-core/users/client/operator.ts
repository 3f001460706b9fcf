/** Joins the operator's chat: in a window of its own, too, it counts that he does something. */
import { controls } from '../../client/client/index.ts';
import { watchActivity } from './activity.ts';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly conversation: { ask(name: string, args: { readonly user: boolean }): Promise<unknown> };
  options(): Promise<Readonly<Record<string, unknown>>>;
}

controls.add<ChatContext>('chat/window', {
  name: 'activity',
  mount(_, context) {
    // The workspace tells for all that is in it.
    if (document.querySelector('[data-part="status-menu"]')) return undefined;
    let end: (() => void) | undefined;
    let over = false;
    context
      .options()
      .then(({ detectsIdle }) => {
        const tell = async () => void (await context.conversation.ask('active', { user: false }));
        if (detectsIdle === true && !over) end = watchActivity({ tell, target: document });
      })
      // What he writes counts without.
      .catch(() => undefined);
    return () => {
      over = true;
      end?.();
    };
  },
});
