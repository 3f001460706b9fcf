/** Joins the visitor's chat: the way to mail and file, in the menu and below the end. What is behind it is loaded on demand. */
import { controls, reportError, type Parts, type Ui } from '../../client/client/index.ts';

interface ChatContext {
  readonly user: boolean;
  readonly inline: boolean;
  readonly root: HTMLElement;
  readonly ui: Ui;
  readonly parts: Parts;
  readonly menu: { add(entry: { name: string; label: string; icon: string; weight: number; run(): void }): () => void };
}

function open(context: ChatContext): void {
  const dialog = document.createElement('dialog');
  dialog.className = 'mb-dialog mb-chat__dialog';
  context.root.append(dialog);
  context.parts.mount('transcript', dialog, context).catch((error: unknown) => {
    dialog.textContent = context.ui.text('transcript.menu.failed');
    dialog.onclick = () => dialog.remove();
    dialog.show();
    reportError(error);
  });
}

controls.add<ChatContext>('chat/window', {
  name: 'transcript',
  mount(_, context) {
    const { user, ui, menu } = context;
    if (!user) return undefined;
    const icon = ui.render('transcript/icon', {});
    const run = () => open(context);
    return menu.add({ name: 'transcript', label: ui.text('transcript.menu'), icon, weight: 200, run });
  },
});
controls.add<ChatContext>('chat/over', {
  name: 'transcript',
  mount(element, context) {
    if (!context.user) return;
    const button = context.ui.element('transcript/button', {});
    button.onclick = () => open(context);
    element.append(button);
  },
});
