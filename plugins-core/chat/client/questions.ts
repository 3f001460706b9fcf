/** What the window asks before it acts: ending the conversation, another name. */
import type { Ui } from '../../client/client/index.ts';
import { ask } from './ask.ts';
import type { AskNeeds } from './ask.ts';
import type { Conversation } from './conversation.ts';

export interface QuestionsNeeds extends AskNeeds {
  readonly conversation: Conversation;
  /** Whom one talks with. */
  readonly peer: () => string;
  /** The visitor's name. */
  readonly name: () => string;
  readonly renamed: (name: string) => void;
  /** Ended by his own hand. */
  readonly closed?: () => void;
}

export function createQuestions(needs: QuestionsNeeds) {
  const { ui, conversation } = needs;
  return {
    close(): void {
      const question = {
        title: ui.text('chat.window.close.title'),
        text: ui.text(`chat.${conversation.user ? 'visitor' : 'agent'}.close`, { name: needs.peer() }),
        yes: ui.text('chat.window.close.yes'),
        kind: 'danger',
      } as const;
      ask(needs, question, () => conversation.close().then(needs.closed));
    },
    rename(): void {
      const question = {
        title: ui.text('chat.visitor.rename.title'),
        field: ui.text('chat.visitor.rename.field'),
        value: needs.name(),
        yes: ui.text('chat.visitor.rename.yes'),
        kind: 'primary',
      } as const;
      ask(needs, question, async (wanted) => {
        if (wanted === '') return;
        await conversation.rename(wanted);
        needs.renamed(wanted);
      });
    },
  };
}

/** What stands over a conversation that the server refuses. */
export function failureModel(
  ui: Ui,
  { code, message }: { readonly code: number; readonly message: string },
  again: boolean,
) {
  const foreign = code === 4 || code === 403;
  // Only somebody who was logged in is told to log in again.
  const key = foreign ? 'chat.window.failure.4' : `chat.agent.failure.${code}`;
  const known = ui.text(key);
  const fresh = again && foreign;
  return {
    title: ui.text('chat.window.failure.title'),
    text: known === key ? ui.text('chat.window.failure.other', { message }) : known,
    action: fresh ? 'again' : 'reload',
    actionText: ui.text(fresh ? 'chat.visitor.again' : 'chat.window.failure.reload'),
  };
}
