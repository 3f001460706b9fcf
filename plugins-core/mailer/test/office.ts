/** Starts the mail server of the tests and listens to what it says. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { News, Treatment } from './post-office.ts';

type Arrived = Extract<News, { kind: 'arrived' }>;
export interface Office {
  readonly port: number;
  readonly url: string;
  /** Everything that came in, each time it came in. */
  arrivals(): Promise<readonly Arrived[]>;
  /** Connections so far. */
  connections(): Promise<number>;
  /** What to do with the next connections; `take` after that. */
  next(...treatments: readonly Treatment[]): Promise<void>;
  /** Resolves when there is news of a kind that nobody waited for yet. */
  heard<K extends News['kind']>(kind: K): Promise<Extract<News, { kind: K }>>;
  /** Mails as a mailbox shows them: one per Message-ID. */
  mailbox(): Promise<ReadonlyMap<string, Arrived>>;
  close(): Promise<void>;
}

export async function openOffice(options: Readonly<Record<string, unknown>> = {}): Promise<Office> {
  const script = fileURLToPath(new URL('post-office.ts', import.meta.url));
  const child = fork(script, [JSON.stringify(options)], { execArgv: ['--import', 'tsx'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const unheard: News[] = [];
  const waiting: { kind: News['kind']; resolve: (news: News) => void }[] = [];
  const arrivals: Arrived[] = [];
  let connections = 0;
  child.on('message', (news: News) => {
    if (news.kind === 'arrived') arrivals.push(news);
    if (news.kind === 'connection') connections++;
    const index = waiting.findIndex(({ kind }) => kind === news.kind);
    if (index < 0) unheard.push(news);
    else waiting.splice(index, 1)[0]!.resolve(news);
  });
  const heard = <K extends News['kind']>(kind: K) => {
    const index = unheard.findIndex((news) => news.kind === kind);
    if (index >= 0) return Promise.resolve(unheard.splice(index, 1)[0] as Extract<News, { kind: K }>);
    return new Promise<Extract<News, { kind: K }>>((resolve) => waiting.push({ kind, resolve: resolve as never }));
  };
  const { port } = await heard('listening');
  /** News travel on another way than mails: after the answer to this, all of them are here. */
  const order = async (...treatments: readonly Treatment[]) => {
    child.send(treatments);
    await heard('understood');
  };
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    async arrivals() {
      await order();
      return arrivals;
    },
    async connections() {
      await order();
      return connections;
    },
    next: order,
    heard,
    async mailbox() {
      await order();
      return new Map(arrivals.map((mail) => [mail.messageId, mail]));
    },
    async close() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
