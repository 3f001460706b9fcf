/** `/b`: the image of the original's buttons. Widget spec section 1. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import type { LocalesService } from '../locales/api.ts';
import type { AvailabilityService } from '../operators/api.ts';

export interface ButtonNeeds {
  /** Absolute path of the folder with `<locale>/<name>_on.png` and `…_off.png`. */
  readonly folder: string;
  readonly availability: Pick<AvailabilityService, 'hasOnlineOperators'>;
  readonly locales: Pick<LocalesService, 'of' | 'match'>;
}

const headers = {
  'cache-control': 'no-store, no-cache, must-revalidate',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  pragma: 'no-cache',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

/** @returns the image, or undefined when there is none of this name in this locale */
const read = (file: string): Promise<Buffer | undefined> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/** Makes the handler. Parameters: `i` name of the image, `lang` a known locale, `group` digits. */
export function buttonImage({ folder, availability, locales }: ButtonNeeds) {
  return async (context: Context): Promise<Response> => {
    const name = context.req.query('i') ?? 'mibew';
    const asked = context.req.query('lang') ?? '';
    if (!/^\w+$/.test(name)) return new Response(null, { status: 404, headers });
    const locale = (/^[\w-]{2,5}$/.test(asked) && locales.match(asked)) || locales.of(context);
    const group = Number(/^\d{1,8}$/.exec(context.req.query('group') ?? '')?.[0] ?? 0);
    const state = (await availability.hasOnlineOperators(group)) ? 'on' : 'off';
    // A language without buttons of its own shows the English ones.
    for (const language of new Set([locale, 'en'])) {
      const image = await read(join(folder, language, `${name}_${state}.png`));
      if (image) return new Response(new Uint8Array(image), { headers: { ...headers, 'content-type': 'image/png' } });
    }
    return new Response(null, { status: 404, headers });
  };
}
