/** The thin bar on top while the next page is long in coming. It begins late, so that quick pages do not flash it. */

/** What a person takes for at once. */
const moment = 300;

const bar = document.createElement('div');
bar.className = 'mb-progress';
// In the top layer it lies above an open drawer; `manual` leaves that drawer open.
bar.popover = 'manual';
bar.setAttribute('aria-hidden', 'true');
let timer = 0;

/** Empty until there is something to say: only what changes in it is read out, and after what is being read. */
const status = () => document.querySelector<HTMLElement>('[data-mb-loading]');

function show(): void {
  document.body.append(bar);
  bar.showPopover();
  const says = status();
  if (says) says.textContent = says.dataset['mbLoading'] ?? '';
}

export function hideProgress(): void {
  clearTimeout(timer);
  bar.remove();
  status()?.replaceChildren();
}

export function showProgressSoon(): void {
  hideProgress();
  timer = window.setTimeout(show, moment);
}
