/** The product under load: started as a user starts it, with visitors who have a conversation each. */
import { randomBytes } from 'node:crypto';
import { beforeChat, startServer, type Server } from '../test/support/server.ts';
import { openConnection, postRequest, type Connection } from './load.ts';

export interface BenchVisitor {
  readonly secret: string;
  readonly threadId: number;
  readonly token: number;
  readonly connection: Connection;
  /** Functions of one package, each a request of its own; resolves to the decoded answer. */
  call(...functions: readonly WireFunction[]): Promise<string>;
}
export interface WireFunction {
  readonly function: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

let counter = 0;
/** A package with one request for each function, and fresh tokens. */
export const packageOf = (functions: readonly WireFunction[]): string =>
  JSON.stringify({
    signature: '',
    proto: '1.0',
    async: true,
    requests: functions.map((one) => ({ token: `wnd${Date.now()}${(counter += 1)}`, functions: [one] })),
  });

/** Starts the built server as it ships; every visitor of the bench comes from an address of his own. */
export function startProduct(env: Readonly<Record<string, string>> = {}): Promise<Server> {
  return startServer({ built: true, without: beforeChat, env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1', ...env } });
}

/**
 * Starts the built server without limits on how quickly one visitor may write: a few connections stand for many.
 * @param pluginFolders folders of plugins besides
 */
export async function startUnlimited(
  env: Readonly<Record<string, string>> = {},
  pluginFolders: readonly string[] = [],
): Promise<Server> {
  const rpc = { packagesPerSecond: 1_000_000, packagesAtOnce: 1_000_000 };
  const config = `export default ${JSON.stringify({ plugins: { rpc }, pluginFolders })};`;
  const server = await startServer({
    built: true,
    without: beforeChat,
    config,
    env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1', ...env },
  });
  const { code, output } = server.command(['setting', 'set', 'message_rate', '0']);
  if (code !== 0) throw new Error(`the limit could not be lifted: ${output}`);
  return server;
}

/** A visitor with an open conversation and a kept-alive connection. */
export async function openVisitor(server: Server, index: number): Promise<BenchVisitor> {
  const secret = randomBytes(32).toString('base64url');
  const connection = await openConnection(server.port);
  const headers = { 'X-Mibew-Visitor': secret, 'X-Forwarded-For': `10.0.${index >> 8}.${index & 255}` };
  const call = async (...functions: readonly WireFunction[]) => {
    const { status, body } = await connection.send(postRequest('/thread/update', packageOf(functions), headers));
    if (status !== 200) throw new Error(`the server answered ${status}: ${body}`);
    return body;
  };
  const none = { references: {}, return: {} };
  const started = await call({
    function: 'start',
    arguments: { threadId: null, token: null, ...none, return: { options: 'options' } },
  });
  const found = findThread(JSON.parse(started));
  await call({
    function: 'update',
    arguments: { threadId: found.id, token: found.token, user: true, typed: false, lastId: 0, ...none },
  });
  return { secret, threadId: found.id, token: found.token, connection, call };
}

/** `thread {id, token}` lies somewhere in the options. */
function findThread(value: unknown): { id: number; token: number } {
  const visit = (node: unknown): { id: number; token: number } | undefined => {
    if (typeof node !== 'object' || node === null) return undefined;
    const thread = (node as { thread?: { id?: number; token?: number } }).thread;
    if (typeof thread?.id === 'number' && typeof thread.token === 'number')
      return { id: thread.id, token: thread.token };
    for (const child of Object.values(node)) {
      const found = visit(child);
      if (found) return found;
    }
    return undefined;
  };
  const found = visit(value);
  if (!found) throw new Error(`start gave no thread: ${JSON.stringify(value)}`);
  return found;
}

/** The two requests of a poll, as browsers send them. */
export const pollOf = (visitor: Pick<BenchVisitor, 'threadId' | 'token'>, lastId: number): WireFunction[] => [
  {
    function: 'updateMessages',
    arguments: {
      threadId: visitor.threadId,
      token: visitor.token,
      user: true,
      lastId,
      references: {},
      return: { messages: 'messages', lastId: 'lastId' },
    },
  },
  {
    function: 'update',
    arguments: {
      threadId: visitor.threadId,
      token: visitor.token,
      user: true,
      typed: false,
      lastId,
      references: {},
      return: { threadState: 'threadState', threadAgentId: 'threadAgentId', typing: 'typing', canPost: 'canPost' },
    },
  },
];

/** A post with a fresh key. */
export const postOf = (visitor: Pick<BenchVisitor, 'threadId' | 'token'>, message: string): WireFunction => ({
  function: 'post',
  arguments: {
    threadId: visitor.threadId,
    token: visitor.token,
    user: true,
    message,
    key: randomBytes(12).toString('base64url'),
    references: {},
    return: { id: 'id', created: 'created' },
  },
});
