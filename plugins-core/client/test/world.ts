/** A server in memory behind the seams of the transport: sockets and POST, with every way to fail. */
import { createTransport, threadInteraction } from '../client/index.ts';
import type { Environment, SocketLike, Transport } from '../client/index.ts';
import type { TransportOptions } from '../client/index.ts';

type Args = Record<string, unknown>;
interface Request {
  token: string;
  functions: { function: string; arguments: Args }[];
}

/** Answers one function: results, or an error code. */
type Answer = (name: string, args: Args) => Args;

export interface World {
  readonly environment: Environment;
  /** Functions as they ran, in order: name and arguments, with the carrier. */
  readonly ran: { carrier: 'socket' | 'post'; name: string; args: Args }[];
  readonly packages: Request[][];
  readonly hellos: unknown[];
  readonly posts: { headers: Record<string, string>; credentials: string }[];
  /** Results that the client sent to calls of the server. */
  readonly results: Request[];
  answer: Answer;
  /** Answers are lost on their way, though everything has run. */
  dropAnswers: boolean;
  /** POST: refused connection, or a status with a body. */
  post: 'ok' | 'down' | 'hang' | { status: number; body?: string; headers?: Record<string, string> };
  socket: 'ok' | 'refused' | 'silent' | 'forbidden' | { close: number };
  /** Requests that the server puts into the next answer. */
  buffered: Request[];
  /** Refuses a package; undefined lets it run. */
  refuse(requests: Request[]): { code: number; name: string; message: string } | undefined;
  readonly sockets: { push(requests: Request[]): void; cut(code?: number): void; text(text: string): void }[];
  transport(options?: Partial<TransportOptions>): Transport;
}

const encode = (requests: Request[]) => JSON.stringify({ signature: '', proto: '1.0', async: true, requests });
export const call = (name: string, args: Args = {}, token = 'server1'): Request => ({
  token,
  functions: [{ function: name, arguments: { references: [], return: [], ...args } }],
});

export function createWorld(): World {
  const run = (carrier: 'socket' | 'post', requests: Request[]): Request[] => {
    world.packages.push(requests);
    const replies: Request[] = [];
    for (const request of requests) {
      if (request.functions.some((each) => each.function === 'result')) {
        world.results.push(request);
        continue;
      }
      const reply: Args = { threadId: null, token: null, references: [], return: [], errorCode: 0 };
      for (const each of request.functions) {
        world.ran.push({ carrier, name: each.function, args: each.arguments });
        const result = world.answer(each.function, each.arguments);
        if (result.errorCode) {
          Object.assign(reply, { errorCode: result.errorCode, errorMessage: result.errorMessage ?? '' });
          break;
        }
        for (const [key, alias] of Object.entries((each.arguments.return ?? {}) as Record<string, string>))
          reply[alias] = result[key];
      }
      replies.push({ token: request.token, functions: [{ function: 'result', arguments: reply }] });
    }
    return [...world.buffered.splice(0), ...replies];
  };

  const read = (body: string) => (JSON.parse(body) as { requests: Request[] }).requests;
  const refusal = (requests: Request[]) => {
    const error = world.refuse(requests);
    return error && JSON.stringify({ error, tokens: requests.map((request) => request.token) });
  };

  function openSocket(): SocketLike {
    if (world.socket === 'forbidden') throw new Error('SecurityError');
    let open = true;
    let greeted = false;
    const events = (name: 'onopen' | 'onmessage' | 'onclose' | 'onerror', event: object) =>
      queueMicrotask(() => open && (socket[name] as ((event: object) => void) | null)?.(event));
    const cut = (code = 1006) =>
      queueMicrotask(() => {
        if (!open) return;
        open = false;
        (socket.onclose as ((event: object) => void) | null)?.({ code });
      });
    const socket: SocketLike = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      close: () => void (open = false),
      send(text) {
        if (!open) return;
        const frame = JSON.parse(text) as { hello?: unknown };
        if (!greeted) {
          greeted = true;
          world.hellos.push(frame.hello);
          if (world.socket === 'ok') events('onmessage', { data: JSON.stringify({ hello: { heartbeat: 20 } }) });
          else if (typeof world.socket === 'object') cut(world.socket.close);
          return;
        }
        const requests = read(text);
        const refused = refusal(requests);
        const answer = refused ?? encode(run('socket', requests));
        if (!world.dropAnswers) events('onmessage', { data: answer });
      },
    };
    if (world.socket === 'refused') cut();
    else events('onopen', {});
    world.sockets.push({
      push: (requests) => events('onmessage', { data: encode(requests) }),
      text: (data) => events('onmessage', { data }),
      cut,
    });
    return socket;
  }

  const world: World = {
    ran: [],
    packages: [],
    hellos: [],
    posts: [],
    results: [],
    buffered: [],
    sockets: [],
    answer: () => ({}),
    dropAnswers: false,
    post: 'ok',
    socket: 'ok',
    refuse: () => undefined,
    environment: {
      async fetch(_url, options) {
        world.posts.push({ headers: options.headers, credentials: options.credentials });
        const hang = () =>
          new Promise<never>((_, reject) =>
            options.signal.addEventListener('abort', () => reject(new Error('aborted'))),
          );
        if (world.post === 'down') throw new TypeError('Failed to fetch');
        if (world.post === 'hang') return hang();
        const answer = (status: number, body: string, headers: Record<string, string> = {}) => ({
          status,
          headers: { get: (name: string) => headers[name] ?? null },
          text: async () => body,
        });
        if (typeof world.post === 'object') return answer(world.post.status, world.post.body ?? '', world.post.headers);
        const requests = read(options.body);
        const refused = refusal(requests);
        if (refused) return answer(403, refused);
        const replies = run('post', requests);
        if (world.dropAnswers) return hang();
        return answer(200, replies.length > 0 ? encode(replies) : '');
      },
      openSocket,
      setTimeout: (fn, ms) => setTimeout(fn, ms),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
      now: () => Date.now(),
      random: () => 1,
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    },
    transport: (options) =>
      createTransport({
        url: 'https://chat.example/thread/update',
        interaction: threadInteraction,
        environment: world.environment,
        onError: () => undefined,
        ...options,
      }),
  };
  return world;
}
