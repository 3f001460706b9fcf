/** What the headless modules take from the outside, so that tests drive the very code that ships. */

/** A socket as far as the transport uses it: browsers' WebSocket and `ws` both fit. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

/** Answer of a POST, as far as the transport uses it: `Response` fits. */
interface ResponseLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

interface PostOptions {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly credentials: 'omit' | 'same-origin';
  readonly cache: 'no-store';
  readonly signal: AbortSignal;
}

/** The world around transport and outbox. */
export interface Environment {
  fetch(url: string, options: PostOptions): Promise<ResponseLike>;
  /** Absent: there are no sockets here, the transport polls. */
  readonly openSocket?: (url: string) => SocketLike;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 ≤ x < 1; for jitter only. */
  random(): number;
  /** For keys and secrets. */
  randomBytes(count: number): Uint8Array;
}

/**
 * The environment of a browser page (or of Node, which lacks only the socket).
 *
 * @example createTransport({ url, interaction: threadInteraction, environment: hostEnvironment() })
 */
export function hostEnvironment(): Environment {
  const Socket = globalThis.WebSocket as typeof WebSocket | undefined;
  return {
    fetch: (url, options) => globalThis.fetch(url, options),
    openSocket: Socket ? (url) => new Socket(url) : undefined,
    setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
    clearTimeout: (timer) => globalThis.clearTimeout(timer as number),
    now: () => Date.now(),
    random: () => Math.random(),
    randomBytes: (count) => globalThis.crypto.getRandomValues(new Uint8Array(count)),
  };
}

/** Random text of the alphabet of base64url, 6 bits per character: 22 characters are 132 bits. */
export function randomText(environment: Pick<Environment, 'randomBytes'>, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return Array.from(environment.randomBytes(length), (byte) => alphabet[byte & 63]).join('');
}
