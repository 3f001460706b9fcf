/** Joins the chat app: a button in the toolbar of every conversation. Served as an ES module; no build step of your own. */
import { controls, type Ui } from 'mibew/client';

/** The part of the slot's context that is used here. */
interface ChatContext {
  readonly conversation: { readonly user: boolean; post(text: string): unknown };
  readonly ui: Ui;
}

controls.add<ChatContext>('chat/window', {
  name: 'hello-wave',
  weight: -10,
  mount(element, { conversation, ui }) {
    if (!conversation.user) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'mb-button mb-button--quiet mb-button--icon';
    button.textContent = '👋';
    button.title = ui.text('hello.wave');
    button.setAttribute('aria-label', button.title);
    button.addEventListener('click', () => conversation.post(':wave:'));
    element.append(button);
  },
});
