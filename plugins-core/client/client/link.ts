/** One socket from its opening to its end: hello, texts, loss. */
import { toJson } from './json.ts';
import type { Environment, SocketLike } from './environment.ts';
import { decode } from './wire.ts';
import type { Incoming } from './wire.ts';

/** Close codes of the server. */
export const closeCodes = { refused: 4403, noHello: 4408, goingAway: 4503, slowReader: 4429 } as const;

export interface Loss {
  /** The socket was open, whatever came of it. */
  readonly opened: boolean;
  /** The server had answered our hello. */
  readonly ready: boolean;
  readonly code: number;
}

export interface Link {
  send(text: string): void;
  /** Ends it; nothing is reported any more. */
  close(): void;
  /** Ends it as if it had broken: a socket that no longer answers. */
  drop(): void;
}

interface LinkOptions {
  readonly environment: Environment;
  readonly url: string;
  readonly hello: Readonly<Record<string, unknown>>;
  /** Milliseconds until the server must have answered our hello. */
  readonly timeout: number;
  readonly onReady: (heartbeat: number | undefined) => void;
  readonly onIncoming: (incoming: Incoming) => void;
  readonly onLost: (loss: Loss) => void;
}

/** `https://host/path` → `wss://host/path`; relative addresses are resolved against the page. */
export function socketAddress(url: string, base: string | undefined = globalThis.location?.href): string {
  return new URL(url, base).href.replace(/^http/, 'ws');
}

export function openLink({ environment, url, hello, timeout, onReady, onIncoming, onLost }: LinkOptions): Link {
  let state: 'opening' | 'ready' | 'over' = 'opening';
  let opened = false;
  let socket: SocketLike | undefined;
  const patience = environment.setTimeout(() => lose(closeCodes.noHello), timeout);

  function end(): boolean {
    const ready = state === 'ready';
    state = 'over';
    environment.clearTimeout(patience);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // `ws` throws an error event that nobody listens to, so one listener stays.
      socket.onerror = () => undefined;
      socket.close();
    }
    return ready;
  }

  function lose(code: number): void {
    if (state === 'over') return;
    onLost({ opened, ready: end(), code });
  }

  function read(data: unknown): void {
    const incoming = decode(String(data));
    if (incoming.kind === 'hello') {
      state = 'ready';
      environment.clearTimeout(patience);
      return onReady(incoming.heartbeat);
    }
    // A refusal before the hello was answered is followed by close code 4403.
    if (state === 'ready') onIncoming(incoming);
  }

  try {
    socket = environment.openSocket?.(url);
  } catch {
    // The policy of the page forbids this socket.
  }
  if (socket) {
    socket.onopen = () => {
      opened = true;
      socket?.send(toJson({ hello }));
    };
    socket.onmessage = (event: { data?: unknown }) => read(event.data);
    socket.onclose = (event: { code?: number }) => lose(event.code ?? 1006);
    socket.onerror = () => lose(1006);
  } else {
    environment.setTimeout(() => lose(1006), 0);
  }

  return {
    send: (text) => socket?.send(text),
    close: () => void end(),
    drop: () => lose(1006),
  };
}
