/** An outbox over a real database and a real mail server, with a clock that the test turns. */
import type { Logger } from '../../../kernel/index.ts';
import type { TestDatabase } from '../../database/testing.ts';
import { createDelivery, type DeliveryNeeds } from '../delivery.ts';
import { createOutbox } from '../outbox.ts';
import { parseServer, type Encryption } from '../server-address.ts';
import { createSmtp, type Timeouts } from '../smtp.ts';
import { createStore } from '../store.ts';
import { createTemplates } from '../templates.ts';

export const mailbox = { name: 'Help', address: 'help@shop.example' };
/** Long enough for a busy machine, short enough for a test of silence. */
export const timeouts: Timeouts = { connection: 20_000, greeting: 20_000, answer: 20_000 };

const texts: Readonly<Record<string, string>> = {
  'tea.mail.order.subject': 'Order of {0}',
  'tea.mail.order.body': 'Hello {0},\nyou asked for {1}.\n',
};
const locales = {
  text: (_locale: string, key: string, args: object = {}) =>
    Object.entries(args).reduce(
      (text, [name, value]) => text.replaceAll(`{${name}}`, String(value)),
      texts[key] ?? key,
    ),
  available: () => [],
};

export interface PostOptions {
  readonly url?: string | undefined;
  readonly encryption?: Encryption;
  readonly attempts?: number;
  readonly timeouts?: Partial<Timeouts>;
  readonly carrier?: DeliveryNeeds['carrier'];
  readonly now?: () => number;
}

export function openPost(db: TestDatabase, options: PostOptions = {}) {
  const clock = { now: 1_700_000_000_000 };
  const now = options.now ?? (() => clock.now);
  const store = createStore(db);
  const templates = createTemplates(db, locales);
  templates.add({ name: 'order', placeholders: ['name', 'what'] }, { id: 'tea' });
  /** What waits for its time: mail → when. */
  const due = new Map<number, number>();
  const pauses: number[] = [];
  const settled: { id: number; state: string; reason: string }[] = [];
  const logged: { level: string; fields: object; message: string | undefined }[] = [];
  const write = (level: string) => (fields: object, message?: string) => void logged.push({ level, fields, message });
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  } satisfies Logger;
  const schedule = async (id: number, at: number) => {
    if (at > now()) pauses.push(at - now());
    due.set(id, at);
  };
  const stopping = new AbortController();
  const server = options.url === undefined ? undefined : parseServer(options.url, options.encryption);
  const carrier = options.carrier ?? (server && createSmtp(server, mailbox, { ...timeouts, ...options.timeouts }));
  const deliver = createDelivery({
    store,
    carrier,
    attempts: options.attempts ?? 5,
    log,
    schedule,
    explain: ({ cause }) => `plainly: ${cause}`,
    settled: async ({ id }, state, reason) => void settled.push({ id, state, reason }),
    stopping: stopping.signal,
    now,
    random: () => 0.5,
  });
  const outbox = createOutbox({
    store,
    templates,
    delivers: server !== undefined,
    domain: 'shop.example',
    schedule,
    now,
  });
  return {
    clock,
    store,
    templates,
    outbox,
    deliver,
    due,
    pauses,
    settled,
    logged,
    stopping,
    send: (more: object = {}) =>
      outbox.send({
        template: 'order',
        locale: 'en',
        to: 'ann@example.com',
        values: { name: 'Ann', what: 'tea' },
        ...more,
      }),
    /** Turns the clock to what is due next, and does it; as often as there is something, or as told. */
    async work(times = 50): Promise<number> {
      for (let n = 0; n < times; n++) {
        const [next] = [...due].toSorted(([, one], [, other]) => one - other);
        if (!next) return n;
        due.delete(next[0]);
        clock.now = Math.max(clock.now, next[1]);
        await deliver(next[0]);
      }
      return times;
    },
  };
}
