/** What scripts add to server-rendered pages, all of which work without: the scheme switch, no double submit, toasts that go. */

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
  event.submitter?.setAttribute('aria-busy', 'true');
});

// Back from the next page by the browser's cache: the form may be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-mb-sent]')) {
    delete form.dataset['mbSent'];
    for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
  }
});

markScheme();
