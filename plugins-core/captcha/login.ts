/** Logins of operators while somebody guesses passwords. */
import type { LoginDemand, LoginTrial } from '../operators/api.ts';
import type { CaptchaService } from './api.ts';

const purpose = 'login';

export function createLoginDemand({ url, verify }: Pick<CaptchaService, 'url' | 'verify'>) {
  return async ({ fields }: LoginTrial): Promise<LoginDemand> => {
    const app = { name: 'captcha', boot: { url: url(purpose) } };
    const payload = fields?.get('captcha');
    if (!payload) return { app, proof: 'missing' };
    return { app, proof: (await verify(purpose, payload)) ? 'good' : 'wrong' };
  };
}
