/** What scripts add to the page of the embed code: the code follows the choices, and one button copies it. */

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-mb-follow]')) {
  form.addEventListener('change', () => form.requestSubmit());
  form.querySelector<HTMLElement>('[type=submit]')?.setAttribute('hidden', '');
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-mb-copy]')) {
  const source = document.getElementById(button.dataset['mbCopy'] ?? '');
  const label = button.querySelector('span');
  if (!(source instanceof HTMLTextAreaElement) || !label) continue;
  button.hidden = false;
  const plain = label.textContent;
  label.setAttribute('aria-live', 'polite');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      // Pages without https have no clipboard: what is selected is copied the old way.
      source.select();
      document.execCommand('copy');
    }
    label.textContent = button.dataset['mbCopied'] ?? plain;
    setTimeout(() => (label.textContent = plain), 3000);
  });
}
