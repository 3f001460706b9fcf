/** Reading a body, but never more of it than a package may have. */
import type { Context } from 'hono';
import { rpcLimits } from './api.ts';

/** @returns undefined when there is more than that */
export async function readBody(context: Context, length: string | undefined): Promise<Uint8Array | undefined> {
  if (length !== undefined)
    return Number(length) <= rpcLimits.bytes ? new Uint8Array(await context.req.arrayBuffer()) : undefined;
  const stream = context.req.raw.body;
  return stream ? readStream(stream) : new Uint8Array();
}

/** The length was not told: counted while it comes. */
async function readStream(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > rpcLimits.bytes) {
      // Left unread, not cancelled: cancelling would cut the connection before the refusal is out.
      reader.releaseLock();
      return undefined;
    }
    chunks.push(value);
  }
}
