/** One socket: hello first, then packages one after the other, until one side has had enough. */
import type { WebSocket } from 'ws';
import {
  type CallerRequest,
  type CarrierSession,
  type Refusal,
  rpcCodes,
  rpcLimits,
  type RunOutcome,
} from '../rpc/api.ts';
import { closeCodes, heartbeatFrame } from './api.ts';

export interface SocketLimits {
  /** Seconds between two signs of life. */
  readonly heartbeat: number;
  /** Milliseconds within which hello has to come. */
  readonly hello: number;
  /** Bytes that may wait for a reader. */
  readonly unread: number;
}

/** What a socket asks of those around it. */
export interface SocketNeeds {
  readonly processor: string;
  readonly limits: SocketLimits;
  /** What the caller is identified by, with the secret of his hello. */
  readonly request: (visitor: string | undefined) => CallerRequest;
  readonly identify: (request: CallerRequest) => Promise<unknown>;
  readonly run: (caller: unknown, text: string, request: CallerRequest, session: CarrierSession) => Promise<RunOutcome>;
  readonly refuse: (refusal: Refusal['refusal'], text?: string) => RunOutcome;
  readonly socketKey: (caller: unknown) => string | undefined;
  /** The caller showed a sign of life. */
  readonly alive: (caller: unknown, topics: ReadonlySet<string>) => void | Promise<void>;
  /** The caller closed the page. */
  readonly left: (caller: unknown, topics: ReadonlySet<string>) => void | Promise<void>;
  readonly subscribed: (socket: Socket, topic: string) => void;
  readonly unsubscribed: (socket: Socket, topic: string) => void;
  readonly failed: (error: unknown) => void;
  /** The caller is known. */
  readonly greeted: (socket: Socket) => void;
  readonly closed: (socket: Socket) => void;
}

export interface Socket {
  /** See ProcessorSpec; undefined until hello. */
  readonly key: string | undefined;
  readonly processor: string;
  /** A slow reader is cut off instead. @returns whether it was sent */
  send(text: string | Buffer): boolean;
  unsubscribe(topic: string): void;
  close(code: number, reason: string): void;
  /** Ends what runs, then closes. Resolves when the socket is gone. */
  leave(code: number, reason: string): Promise<void>;
  /** Asks for a sign of life; cuts the socket off when there was none for too long. */
  beat(now: number): void;
  terminate(): void;
}

const faults = {
  hello: {
    status: 403,
    code: rpcCodes.helloExpected,
    name: 'HELLO_EXPECTED',
    message: 'The first frame is {"hello": {…}}; packages come after its answer',
  },
  binary: { status: 400, code: rpcCodes.binaryFrame, name: 'BINARY_FRAME', message: 'Packages are text frames' },
  tooLarge: {
    status: 413,
    code: rpcCodes.bodyTooLarge,
    name: 'BODY_TOO_LARGE',
    message: `A package has at most ${rpcLimits.bytes} bytes`,
  },
  internal: {
    status: 403,
    code: rpcCodes.internal,
    name: 'INTERNAL_ERROR',
    message: 'The server could not do this: try again later',
  },
} as const satisfies Record<string, Refusal['refusal']>;

/** Packages that may wait for the one that runs, before no more are read. */
const waitingAtMost = 16;
/** Refused frames before hello, after which the peer is no client of ours. */
const nonsenseAtMost = 16;
/** What browsers close with when a page is closed or left for another one; a network that breaks has no such words. */
const pageLeft = 1001;
/** Time for the last words of a socket that is closed. */
const farewell = 5_000;

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refusal' in value;

/** @returns undefined when the frame is no hello */
function readHello(text: string): { readonly visitor: string | undefined } | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof frame !== 'object' || frame === null || !Object.hasOwn(frame, 'hello')) return undefined;
  const { hello } = frame as { hello: unknown };
  if (typeof hello !== 'object' || hello === null || Array.isArray(hello)) return undefined;
  const visitor = Object.hasOwn(hello, 'visitor') ? (hello as { visitor: unknown }).visitor : undefined;
  if (visitor === undefined || visitor === null) return { visitor: undefined };
  return typeof visitor === 'string' ? { visitor } : undefined;
}

let opened = 0;

export function openSocket(ws: WebSocket, needs: SocketNeeds): Socket {
  const { limits, processor } = needs;
  const topics = new Set<string>();
  const queue: string[] = [];
  let state: 'new' | 'asked' | 'open' | 'leaving' | 'closed' = 'new';
  let request = needs.request(undefined);
  let caller: unknown;
  let key: string | undefined;
  let nonsense = 0;
  let seenAt = Date.now();
  let answeredAt = 0;
  let running: Promise<void> | undefined;
  const gone = new Promise<void>((resolve) => ws.once('close', () => resolve()));
  const helloTimer = setTimeout(() => close(closeCodes.noHello, 'no hello'), limits.hello);

  const session: CarrierSession = {
    id: `socket-${(opened += 1)}`,
    subscribe(topic) {
      if (state !== 'open' || topics.has(topic)) return;
      topics.add(topic);
      needs.subscribed(socket, topic);
    },
    unsubscribe,
  };

  function unsubscribe(topic: string): void {
    if (topics.delete(topic)) needs.unsubscribed(socket, topic);
  }

  function send(text: string | Buffer): boolean {
    if (ws.readyState !== ws.OPEN || state === 'closed') return false;
    if (ws.bufferedAmount > limits.unread) {
      close(closeCodes.slowReader, 'too slow');
      return false;
    }
    ws.send(text, { binary: false });
    return true;
  }

  /** No frame is read and none is sent any more; the peer gets a while to hear why. */
  function close(code: number, reason: string): void {
    if (state === 'closed') return;
    end();
    ws.close(code, reason);
    const timer = setTimeout(() => ws.terminate(), farewell);
    void gone.then(() => clearTimeout(timer));
  }

  function end(): void {
    state = 'closed';
    clearTimeout(helloTimer);
    queue.length = 0;
    if (ws.isPaused) ws.resume();
    for (const topic of topics) needs.unsubscribed(socket, topic);
    topics.clear();
    needs.closed(socket);
  }

  async function tell(what: SocketNeeds['alive']): Promise<void> {
    try {
      await what(caller, topics);
    } catch (error) {
      needs.failed(error);
    }
  }
  const alive = () => tell(needs.alive);

  async function greet(text: string): Promise<void> {
    const hello = readHello(text);
    if (!hello) {
      send(needs.refuse(faults.hello, text).body);
      if ((nonsense += 1) >= nonsenseAtMost) close(closeCodes.refused, 'no hello');
      return;
    }
    state = 'asked';
    request = needs.request(hello.visitor);
    const answer = await needs.identify(request);
    if ((state as string) !== 'asked') return;
    if (isRefusal(answer)) {
      dismiss(answer);
      return;
    }
    state = 'open';
    clearTimeout(helloTimer);
    caller = answer;
    key = needs.socketKey(caller);
    needs.greeted(socket);
    send(JSON.stringify({ hello: { heartbeat: limits.heartbeat } }));
    await alive();
  }

  function dismiss({ refusal }: Refusal, text?: string): void {
    send(needs.refuse(refusal, text).body);
    close(closeCodes.refused, refusal.name);
  }

  /** Who he is is asked for each package, as over POST: a session may have ended. */
  async function runPackage(text: string): Promise<void> {
    try {
      const answer = await needs.identify(request);
      if (isRefusal(answer)) {
        dismiss(answer, text);
        return;
      }
      caller = answer;
      void alive();
      const { body } = await needs.run(caller, text, request, session);
      if (body !== '') send(body);
    } catch (error) {
      needs.failed(error);
      send(needs.refuse(faults.internal, text).body);
    }
  }

  async function drain(): Promise<void> {
    for (;;) {
      const text = queue.shift();
      if (text === undefined || state !== 'open') break;
      await runPackage(text);
      if (ws.isPaused && queue.length < waitingAtMost) ws.resume();
    }
    running = undefined;
  }

  function receive(text: string): void {
    if (text === heartbeatFrame) {
      if (seenAt - answeredAt >= 1_000) {
        answeredAt = seenAt;
        send(heartbeatFrame);
      }
      void alive();
      return;
    }
    queue.push(text);
    running ??= drain();
    // The peer is told to wait by no longer being read.
    if (queue.length >= waitingAtMost) ws.pause();
  }

  ws.on('message', (data: Buffer, isBinary: boolean) => {
    seenAt = Date.now();
    if (state === 'closed' || state === 'leaving') return;
    if (isBinary) {
      send(needs.refuse(faults.binary).body);
      return;
    }
    if (data.byteLength > rpcLimits.bytes) {
      send(needs.refuse(faults.tooLarge).body);
      return;
    }
    const text = data.toString('utf8');
    if (state === 'open') receive(text);
    else if (text === heartbeatFrame) return;
    else if (state === 'asked') send(needs.refuse(faults.hello, text).body);
    else
      void greet(text).catch((error: unknown) => {
        needs.failed(error);
        send(needs.refuse(faults.internal).body);
        close(1011, 'INTERNAL_ERROR');
      });
  });
  ws.on('pong', () => {
    seenAt = Date.now();
    if (state === 'open') void alive();
  });
  ws.once('close', (code: number) => {
    if (state === 'closed') return;
    // The topics go with the socket.
    if (state === 'open' && code === pageLeft) void tell((who, about) => needs.left(who, new Set(about)));
    end();
  });

  const socket: Socket = {
    get key() {
      return key;
    },
    processor,
    send,
    unsubscribe,
    close,
    async leave(code, reason) {
      if (state === 'open') state = 'leaving';
      queue.length = 0;
      await running;
      close(code, reason);
      await gone;
    },
    beat(now) {
      if (state === 'closed') return;
      if (now - seenAt > 2 * limits.heartbeat * 1_000 + 500) ws.terminate();
      else if (ws.readyState === ws.OPEN) ws.ping();
    },
    terminate: () => ws.terminate(),
  };
  return socket;
}
