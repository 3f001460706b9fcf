/** A site with visitors on it: a server that follows them, and a plugin by which the bench reaches into it. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addOperator } from '../test/support/login.ts';
import { beforeChat, startServer, type Server } from '../test/support/server.ts';
import { openConnection, type Connection } from './load.ts';

/** Whoever comes to this page is invited at once. */
export const invitingPage = 'https://shop.example/invite';

const manifest = {
  name: 'mibew-plugin-bench',
  version: '1.0.0',
  type: 'module',
  engines: { mibew: '^1.0.0' },
  mibew: {
    id: 'bench',
    plugin: './plugin.js',
    plugins: { invitation: '^1.0.0', operators: '^1.0.0', tracking: '^1.0.0', widget: '^1.0.0' },
  },
};
const code = `import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { definePlugin, open } from 'mibew/kernel';
import { invitations } from 'mibew/plugins/invitation';
import { operators } from 'mibew/plugins/operators';
import { tracking, visitorTracked } from 'mibew/plugins/tracking';
import { widget, widgetPages } from 'mibew/plugins/widget';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
export default definePlugin({
  id: 'bench',
  needs: { invitations, operators, tracking, widget },
  setup(ctx) {
    const { use } = ctx;
    let operator;
    const invite = async (id) => {
      operator ??= (await use.operators.list())[0];
      await use.invitations.invite(id, operator);
    };
    // As rules do: no page waits for it.
    ctx.on(visitorTracked, ({ visitor, navigated }) => {
      if (navigated && visitor.page?.address === ${JSON.stringify(invitingPage)}) void invite(visitor.id);
    });
    const route = (name, handler) => ctx.route({ name, method: 'GET', path: '/' + name, access: open, handler });
    route('memory', (context) => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return context.json({ bytes: heapUsed + external, pid: process.pid, present: use.tracking.present().length });
    });
    route('push', (context) =>
      context.json({ reached: use.widget.push(widgetPages, { handlers: ['benchMark'], data: { mark: context.req.query('mark') } }) }),
    );
  },
});
`;

export interface Site {
  readonly server: Server;
  /** Secrets of the visitors who are there. */
  readonly visitors: string[];
  /** Lets so many visitors come. */
  fill(count: number): Promise<void>;
  memory(): Promise<{ readonly bytes: number; readonly pid: number; readonly present: number }>;
  push(mark: string): Promise<{ readonly reached: number }>;
  stop(): Promise<void>;
}

export const addressOf = (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

/** Bytes of a request as the original's script in a page sends it. */
export const contactOf = (secret: string, page: string, index: number): Buffer =>
  Buffer.from(
    [
      `GET /widget?entry=https%3A%2F%2Fsearch.example%2F&locale=en&rnd=0.5&user_id=${secret}&silent=0 HTTP/1.1`,
      'Host: localhost',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
      `Referer: ${page}`,
      'Cookie: mibewRndValue=0.5',
      `X-Forwarded-For: ${addressOf(index)}`,
      '',
      '',
    ].join('\r\n'),
  );

const together = 32;

export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'mibew-bench-'));
  const root = join(folder, 'bench');
  mkdirSync(root);
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(root, 'plugin.js'), code);
  const rpc = { packagesPerSecond: 1_000_000, packagesAtOnce: 1_000_000 };
  const server = await startServer({
    built: true,
    without: beforeChat,
    with: ['tracking', 'invitation'],
    config: `export default ${JSON.stringify({ plugins: { rpc }, pluginFolders: [root] })};`,
    env: { MIBEW_TRUSTED_PROXIES: '127.0.0.1' },
  });
  addOperator(server, 'ann', 'Ann');
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${server.url}/plugins/bench/${path}`);
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const visitors: string[] = [];
  let connections: Connection[] = [];
  return {
    server,
    visitors,
    async fill(count) {
      if (connections.length === 0)
        connections = await Promise.all(Array.from({ length: together }, () => openConnection(server.port)));
      const first = visitors.length;
      for (let index = 0; index < count; index += 1) visitors.push(randomBytes(32).toString('base64url'));
      let next = first;
      await Promise.all(
        connections.map(async (connection) => {
          while (next < visitors.length) {
            const index = (next += 1) - 1;
            const page = `https://shop.example/page/${index}`;
            const { status, body } = await connection.send(contactOf(visitors[index]!, page, index));
            if (status !== 200) throw new Error(`a visitor was answered with ${status}: ${body}`);
          }
        }),
      );
    },
    memory: () => ask('memory'),
    push: (mark) => ask(`push?mark=${mark}`),
    async stop() {
      for (const connection of connections) connection.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
