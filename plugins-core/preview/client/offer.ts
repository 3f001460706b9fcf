/** Joins the visitor's chat: where operators see what is typed, the part that shows it to them is loaded. */
import { controls, type Mounted, type Parts } from '../../client/client/index.ts';

/** The part of the slot's context that is used here; the part gets all of it. */
interface ChatContext {
  readonly parts: Parts;
  options(): Promise<Readonly<Record<string, unknown>>>;
}

controls.add<ChatContext>('chat/status', {
  name: 'preview',
  mount(element, context) {
    let made: Mounted | undefined;
    let over = false;
    const load = async () => {
      if (!(await context.options()).preview || over) return;
      made = await context.parts.mount('preview', element, context);
      if (over) made.stop();
    };
    // Whoever is not told is not shown either: nothing is sent without the part.
    load().catch(() => undefined);
    return () => {
      over = true;
      made?.stop();
    };
  },
});
