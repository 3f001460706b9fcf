/** Entry of the bundle: a part of other apps' forms, and on pages of the server an app of its own. */
import { apps, createUi } from '../../client/client/index.ts';
import type { AppStart } from '../../views/api.ts';
import { mountCaptcha } from './captcha.ts';

apps.define('captcha', mountCaptcha);

/** On a page: the form around the place waits for the solution. */
export function start({ root, boot, templates, texts }: AppStart): void {
  const form = root instanceof HTMLElement ? root.closest('form') : null;
  if (!form) throw new Error('there is no form around the captcha');
  mountCaptcha(root as HTMLElement, {
    ui: createUi({ templates, texts }),
    url: (boot as { readonly url: string }).url,
    form,
  });
}
