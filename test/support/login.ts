/** Operators for tests and benches: made on the command line, logged in through the form. */
import type { Server } from './server.ts';

export const password = 'a long enough password';

/** Cookies of a response, as a request sends them back. */
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ');

/** Makes an operator. */
export function addOperator(server: Server, login: string, name = login, ...flags: readonly string[]): void {
  const args = ['operator', 'add', '--login', login, '--name', name, '--email', `${login}@example.com`, ...flags];
  const { code, output } = server.command([...args, '--password-stdin'], password);
  if (code !== 0) throw new Error(`operator add ended with ${code}: ${output}`);
}

/** Makes an operator and logs him in. @returns headers that carry his session */
export async function logIn(server: Server, login = 'ann', base = '', name = login): Promise<Record<string, string>> {
  addOperator(server, login, name);
  const address = `${server.url}${base}/operator/login`;
  const form = await fetch(address);
  const token = /name="csrf_token" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
  const answer = await fetch(address, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(form), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ login, password, csrf_token: token }).toString(),
  });
  const session = cookiesOf(answer);
  if (!session.includes('MibewSessionID')) throw new Error(`log-in was answered with ${answer.status}`);
  return { cookie: session };
}
