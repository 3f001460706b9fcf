/** The original's global on a page that still carries its codes, and our launcher behind it. */
import type { Conversation } from '../api.ts';

/** The one global, whoever made it first: a list of calls, the launcher, or one of these scripts. */
export interface CompatPage {
  push(...calls: readonly (readonly unknown[])[]): unknown;
  Objects?: { ChatPopups?: Record<string, unknown>; widget?: unknown };
  Utils?: object;
  ChatPopup?: object;
  Widget?: object;
  APIFunctions?: Record<string, unknown>;
  Invitation?: object;
}

/** The launcher takes over what lies here, so it is asked for anew each time. */
export function thePage(): CompatPage {
  const holder = window as unknown as { Mibew?: CompatPage };
  return (holder.Mibew = holder.Mibew || ([] as unknown as CompatPage));
}
export const objects = (): NonNullable<CompatPage['Objects']> => {
  const page = thePage();
  return (page.Objects = page.Objects || {});
};

/** This script's own element: it has to be asked for while the script runs. */
const current = document.currentScript as HTMLScriptElement | null;
/** Address of the installation, with a slash at its end. */
const base = current ? current.src.replace(/js\/compiled\/[^/]*$/, '') : '';
const mark = 'data-mibew-compat';

export interface LauncherNeeds {
  readonly secure: boolean;
  /** The launcher did not come. */
  readonly failed?: () => void;
}

/**
 * Loads the launcher without a button of its own, once per page.
 * @param data attributes of its element, without `data-`; also for one that is on its way
 */
export function loadLauncher(data: Readonly<Record<string, string>>, { secure, failed }: LauncherNeeds): void {
  let script = document.querySelector<HTMLScriptElement>(`script[${mark}]`);
  const found = script;
  if (!script) {
    // The page has one of its own.
    if ('open' in thePage()) return;
    script = document.createElement('script');
    script.setAttribute(mark, '');
    script.setAttribute('data-button', 'none');
    script.async = true;
    script.nonce = (current && (current.nonce || current.getAttribute('nonce'))) || '';
    script.src = `${secure ? base.replace(/^http:/, 'https:') : base}mibew.js`;
  }
  for (const name of Object.keys(data)) if (data[name]) script.setAttribute(`data-${name}`, data[name]);
  if (failed) script.addEventListener('error', failed);
  if (!found) document.head.appendChild(script);
}

/** What an address of the chat asks for: `…/chat?locale=de&group=3&operator_code=zoe`. */
export function conversationOf(address: string): Conversation {
  const query = (address.split('#')[0] || '').split('?')[1] || '';
  const asked: Record<string, string> = {};
  for (const pair of query.split('&')) {
    const [name, value = ''] = pair.split('=');
    try {
      asked[name!] = decodeURIComponent(value.replace(/\+/g, ' '));
    } catch {
      // Nonsense in the address asks for nothing.
    }
  }
  const { locale, group, operator_code: operatorCode, info, name, email } = asked;
  const all: Record<string, string | undefined> = { locale, group, operatorCode, info, name, email };
  for (const key of Object.keys(all)) if (!all[key]) delete all[key];
  return all;
}
