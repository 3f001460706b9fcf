/** A browser that keeps cookies and fills in forms, in front of a kernel in this process. */
import type { TestKernel } from '../../../kernel/testing.ts';

export interface Browser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Opens the page, takes its CSRF token, posts the form to `action` (the page itself unless given). */
  submit(page: string, fields: Record<string, string>, action?: string): Promise<Response>;
}

export const tokenIn = (html: string): string => /name="csrf_token" value="([^"]+)"/.exec(html)?.[1] ?? '';

export function createBrowser(kernel: Pick<TestKernel, 'request'>): Browser {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: Omit<RequestInit, 'headers'> & { headers: Record<string, string> }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...init.headers };
    const response = await kernel.request(path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.some((one) => one.toLowerCase() === 'max-age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const browser: Browser = {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost', ...headers },
      }),
    async submit(page, fields, action = page) {
      const html = await (await browser.get(page)).text();
      return browser.post(action, { csrf_token: tokenIn(html), ...fields });
    },
  };
  return browser;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#39': "'",
  '#x3D': '=',
  '#x60': '`',
};
const decoded = (text: string) => text.replaceAll(/&([\w#]+);/g, (whole, name: string) => entities[name] ?? whole);

/** What a browser would post of the fields on a page, if nobody changed them. */
export function fieldsIn(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const attribute = (tag: string, name: string) => {
    const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
    return found === undefined ? undefined : decoded(found);
  };
  for (const [, tag = ''] of html.matchAll(/<input(\s[^>]*)>/g)) {
    const name = attribute(tag, 'name');
    const ticked = !/type="(?:checkbox|radio)"/.test(tag) || /\schecked/.test(tag);
    if (name !== undefined && ticked) fields[name] = attribute(tag, 'value') ?? 'on';
  }
  for (const [, tag = '', text = ''] of html.matchAll(/<textarea(\s[^>]*)>\n?([^<]*)</g))
    fields[attribute(tag, 'name') ?? ''] = decoded(text);
  for (const [, tag = '', options = ''] of html.matchAll(/<select(\s[^>]*)>([^]*?)<\/select>/g)) {
    const chosen =
      /<option(\s[^>]*\sselected[^>]*)>/.exec(options)?.[1] ?? /<option(\s[^>]*)>/.exec(options)?.[1] ?? '';
    fields[attribute(tag, 'name') ?? ''] = attribute(chosen, 'value') ?? '';
  }
  return fields;
}
