/** One contact by POST; its answer may go on as a stream of what the server calls later. */
import { packed, unpacked, type Arguments, type Incoming } from './wire.ts';
import type { PageAnswer, PageWorld } from './world.ts';

/** ms that the server has for an answer, on every carrier. */
export const patience = 10_000;
/** ms without a sign of life after which a stream is as good as cut. */
const silence = 60_000;

/** Why there was no answer. */
export interface Refused {
  /** ms that the server wants to be left alone. */
  readonly pause: number;
}
/** What comes after the answer, where it is asked for. */
interface Stream {
  heard(text: string): void;
  /** It was one, and is over. */
  lost(): void;
}
interface Heard {
  readonly calls: readonly Incoming[];
  /** More is to come. */
  readonly streaming: boolean;
}
export interface Posted {
  /** Rejects with {@link Refused}, or with whatever the network failed with. */
  readonly answer: Promise<Heard>;
  /** Ends it; nothing is reported any more. */
  cancel(): void;
}

interface PostOptions {
  readonly world: PageWorld;
  readonly address: string;
  readonly secret: string;
  readonly contact: Arguments;
  readonly stream: Stream | undefined;
}

const streamType = 'text/event-stream';

export function post({ world, address, secret, contact, stream }: PostOptions): Posted {
  const abort = new AbortController();
  let timer: unknown;
  let canceled = false;
  const over = () => world.clearTimeout(timer);
  function wait(ms: number): void {
    over();
    timer = world.setTimeout(() => abort.abort(), ms);
  }

  /** Reads events as they come, to the end. The first one is the answer. */
  async function follow(body: NonNullable<PageAnswer['body']>, answered: (heard: Heard) => void): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    let first = true;
    for (;;) {
      const { done, value } = await reader.read();
      if (done || canceled) return;
      wait(silence);
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = events.pop()!;
      for (const event of events) {
        if (canceled || event.slice(0, 6) !== 'data: ') continue;
        const text = event.slice(6);
        if (first) answered({ calls: unpacked(text) || [], streaming: true });
        else stream!.heard(text);
        first = false;
      }
    }
  }

  async function exchange(answered: (heard: Heard) => void): Promise<void> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-Mibew-Visitor': secret };
    if (stream) headers['Accept'] = streamType;
    const response = await world.fetch(address, {
      method: 'POST',
      headers,
      body: packed(contact),
      cache: 'no-store',
      signal: abort.signal,
    });
    const type = response.headers.get('Content-Type') || '';
    if (stream && response.body && type.indexOf(streamType) === 0) return follow(response.body, answered);
    const calls = unpacked(await response.text());
    const refused: Refused = { pause: (Number(response.headers.get('Retry-After')) || 0) * 1000 };
    if (!calls || response.status !== 200) throw refused;
    answered({ calls, streaming: false });
  }

  wait(patience);
  const answer = new Promise<Heard>((answered, failed) => {
    let streams = false;
    const ended = (error?: unknown) => {
      over();
      if (canceled) return;
      if (streams) stream!.lost();
      // Heard only where there was no answer.
      failed(error);
    };
    exchange((heard) => {
      streams = heard.streaming;
      if (!canceled) answered(heard);
    }).then(() => ended(), ended);
  });
  return {
    answer,
    cancel() {
      canceled = true;
      over();
      abort.abort();
    },
  };
}
