/** Reading a body, but never more of it than a package may have. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { rpcLimits } from './api.ts';

/**
 * @param length what the header says, if it does
 * @returns undefined when there is more than that
 * @throws Error when the body ends too early
 */
export function readBody(context: Context, length: string | undefined): Promise<Buffer | undefined> {
  if (length !== undefined && Number(length) > rpcLimits.bytes) return tooMuch;
  // Straight from Node: every other way copies the bytes into a buffer of its own, which the collector pays for.
  const incoming = (context.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  if (incoming && !incoming.readableDidRead) return readIncoming(incoming);
  const stream = context.req.raw.body;
  return stream ? readStream(stream) : Promise.resolve(Buffer.alloc(0));
}
const tooMuch = Promise.resolve(undefined);

function readIncoming(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What is left is drained by the server; the refusal goes out meanwhile.
      if (size > rpcLimits.bytes) resolve(undefined);
      else if (!first) first = chunk;
      else (rest ??= [first]).push(chunk);
    });
    incoming.on('end', () => resolve(rest ? Buffer.concat(rest, size) : (first ?? Buffer.alloc(0))));
    incoming.on('error', reject);
    incoming.on('close', () => {
      // Comes after every body; an error made for nothing would cost more than reading it did.
      if (!incoming.readableEnded) reject(new Error('the body ended too early'));
    });
  });
}

/** In process there is no Node behind a request. */
async function readStream(stream: ReadableStream<Uint8Array>): Promise<Buffer | undefined> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > rpcLimits.bytes) {
      reader.releaseLock();
      return undefined;
    }
    chunks.push(value);
  }
}
