/** What stands in place of a conversation: a screen before it, a line while it begins, a reason why it cannot. */
import type { KeyValue, Mounted, Parts, Transport, Ui } from '../../client/client/index.ts';
import type { Outcome, ScreenMount } from './context.ts';

export interface ScreensNeeds {
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly parts: Parts;
  readonly transport: Transport;
  readonly drafts: KeyValue;
  readonly title: string;
  /** Inside somebody's page. */
  readonly inline: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly done: (outcome: Outcome) => void;
  readonly finished: () => void;
  readonly again: () => void;
  readonly minimise?: () => void;
}

export interface Screens {
  show(outcome: Outcome): void;
  /** Draws a view below the head of the window. */
  cover(view: string, model: object): HTMLElement;
  /** Says that it did not work, and offers to try again. */
  failed(text: string, retry: () => void): void;
  focus(): void;
  stop(): void;
}

/** `leaveMessage` is the part `leave-message`. */
const partOf = (screen: string) => screen.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function createScreens(needs: ScreensNeeds): Screens {
  const { place, ui, parts, inline, title } = needs;
  let mounted: Mounted | undefined;
  /** What is drawn is replaced by what is asked for later, never by what took longer to load. */
  let turn = 0;
  let retry = needs.again;

  function stop(): void {
    turn++;
    mounted?.stop();
    mounted = undefined;
  }

  function frame(state?: string): HTMLElement {
    stop();
    const made = ui.element('chat/cover', { title, name: title, state, inline, page: !inline });
    made.addEventListener('click', (event) => {
      const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action;
      if (action === 'minimise') needs.minimise?.();
      if (action === 'again') retry();
    });
    place.replaceChildren(made);
    return ui.find(made, '[data-part="cover"]');
  }

  function cover(view: string, model: object, state?: string): HTMLElement {
    const content = frame(state);
    content.append(ui.element(view, model));
    return content;
  }

  function failed(text: string, again: () => void): void {
    retry = again;
    cover('chat/failure', {
      title: ui.text('chat.visitor.start.title'),
      text,
      action: 'again',
      actionText: ui.text('chat.window.failure.reload'),
    });
  }

  async function show(outcome: Outcome): Promise<void> {
    const content = cover('chat/loading', {});
    const mine = turn;
    const screen = document.createElement('div');
    screen.className = 'mb-chat__screen';
    const options: Omit<ScreenMount, 'ui'> = {
      transport: needs.transport,
      options: outcome.options,
      arguments: needs.arguments,
      inline,
      drafts: needs.drafts,
      parts,
      done: needs.done,
      finished: needs.finished,
      again: needs.again,
      minimise: needs.minimise,
    };
    try {
      const made = await parts.mount(partOf(outcome.next), screen, options, outcome.next);
      if (mine !== turn) return made.stop();
      mounted = made;
      content.replaceChildren(screen);
      made.shown?.();
    } catch (error) {
      if (mine !== turn) return;
      failed(ui.text('chat.visitor.start.offline'), () => void show(outcome));
      reportError(error);
    }
  }

  return {
    show: (outcome) => void show(outcome),
    cover: (view, model) => cover(view, model, ui.text('chat.visitor.state.loading')),
    failed,
    focus: () => mounted?.focus?.(),
    stop,
  };
}
