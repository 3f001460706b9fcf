/** `GET /captcha`: a challenge for whoever asks, from host pages too. It is worth nothing to whom it was not given. */
import type { Context } from 'hono';
import type { Kernel } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import { captchaErrors, type CaptchaService } from './api.ts';

export interface ChallengeNeeds {
  readonly kernel: Pick<Kernel, 'facts'>;
  readonly locales: Pick<LocalesService, 'of' | 'text'>;
  readonly puzzles: Pick<CaptchaService, 'challenge'>;
}

const headers = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
const pauseSeconds = 10;
/** What the original's address, which names no purpose, is asked for. */
const usual = 'leave-message';

export function createChallengeRoute({ kernel, locales, puzzles }: ChallengeNeeds) {
  const refuse = (context: Context, status: 400 | 429, name: string, code: number, more: Record<string, string> = {}) =>
    context.json(
      { error: { code, name, message: locales.text(locales.of(context), `captcha.error.${code}`) } },
      status,
      { ...headers, ...more },
    );

  return async (context: Context): Promise<Response> => {
    const purpose = context.req.query('purpose') ?? usual;
    if (!/^[a-z][a-z-]{0,31}$/.test(purpose)) return refuse(context, 400, 'CAPTCHA_PURPOSE', captchaErrors.purpose);
    const challenge = await puzzles.challenge(purpose, kernel.facts(context).address);
    if (challenge) return context.json(challenge, 200, headers);
    const retry = { 'retry-after': String(pauseSeconds), 'access-control-expose-headers': 'Retry-After' };
    return refuse(context, 429, 'CAPTCHA_TOO_MANY', captchaErrors.tooMany, retry);
  };
}
