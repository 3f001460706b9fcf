/** Delivery of what lies below `/assets/`: for ever cacheable, for everybody, compressed once. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'hono';
import type { Folders } from './folders.ts';
import type { Store } from './store.ts';

const [toBrotli, toGzip] = [promisify(brotliCompress), promisify(gzip)];

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  ico: 'image/x-icon',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  txt: 'text/plain; charset=utf-8',
};
const compressible = new Set(['js', 'css', 'json', 'svg', 'txt']);

type Coding = 'br' | 'gzip';
type Bytes = Uint8Array<ArrayBuffer>;
interface Held {
  readonly body: Bytes;
  readonly coded: Map<Coding, Promise<Bytes>>;
}

/** Which coding the client takes; brotli before gzip, a quality of 0 refuses. */
export function codingOf(header: string | undefined): Coding | undefined {
  const taken = new Map(
    (header ?? '').split(',').map((part) => {
      const [name = '', ...params] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      return [name, !params.some((param) => /^q=0(\.0*)?$/.test(param))] as const;
    }),
  );
  return (['br', 'gzip'] as const).find((coding) => taken.get(coding) ?? taken.get('*'));
}

/** What is asked for again and again stays in memory, up to this many bytes. */
const limit = 32 * 1024 * 1024;

export interface Delivery {
  (context: Context, file: string): Promise<Response>;
}

export function createDelivery(store: Store, folders: Folders): Delivery {
  const held = new Map<string, Held>();
  let size = 0;

  const hold = (file: string, body: Bytes): Held => {
    const entry: Held = { body, coded: new Map() };
    held.set(file, entry);
    size += body.byteLength;
    for (const [oldest, { body }] of held) {
      if (size <= limit) break;
      held.delete(oldest);
      size -= body.byteLength;
    }
    return entry;
  };
  const compress = (entry: Held, coding: Coding): Promise<Bytes> => {
    const known = entry.coded.get(coding);
    if (known) return known;
    const { body } = entry;
    const made: Promise<Bytes> =
      coding === 'gzip'
        ? toGzip(body, { level: 9 })
        : toBrotli(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength } });
    entry.coded.set(coding, made);
    return made;
  };

  return async (context, file) => {
    const ending = /\.([a-z\d]+)$/.exec(file)?.[1] ?? '';
    let entry = held.get(file);
    let current = true;
    if (!entry) {
      const body = await store.read(file);
      const found = body ? { body, current: true } : await folders.read(file);
      if (!found)
        return context.json({ error: { code: 'NOT_FOUND', message: 'there is nothing at this address' } }, 404);
      current = found.current;
      const bytes = new Uint8Array(found.body);
      // Content under a hash that is not its own serves pages of an earlier build; nobody shall keep it.
      entry = current ? hold(file, bytes) : { body: bytes, coded: new Map() };
    }
    const squeezed = compressible.has(ending) && entry.body.byteLength > 512;
    const coding = squeezed ? codingOf(context.req.header('accept-encoding')) : undefined;
    const headers: Record<string, string> = {
      'content-type': types[ending] ?? 'application/octet-stream',
      'cache-control': current ? 'public, max-age=31536000, immutable' : 'no-cache',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      // An image opened as a page must not run what it carries.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    };
    if (squeezed) headers['vary'] = 'accept-encoding';
    if (coding) headers['content-encoding'] = coding;
    return context.body(coding ? await compress(entry, coding) : entry.body, 200, headers);
  };
}
