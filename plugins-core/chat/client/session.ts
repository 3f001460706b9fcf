/** Transport and outbox of a page: one of each for all conversations on it. */
import {
  createOutbox,
  createTransport,
  followPage,
  hostEnvironment,
  threadInteraction,
} from '../../client/client/index.ts';
import type { KeyValue, Outbox, PageStorage, Transport } from '../../client/client/index.ts';
import { postThrough } from './conversation.ts';

export interface Session {
  readonly transport: Transport;
  readonly outbox: Outbox;
  stop(): void;
}

export interface SessionOptions {
  readonly server: { readonly url: string; readonly requestsFrequency: number };
  readonly user: boolean;
  /** `visitor`, or `agent-3`. */
  readonly owner: string;
  readonly storage: PageStorage;
  readonly session: KeyValue;
  /** In front of all keys of the outbox. */
  readonly prefix: string;
  readonly visitor?: () => string | undefined;
}

export function createSession(options: SessionOptions): Session {
  const environment = hostEnvironment();
  const transport = createTransport({
    ...options.server,
    interaction: threadInteraction,
    environment,
    visitor: options.visitor,
  });
  const { storage, session, prefix, owner } = options;
  const send = postThrough(transport, options.user);
  const outbox = createOutbox({ storage, session, prefix, owner, send, environment });
  transport.runUpdater();
  const unfollow = followPage({ transports: [transport], outbox });
  return {
    transport,
    outbox,
    stop() {
      unfollow();
      outbox.stop();
      transport.stop();
    },
  };
}
