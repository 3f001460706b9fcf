/** Posted forms: read within limits, and only when our own page posted them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Kernel } from '../../kernel/index.ts';
import type { FormRefusal, OperatorSession, OperatorsService, PostedForm, PostedUpload } from './api.ts';

/** Binds the token of a stranger's form to his browser. */
const strangerCookie = 'mibew_form';
const largest = 64 * 1024;
/** Of an operator: a long text in a script that takes nine bytes a character, and the same text as the form showed it. */
const largestOfOperators = 512 * 1024;
/** So much of what is too large is still listened to: a browser that is hung up on shows no answer. */
const patience = 16 * 1024 * 1024;
const statuses = { FORM_TYPE: 415, FORM_TOO_LARGE: 413, FORM_FOREIGN: 403, FORM_TOKEN: 400 } as const;

export type Forms = Pick<OperatorsService, 'csrf' | 'checkCsrf' | 'form' | 'upload'>;

const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
/** In constant time, whatever the lengths. */
const same = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));

export function createForms(kernel: Pick<Kernel, 'config' | 'facts'>, refuse: OperatorsService['refuse']): Forms {
  const { secret, base } = kernel.config;
  const tokenOf = (nonce: string) => createHmac('sha256', secret).update(`form:${nonce}`).digest('base64url');

  const fromHere = (context: Context): boolean => {
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== 'null') return origin === kernel.facts(context).origin;
    const site = context.req.header('sec-fetch-site');
    // With neither header the caller is no browser, and nobody else's cookies can be meant.
    return site === undefined ? origin === undefined : site === 'same-origin' || site === 'none';
  };

  const expected = (context: Context, session: OperatorSession | undefined): string | undefined => {
    if (session) return session.csrf;
    const nonce = getCookie(context, strangerCookie);
    return nonce === undefined ? undefined : tokenOf(nonce);
  };

  const problem = (context: Context, session: OperatorSession | undefined, token: string | undefined) => {
    if (!fromHere(context)) return 'FORM_FOREIGN';
    const right = expected(context, session);
    return right !== undefined && token !== undefined && same(right, token) ? undefined : 'FORM_TOKEN';
  };

  const no = async (context: Context, code: FormRefusal, fields = new URLSearchParams()) => ({
    ok: false as const,
    code,
    fields,
    response: await refuse(context, statuses[code], code),
  });

  return {
    checkCsrf: (context, session, token) => problem(context, session, token) === undefined,
    csrf(context, session) {
      if (session) return session.csrf;
      let nonce = getCookie(context, strangerCookie);
      if (nonce === undefined || !/^[\w-]{22}$/.test(nonce)) {
        nonce = randomBytes(16).toString('base64url');
        const { secure } = kernel.facts(context);
        setCookie(context, strangerCookie, nonce, { httpOnly: true, sameSite: 'Lax', secure, path: base || '/' });
      }
      return tokenOf(nonce);
    },
    async form(context, session): Promise<PostedForm> {
      const type = typeOf(context);
      if (type !== 'application/x-www-form-urlencoded') return no(context, 'FORM_TYPE');
      const body = await readBody(context, session ? largestOfOperators : largest);
      if (body === undefined) return no(context, 'FORM_TOO_LARGE');
      const fields = new URLSearchParams(body.toString('utf8'));
      const code = problem(context, session, fields.get('csrf_token') ?? undefined);
      return code ? no(context, code, fields) : { ok: true, fields };
    },
    async upload(context, session, field, most): Promise<PostedUpload> {
      if (typeOf(context) !== 'multipart/form-data') return no(context, 'FORM_TYPE');
      // Nothing large is read for somebody else's page.
      if (!fromHere(context)) return no(context, 'FORM_FOREIGN');
      const body = await readBody(context, largest + most);
      if (body === undefined) return no(context, 'FORM_TOO_LARGE');
      const posted = await partsOf(context, body);
      if (!posted) return no(context, 'FORM_TYPE');
      const fields = new URLSearchParams();
      for (const [name, value] of posted) if (typeof value === 'string') fields.append(name, value);
      const code = problem(context, session, fields.get('csrf_token') ?? undefined);
      if (code) return no(context, code, fields);
      const file = posted.get(field);
      const chosen =
        file === null || typeof file === 'string' || (file.size === 0 && file.name === '') ? undefined : file;
      return { ok: true, fields, file: chosen && new Uint8Array(await chosen.arrayBuffer()) };
    },
  };
}

const typeOf = (context: Context) => context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();

/** @returns undefined when it is no form with files after all */
async function partsOf(context: Context, body: Uint8Array<ArrayBuffer>): Promise<FormData | undefined> {
  try {
    return await new Response(body, {
      headers: { 'content-type': context.req.header('content-type') ?? '' },
    }).formData();
  } catch {
    return undefined;
  }
}

/** @returns undefined when the body is larger than a form may be */
async function readBody(context: Context, most: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const length = Number(context.req.header('content-length') ?? '0');
  if (length > Math.max(most, patience)) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // The announced length may be missing or a lie.
  for await (const chunk of context.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > Math.max(most, patience)) return undefined;
    if (size <= most) chunks.push(chunk);
  }
  return size > most ? undefined : Buffer.concat(chunks);
}
