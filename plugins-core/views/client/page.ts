/** What scripts add to server-rendered pages, all of which work without: the scheme switch, no double submit, signs of loading, toasts that go. */
import { hideProgress, showProgressSoon } from './progress.ts';
import { keepTimes } from './times.ts';

const root = document.documentElement;
const year = 365 * 24 * 3600;

/** `data-mb-scheme="dark"` on a button: light, dark, or (empty) whatever the system says. Kept in a cookie, so that the server draws it. */
function switchScheme(button: HTMLElement): void {
  const scheme = button.dataset['mbScheme'] ?? '';
  if (scheme) root.dataset['mbTheme'] = scheme;
  else delete root.dataset['mbTheme'];
  const path = root.dataset['mbBase'] || '/';
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `mibew_scheme=${scheme}; Path=${path}; Max-Age=${scheme ? year : 0}; SameSite=Lax${secure}`;
  markScheme();
}

function markScheme(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-mb-scheme]'))
    button.setAttribute('aria-pressed', String((button.dataset['mbScheme'] ?? '') === (root.dataset['mbTheme'] ?? '')));
}

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : undefined;
  const scheme = target?.closest<HTMLElement>('[data-mb-scheme]');
  if (scheme) switchScheme(scheme);
  const dismiss = target?.closest('[data-mb-dismiss]');
  dismiss?.closest('.mb-toast, .mb-alert')?.remove();
  const opens = target?.closest<HTMLElement>('[data-mb-dialog]')?.dataset['mbDialog'];
  const dialog = opens ? document.getElementById(opens) : undefined;
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
});

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method.toLowerCase() !== 'post' || event.defaultPrevented) return;
  if (form.dataset['mbSent'] !== undefined) return event.preventDefault();
  form.dataset['mbSent'] = '';
  // Not `disabled`: that would take the focus away, and the button's own value out of what is sent.
  event.submitter?.setAttribute('aria-busy', 'true');
});

const sentForms = () => [...document.querySelectorAll<HTMLFormElement>('form[data-mb-sent]')];

/** They may be sent again. */
function release(forms: readonly HTMLFormElement[]): void {
  for (const form of forms) {
    delete form.dataset['mbSent'];
    for (const control of form.elements) control.removeAttribute('aria-busy');
  }
}

// Where a browser does not tell of navigations, its own sign of loading has to do.
window.navigation?.addEventListener('navigate', ({ destination, downloadRequest, signal }) => {
  if (destination.sameDocument || downloadRequest !== null || !destination.url.startsWith('http')) return;
  const forms = sentForms();
  showProgressSoon();
  // Stopped, or overtaken by the next one: a form that was sent since then belongs to that.
  signal.addEventListener('abort', () => {
    hideProgress();
    release(forms);
  });
});

// Back from the next page by the browser's cache.
addEventListener('pageshow', () => {
  hideProgress();
  release(sentForms());
});

markScheme();
keepTimes();
