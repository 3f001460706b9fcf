/** The control above the queue: what the operator is to others, and a menu to choose it. */
import { createDrop, type Ui } from '../../client/client/index.ts';
import type { Status } from '../../operators/api.ts';
import type { Availability } from './availability.ts';

export const statuses = ['available', 'away', 'invisible'] as const satisfies readonly Status[];

/** @returns a function that ends it */
export function mountStatus(element: HTMLElement, availability: Availability, ui: Ui): () => void {
  ui.fill(element, 'users/status_panel', {});
  const button = ui.find(element, '[data-part="status-button"]');
  const list = ui.find(element, '[data-part="status-menu"]');

  function draw(): void {
    const { status, idle } = availability.status.get();
    const name = idle ? 'idle' : status;
    const text = ui.text(`users.status.${name}`);
    ui.fill(button, 'users/status', { status: idle ? 'away' : status, text });
    const choices = statuses.map((value) => ({
      value,
      chosen: value === status,
      text: ui.text(`users.status.${value}`),
      help: ui.text(`users.status.${value}.help`),
    }));
    ui.fill(list, 'users/status_menu', { choices });
  }
  const { set, stop } = createDrop({ holder: element, button, list, changed: draw });
  const onClick = (event: Event) => {
    const choice = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-status]') : null;
    const status = statuses.find((value) => value === choice?.dataset.status);
    if (!status) return;
    set(false);
    button.focus();
    void availability.set(status);
  };
  list.addEventListener('click', onClick);
  const end = availability.status.subscribe(draw);
  draw();
  return () => {
    end();
    stop();
  };
}
