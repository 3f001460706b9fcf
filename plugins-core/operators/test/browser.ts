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
