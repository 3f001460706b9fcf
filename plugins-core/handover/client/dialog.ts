/** The dialog in which an operator hands his conversation over. */
import {
  CallFailed,
  hostEnvironment,
  randomText,
  type Arguments,
  type Result,
  type Ui,
} from '../../client/client/index.ts';
import { chosenOf, onlyOf, sectionsOf, valueOf, type Choice, type Offer } from './picked.ts';

export interface DialogNeeds {
  readonly ui: Ui;
  /** Where the dialog is put. */
  readonly root: HTMLElement;
  /** The visitor's name. */
  readonly name: string;
  readonly ask: (name: string, args: Arguments) => Promise<Result>;
  readonly closed: () => void;
}

/** So long nothing is typed before it is looked for, ms. */
const pause = 150;
/** So many characters before the end of the note it is said how many are left. */
const near = 100;
let dialogs = 0;

/** Opens it. @returns a function that puts it away */
export function openHandover({ ui, root, name, ask, closed }: DialogNeeds): () => void {
  const before = (root.getRootNode() as Document | ShadowRoot).activeElement;
  const dialog = ui.element('handover/dialog', { id: `mb-handover-${++dialogs}`, name }) as HTMLDialogElement;
  const part = (part: string) => ui.find(dialog, `[data-part="${part}"]`);
  const [list, status, warning, problem, yes, left] = (
    ['targets', 'status', 'warning', 'problem', 'yes', 'left'] as const
  ).map(part) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  const search = ui.find(dialog, '[data-part="search"]', HTMLInputElement);
  const note = ui.find(dialog, '[data-part="note"]', HTMLTextAreaElement);
  // However often it is sent: the note is one.
  const key = randomText(hostEnvironment(), 24);
  let offer: Offer | undefined;
  let chosen: Choice | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  let busy = false;
  let done = false;

  function say(text: string): void {
    problem.textContent = text;
    problem.hidden = text === '';
  }
  function reason(error: unknown): string {
    const key = `handover.client.failed.${error instanceof CallFailed ? error.code : ''}`;
    const known = ui.text(key);
    return known === key ? ui.text('handover.client.failed') : known;
  }

  function drawChoice(): void {
    const text =
      chosen && chosen.presence !== 'online'
        ? ui.text(`handover.warning.${chosen.kind}.${chosen.presence}`, { name: chosen.name })
        : '';
    warning.textContent = text;
    warning.hidden = text === '';
  }

  function draw(): void {
    const count = offer ? offer.agents.length + offer.groups.length : 0;
    const searched = search.value.trim() !== '';
    const missing = searched ? 'none' : 'nobody';
    const text = !offer ? 'loading' : count === 0 ? missing : offer.more ? 'more' : undefined;
    ui.fill(list, 'handover/targets', {
      sections: offer ? sectionsOf(offer, chosen, (key) => ui.text(key)) : [],
      text: text && ui.text(`handover.client.${text}`),
    });
    list.setAttribute('aria-busy', String(!offer));
    if (offer && searched) status.textContent = ui.text('handover.client.count', { count });
    drawChoice();
  }

  function drawNote(): void {
    if (!offer) return;
    note.maxLength = offer.noteLimit;
    const rest = offer.noteLimit - note.value.length;
    left.textContent = rest <= near ? ui.text('handover.client.left', { count: rest }) : '';
  }

  async function look(): Promise<void> {
    const mine = ++asked;
    const wanted = search.value;
    try {
      const results = { agents: 'agents', groups: 'groups', more: 'more', noteLimit: 'noteLimit' };
      const found = await ask('redirectTargets', { user: false, search: wanted, return: results });
      // What was asked for earlier may be answered later.
      if (mine !== asked || done) return;
      offer = found as unknown as Offer;
      chosen = (chosen && chosenOf(offer, valueOf(chosen))) ?? onlyOf(offer, wanted);
      say('');
      draw();
      drawNote();
    } catch (error) {
      if (mine === asked && !done) say(reason(error));
    }
  }

  function close(): void {
    if (done) return;
    done = true;
    clearTimeout(timer);
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected && !before.hidden) before.focus();
    closed();
  }

  async function hand(): Promise<void> {
    if (busy) return;
    if (!chosen) {
      say(ui.text('handover.client.choose'));
      return search.focus();
    }
    busy = true;
    yes.setAttribute('aria-busy', 'true');
    say('');
    try {
      const text = note.value.trim();
      await ask('redirect', { user: false, [chosen.kind]: chosen.id, ...(text !== '' && { note: text, key }) });
      close();
    } catch (error) {
      if (done) return;
      say(reason(error));
      void look();
    } finally {
      busy = false;
      yes.removeAttribute('aria-busy');
    }
  }

  ui.find(dialog, '[data-part="form"]').addEventListener('submit', (event) => {
    event.preventDefault();
    void hand();
  });
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), pause);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      const radio = list.querySelector<HTMLInputElement>('input:checked') ?? list.querySelector('input');
      radio?.focus();
      radio?.click();
    } else if (event.key === 'Enter' && !chosen) {
      // Nothing is chosen yet: what was typed is looked for now.
      event.preventDefault();
      clearTimeout(timer);
      void look();
    }
  });
  list.addEventListener('change', (event) => {
    if (offer && event.target instanceof HTMLInputElement) chosen = chosenOf(offer, event.target.value);
    say('');
    drawChoice();
  });
  note.addEventListener('input', drawNote);
  part('cancel').addEventListener('click', close);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
  // Keys of the workspace and of the window are not meant while this is open.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());

  root.append(dialog);
  draw();
  dialog.showModal();
  search.focus();
  void look();
  return close;
}
