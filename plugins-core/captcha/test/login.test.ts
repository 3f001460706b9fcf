import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { ann } from '../../operators/test/world.ts';
import { captcha } from '../api.ts';
import { payloadOf, solve } from '../client/solver.ts';

const place = 'data-mb-app="captcha"';

async function begin(plugins = ['operators', 'captcha']) {
  const t = await createTestKernel({ plugins });
  await t.service(operators).create(ann);
  const browser = createBrowser(t);
  const login = (password: string, proof?: string) =>
    browser.submit('/operator/login', { login: 'ann', password, ...(proof !== undefined && { captcha: proof }) });
  const proof = async () => {
    const challenge = (await t.service(captcha).challenge('login', '192.0.2.1'))!;
    return payloadOf(challenge, (await solve(challenge))!);
  };
  return { t, browser, login, proof, [Symbol.asyncDispose]: () => t.dispose() };
}

it('asks nothing of an operator who mistypes his password once or twice', async () => {
  await using world = await begin();
  for (let n = 0; n < 2; n++) expect(await (await world.login('wrong')).text()).not.toContain(place);
  expect((await world.login(ann.password)).status).toBe(302);
});

it('asks for a proof after three failures, and lets in whoever brings it', async () => {
  await using world = await begin();
  let html = '';
  for (let n = 0; n < 3; n++) html = await (await world.login('wrong')).text();
  expect(html).toContain(place);
  expect(html).toContain('/captcha?purpose=login');
  expect(await (await world.browser.get('/operator/login')).text()).toContain(place);
  expect((await world.login(ann.password, await world.proof())).status).toBe(302);
});

it('refuses a proof that is not good, or was used before, without comparing the password', async () => {
  await using world = await begin();
  for (let n = 0; n < 3; n++) await world.login('wrong');
  const proof = await world.proof();
  expect((await world.login('wrong', proof)).status).toBe(200);
  for (const bad of [proof, 'nonsense']) {
    const response = await world.login(ann.password, bad);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('made anew');
  }
  expect((await world.login(ann.password, await world.proof())).status).toBe(302);
});

it('lets browsers without scripts try now and then', async () => {
  await using world = await begin();
  for (let n = 0; n < 5; n++) await world.login('wrong');
  const response = await world.login(ann.password);
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(5);
  expect((await world.login(ann.password, await world.proof())).status).toBe(302);
});

it('is not missed by the login when it is switched off', async () => {
  await using world = await begin();
  await world.t.kernel.disable('captcha');
  for (let n = 0; n < 4; n++) expect(await (await world.login('wrong')).text()).not.toContain(place);
  expect((await world.login(ann.password)).status).toBe(302);
});
