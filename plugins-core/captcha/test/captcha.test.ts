import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestKernel, describePlugin } from '../../../kernel/testing.ts';
import { captcha, type CaptchaChallenge } from '../api.ts';
import { payloadOf, solve } from '../client/solver.ts';

describePlugin(fileURLToPath(new URL('..', import.meta.url)));

it('gives a challenge to browsers of any page, which is solved without a service outside', async () => {
  await using t = await createTestKernel({ plugins: ['captcha'] });
  const service = t.service(captcha);
  expect(service.url('leave-message')).toBe('/captcha?purpose=leave-message');
  const response = await t.request(service.url('leave-message'));
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const challenge = (await response.json()) as CaptchaChallenge;
  expect(challenge).toMatchObject({ algorithm: 'SHA-256', maxnumber: 50_000 });
  const payload = payloadOf(challenge, (await solve(challenge))!);
  expect(await service.verify('leave-message', payload)).toBe(true);
  expect(await service.verify('leave-message', payload)).toBe(false);
});

it('gives whoever names no purpose a challenge that is good for leaving a message', async () => {
  await using t = await createTestKernel({ plugins: ['captcha'] });
  const service = t.service(captcha);
  const response = await t.request('/captcha');
  expect(response.status).toBe(200);
  const challenge = (await response.json()) as CaptchaChallenge;
  const payload = payloadOf(challenge, (await solve(challenge))!);
  expect(await service.verify('login', payload)).toBe(false);
  expect(await service.verify('leave-message', payload)).toBe(true);
});

it('refuses in words and with a code: no word for a purpose, or too many challenges from one address', async () => {
  await using t = await createTestKernel({ plugins: ['captcha'] });
  for (const address of ['/captcha?purpose=', '/captcha?purpose=%3Cscript%3E', `/captcha?purpose=${'a'.repeat(40)}`]) {
    const response = await t.request(address);
    expect(response.status, address).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 151, name: 'CAPTCHA_PURPOSE' } });
  }
  let last = new Response();
  for (let n = 0; n < 70; n++) last = await t.request('/captcha?purpose=login');
  expect(last.status).toBe(429);
  expect(last.headers.get('retry-after')).toBe('10');
  expect(await last.json()).toMatchObject({ error: { code: 150, message: expect.stringContaining('Please wait') } });
});
