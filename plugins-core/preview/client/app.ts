/** The visitor's part: says that the operator sees what is typed, and shows it to him. */
import { apps, type Transport, type Ui } from '../../client/client/index.ts';
import { createTyping } from './typing.ts';

/** The part of the conversation's context that is used here. */
interface PreviewOptions {
  readonly thread: { readonly id: number; readonly token: number };
  readonly transport: Transport;
  readonly composer: {
    readonly field: HTMLTextAreaElement;
    text(): string;
    on(listener: (text: string) => void): () => void;
  };
  readonly ui: Ui;
}

apps.define('preview', (_: HTMLElement, { thread, transport, composer, ui }: PreviewOptions) => {
  const notice = document.createElement('p');
  notice.className = 'mb-preview-notice';
  // It comes into a region that stands there already, so that it is read out, once.
  notice.setAttribute('role', 'status');
  composer.field.form?.append(notice);
  const words = setTimeout(() => (notice.textContent = ui.text('preview.visitor.notice')));

  const typing = createTyping({ transport, threadId: thread.id, token: thread.token, ended: stop });
  const unfollow = composer.on((text) => typing.changed(text));
  // A draft that was kept over a reload stands there already.
  if (composer.text() !== '') typing.changed(composer.text());
  const onHide = () => typing.left();
  window.addEventListener('pagehide', onHide);

  function stop(): void {
    clearTimeout(words);
    typing.stop();
    unfollow();
    window.removeEventListener('pagehide', onHide);
    notice.remove();
  }
  return { stop };
});
