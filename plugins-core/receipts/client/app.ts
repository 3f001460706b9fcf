/** Marks own messages with how far they have come, and tells the other side what is read here. */
import { apps, type Transport, type Ui } from '../../client/client/index.ts';
import { createProgress } from './progress.ts';

interface Drawn {
  readonly message: { readonly id: number; readonly kind: number };
  readonly element: HTMLElement;
}
/** The part of the conversation's context that is used here. */
interface ReceiptsOptions {
  readonly conversation: { on(name: 'message', listener: (event: Drawn) => void): () => void };
  readonly thread: { readonly id: number; readonly token: number };
  readonly user: boolean;
  readonly root: HTMLElement;
  readonly transport: Transport;
  readonly ui: Ui;
}

apps.define('receipts', (_: HTMLElement, { conversation, thread, user, root, transport, ui }: ReceiptsOptions) => {
  /** Own messages that are not known to be read. */
  let rows: { readonly id: number; readonly mark: HTMLElement }[] = [];
  const progress = createProgress({
    transport,
    threadId: thread.id,
    token: thread.token,
    user,
    waits: () => rows.length > 0,
    changed: draw,
  });

  function draw(): void {
    rows = rows.filter(({ id, mark }) => {
      const step = progress.step(id);
      if (!step) return true;
      mark.className = `mb-receipt mb-receipt--${step}`;
      mark.textContent = step === 'sent' ? '✓' : '✓✓';
      mark.setAttribute('role', 'img');
      mark.title = ui.text(`receipts.mark.${step}`);
      mark.setAttribute('aria-label', mark.title);
      return step !== 'read';
    });
  }

  // A page that nobody looks at is not drawn, so what stands in it is not seen.
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      sight.unobserve(target);
      progress.saw(Number((target as HTMLElement).dataset['key']));
      progress.later();
    }
  });

  function put(id: number, element: HTMLElement, own: boolean): void {
    if (own) {
      // A change of it is not read out: the list announces rows that come, and this comes with its row.
      const mark = document.createElement('span');
      element.querySelector('.mb-message__meta')?.append(mark);
      rows.push({ id, mark });
      draw();
    } else {
      progress.drew(id);
      sight.observe(element);
    }
    progress.later();
  }

  // What came while this was loaded. Messages on their way have no number yet.
  for (const row of root.querySelectorAll<HTMLElement>('.mb-message--own, .mb-message--other')) {
    const id = Number(row.dataset['key']);
    if (id > 0) put(id, row, row.classList.contains('mb-message--own'));
  }
  const unfollow = conversation.on('message', ({ message: { id, kind }, element }) => {
    if (kind === 1 || kind === 2) put(id, element, (kind === 1) === user);
  });
  return {
    stop() {
      unfollow();
      sight.disconnect();
      progress.stop();
    },
  };
});
