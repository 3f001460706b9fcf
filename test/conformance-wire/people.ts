/** Browsers as a server sees them: cookies kept and sent by their rules, redirects shown instead of followed. */
import { addOperator, password } from '../support/login.ts';
import { beforeChat, startServer, type Server, type ServerOptions } from '../support/server.ts';
import { decodeForm, formBody, post, type Answer, type Json } from '../support/wire.ts';

/** A server that believes what a proxy says, so that each visitor of a test has an address of his own. */
export const startHost = (options: ServerOptions = {}): Promise<Server> =>
  startServer({ without: beforeChat, ...options, env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1', ...options.env } });

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Attributes in lower case; flags are ''. */
  readonly attributes: Readonly<Record<string, string>>;
}

function readCookie(line: string): Cookie {
  const [pair = '', ...rest] = line.split(/;\s*/);
  const split = (text: string): [string, string] => {
    const at = text.indexOf('=');
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  };
  const [name, value] = split(pair);
  return {
    name,
    value,
    attributes: Object.fromEntries(rest.map(split).map(([key, text]) => [key.toLowerCase(), text])),
  };
}
export const cookiesOf = (headers: Headers): Cookie[] => headers.getSetCookie().map(readCookie);

export interface Browser {
  readonly url: string;
  /** What it keeps. */
  readonly jar: Map<string, string>;
  /** Headers that go with each request, the cookies among them. */
  headers(more?: Readonly<Record<string, string>>): Record<string, string>;
  get(path: string, more?: Readonly<Record<string, string>>): Promise<Answer>;
  send(
    path: string,
    fields: Readonly<Record<string, string>>,
    more?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Posts a package as JSON. */
  json(path: string, pack: unknown, more?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Posts a package as the original's clients encode it. */
  form(path: string, pack: unknown, more?: Readonly<Record<string, string>>): Promise<Answer>;
}

let addresses = 0;

export function openBrowser(url: string, always: Readonly<Record<string, string>> = {}): Browser {
  const jar = new Map<string, string>();
  addresses += 1;
  const address = `10.7.${(addresses >> 8) & 255}.${addresses & 255}`;
  const keep = (headers: Headers) => {
    for (const { name, value, attributes } of cookiesOf(headers)) {
      if (attributes['max-age'] === '0') jar.delete(name);
      else jar.set(name, value);
    }
  };
  const browser: Browser = {
    url,
    jar,
    headers: (more = {}) => ({
      'x-forwarded-for': address,
      ...always,
      ...(jar.size > 0 && { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
      ...more,
    }),
    async get(path, more) {
      const response = await fetch(url + path, { redirect: 'manual', headers: browser.headers(more) });
      keep(response.headers);
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    async send(path, fields, more) {
      return posted(path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', more);
    },
    json: (path, pack, more) => posted(path, JSON.stringify(pack), 'application/json', more),
    form: (path, pack, more) =>
      posted(path, formBody(JSON.stringify(pack)), 'application/x-www-form-urlencoded; charset=UTF-8', more),
  };
  async function posted(path: string, body: string, type: string, more?: Readonly<Record<string, string>>) {
    const answer = await post(url + path, { headers: browser.headers(more) }, body, type);
    keep(answer.headers);
    return answer;
  }
  return browser;
}

/** A browser in which an operator is logged in. */
export interface Desk extends Browser {
  readonly id: number;
}

/** Logs in through the form. */
export async function logInAs(browser: Browser, login: string): Promise<Answer> {
  const form = await browser.get('/operator/login');
  const token = /name="csrf_token" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
  return browser.send('/operator/login', { login, password, csrf_token: token });
}

export async function openDesk(server: Server, login: string, name: string, ...flags: string[]): Promise<Desk> {
  addOperator(server, login, name, ...flags);
  const browser = openBrowser(server.url);
  const answer = await logInAs(browser, login);
  if (answer.status !== 302) throw new Error(`log-in was answered with ${answer.status}`);
  const page = await browser.get('/operator/users');
  const boot = bootOf(page.text) as { readonly agent: { readonly id: number } };
  return { ...browser, id: boot.agent.id };
}

/** What a page's app is started with. */
export function bootOf(html: string): Json {
  const text = /<script type="application\/json"[^>]*>([\s\S]*?)<\/script>/.exec(html)?.[1];
  if (text === undefined) throw new Error('the page has no boot object');
  return (JSON.parse(text) as { readonly boot: Json }).boot;
}

export interface Place {
  readonly id: number;
  readonly token: number;
}

/** Opens `/chat` as a link does. @returns the conversation that it led to */
export async function openChat(browser: Browser, query = ''): Promise<Place> {
  const { status, headers } = await browser.get(`/chat${query}`);
  const [, id, token] = /\/chat\/(\d{1,10})\/(\d{1,10})(?:$|\?)/.exec(headers.get('location') ?? '') ?? [];
  if (status !== 302 || !id || !token) throw new Error(`/chat was answered with ${status} ${headers.get('location')}`);
  return { id: Number(id), token: Number(token) };
}

interface Request {
  readonly token: string;
  readonly functions: readonly { readonly function: string; readonly arguments: Json }[];
}
export interface Package {
  readonly signature: string;
  readonly proto: string;
  readonly async: boolean;
  readonly requests: readonly Request[];
}
export const readPackage = (answer: Answer): Package => JSON.parse(answer.text) as Package;
export const readFormPackage = (answer: Answer): Package => decodeForm(answer.text) as Package;
/** Arguments of the `result`s of an answer, in order. */
export const resultsOf = (answer: Answer): Json[] => {
  if (answer.status !== 200) throw new Error(`answered with ${answer.status}: ${answer.text}`);
  return readPackage(answer).requests.map(({ functions }) => functions[0]!.arguments);
};

let serial = 0;
export interface Call {
  readonly function: string;
  readonly arguments: Json;
}
/** A request with these functions. */
export const request = (...functions: readonly Call[]): Request => ({ token: `wnd${(serial += 1)}`, functions });
export const pack = (...requests: readonly Request[]) => ({ signature: '', proto: '1.0', async: true, requests });
/** Each function as a request of its own. */
export const packOf = (...functions: readonly Call[]) => pack(...functions.map((one) => request(one)));

const returning = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
export const threadFunction =
  ({ id, token }: Place, user: boolean) =>
  (name: string, args: Json = {}, ...results: readonly string[]): Call => ({
    function: name,
    arguments: { threadId: id, token, user, ...args, references: {}, return: returning(results) },
  });
export const usersFunction =
  ({ id }: Desk) =>
  (name: string, args: Json = {}, ...results: readonly string[]): Call => ({
    function: name,
    arguments: { agentId: id, ...args, references: {}, return: returning(results) },
  });
export const thread = '/thread/update';
export const users = '/operator/users/update';

export interface WireMessage {
  readonly id: number;
  readonly kind: number;
  readonly created: number;
  readonly name: string | null;
  readonly message: string;
  readonly plugin: string;
  readonly data: unknown;
}

/** What somebody sees of a conversation from the first message on. */
export async function read(browser: Browser, place: Place, user: boolean): Promise<readonly WireMessage[]> {
  const call = threadFunction(place, user)('updateMessages', { lastId: 0 }, 'messages', 'lastId');
  const [result] = resultsOf(await browser.json(thread, packOf(call)));
  if (result?.['errorCode'] !== 0) throw new Error(JSON.stringify(result));
  return result['messages'] as WireMessage[];
}
/** The state of a conversation, which counts as a sign of life. */
export async function ping(browser: Browser, place: Place, user: boolean, typed = false): Promise<Json> {
  const call = threadFunction(place, user)(
    'update',
    { typed, lastId: 0 },
    'threadState',
    'threadAgentId',
    'typing',
    'canPost',
  );
  return resultsOf(await browser.json(thread, packOf(call)))[0]!;
}
export const say = (browser: Browser, place: Place, user: boolean, message: string) =>
  browser
    .json(thread, packOf(threadFunction(place, user)('post', { message })))
    .then((answer) => resultsOf(answer)[0]!);
/** Takes a conversation as the original's client does: by opening its address. */
export const take = (desk: Browser, { id }: Place, query = '') => desk.get(`/operator/chat/${id}${query}`);
