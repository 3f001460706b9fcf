/** Asks before something is done: a native dialog, over the page, or over the chat alone where it lies in somebody's page. */
import type { Ui } from '../../client/client/index.ts';

export interface Question {
  readonly title: string;
  readonly text?: string;
  /** Label of a text field, and what stands in it. */
  readonly field?: string;
  readonly value?: string;
  readonly yes: string;
  readonly kind: 'primary' | 'danger';
}

export interface AskNeeds {
  readonly dialog: HTMLDialogElement;
  readonly ui: Ui;
  readonly uid: string;
  /** Over everything; else only the chat behind it is out of reach. */
  readonly modal: boolean;
}

/**
 * @param act what is done on yes; when it throws, the dialog stays and says so
 */
export function ask(
  { dialog, ui, uid, modal }: AskNeeds,
  question: Question,
  act: (value: string) => Promise<void>,
): void {
  const root = dialog.getRootNode() as Document | ShadowRoot;
  const before = root.activeElement;
  const behind = [...(dialog.parentElement?.children ?? [])].filter((each) => each !== dialog);
  ui.fill(dialog, 'chat/dialog', { uid, ...question });
  const form = ui.find(dialog, '[data-part="ask"]', HTMLFormElement);
  const problem = ui.find(dialog, '[data-part="problem"]');
  const yes = ui.find(dialog, '[type="submit"]');
  const field = dialog.querySelector('input');

  function close(): void {
    dialog.close();
  }
  form.onsubmit = (event) => {
    event.preventDefault();
    problem.hidden = true;
    yes.setAttribute('aria-busy', 'true');
    act(field?.value.trim() ?? '').then(close, () => {
      yes.removeAttribute('aria-busy');
      problem.textContent = ui.text('chat.window.notNow');
      problem.hidden = false;
    });
  };
  ui.find(dialog, '[data-action="cancel"]').onclick = close;
  dialog.onkeydown = (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  dialog.onclose = () => {
    for (const each of behind) each.removeAttribute('inert');
    if (before instanceof HTMLElement) before.focus();
  };
  if (modal) dialog.showModal();
  else {
    for (const each of behind) each.setAttribute('inert', '');
    dialog.show();
  }
  (field ?? yes).focus();
  field?.select();
}
