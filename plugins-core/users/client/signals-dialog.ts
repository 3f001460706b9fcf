/** The dialog in which an operator says what calls him, and how. What he chooses counts at once. */
import type { Ui } from '../../client/client/index.ts';
import type { Calls } from './calls.ts';
import { type Kind, kinds, type Preferences, type Way, ways } from './preferences.ts';

export interface SignalsDialogNeeds {
  readonly dialog: HTMLDialogElement;
  readonly ui: Ui;
  readonly preferences: Preferences;
  readonly calls: Calls;
  /** The switches stand in the head of the queue, too. */
  readonly changed: () => void;
}

const isWay = (value: string | undefined): value is Way => ways.some((way) => way === value);
const isKind = (value: string | undefined): value is Kind => kinds.some((kind) => kind === value);

export function createSignalsDialog({ dialog, ui, preferences, calls, changed }: SignalsDialogNeeds) {
  const { notifications } = calls;

  function draw(): void {
    const { on, refused } = notifications.state.get();
    const uses = { sound: preferences.get('sound'), desktop: on };
    const text = (key: string) => ui.text(`users.signals.${key}`);
    ui.fill(dialog, 'users/signals', {
      ways: ways.map((way) => ({
        way,
        on: uses[way],
        label: text(way),
        impossible: way === 'desktop' && !notifications.possible,
      })),
      rows: kinds.map((kind) => ({
        label: text(`kind.${kind}`),
        cells: ways.map((way) => ({
          way,
          kind,
          on: preferences.get(`${way}.${kind}`),
          off: !uses[way],
          label: ui.text('users.signals.cell', { way: text(way), kind: text(`kind.${kind}`) }),
        })),
      })),
      refused,
      impossible: !notifications.possible,
    });
  }

  dialog.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const { way, kind } = target.dataset;
    if (!isWay(way)) return;
    if (isKind(kind)) preferences.set(`${way}.${kind}`, target.checked);
    else if (way === 'desktop') void notifications.set(target.checked);
    else preferences.set('sound', target.checked);
    draw();
    changed();
  });
  dialog.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-action="try"]')) calls.tryOut();
  });
  const end = notifications.state.subscribe(() => dialog.open && draw());

  return {
    open(): void {
      draw();
      dialog.showModal();
    },
    stop: end,
  };
}
