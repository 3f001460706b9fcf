/** Logging out while messages are on their way: a warning first, then they are discarded. */
import type { Outbox, Ui } from '../../client/client/index.ts';

export interface LogoutNeeds {
  readonly dialog: HTMLDialogElement;
  readonly outbox: Pick<Outbox, 'waiting' | 'discard'>;
  /** Path of the log-out. */
  readonly address: string;
  readonly ui: Ui;
}

/** @returns a function that ends the watch */
export function guardLogout({ dialog, outbox, address, ui }: LogoutNeeds): () => void {
  const leads = (target: string) => new URL(target, location.href).pathname === address;

  function guard(event: Event, leave: () => void) {
    const count = outbox.waiting();
    if (count === 0) {
      outbox.discard();
      return;
    }
    event.preventDefault();
    ui.fill(dialog, 'users/logout', { text: ui.text('users.logout.text', { count }) });
    dialog.returnValue = '';
    dialog.onclose = () => {
      if (dialog.returnValue !== 'leave') return;
      outbox.discard();
      leave();
    };
    dialog.showModal();
  }

  const onSubmit = (event: SubmitEvent) => {
    const form = event.target;
    // `submit()` of a script fires no event: it is not asked about again.
    if (form instanceof HTMLFormElement && leads(form.action)) guard(event, () => form.submit());
  };
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link?.href && leads(link.href)) guard(event, () => location.assign(link.href));
  };
  // Before anybody else: what every page does on submitting must see that this was called off.
  document.addEventListener('submit', onSubmit, true);
  document.addEventListener('click', onClick, true);
  return () => {
    document.removeEventListener('submit', onSubmit, true);
    document.removeEventListener('click', onClick, true);
  };
}
