import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { groups } from '../../groups/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { routing } from '../api.ts';

const path = '/operator/routing';
let kernel: TestKernel;
beforeEach(async () => {
  kernel = await createTestKernel({ plugins: ['routing', 'groups', 'users', 'admin'] });
});
afterEach(() => kernel.dispose());

async function logIn(login: string, permissions: readonly string[]) {
  const account = { login, name: login, email: `${login}@example.com`, password: 'battery staple', permissions };
  const { id } = await kernel.service(operators).create(account);
  const browser = createBrowser(kernel);
  await browser.submit('/operator/login', { login, password: account.password });
  return { browser, id };
}

describe('the page of the rules', () => {
  it('keeps rules of groups and limits of operators, and takes them back', async () => {
    const { browser, id } = await logIn('ann', ['admin']);
    await kernel.service(settings).change({ enablegroups: true }, 'test');
    const sales = await kernel.service(groups).create({ name: 'Sales <b>' });
    const page = await (await browser.get(path)).text();
    expect(page).toContain('Sales &lt;b&gt;');
    const fields = { [`mode-${sales.id}`]: 'roundRobin', 'mode-0': '', [`limit-${id}`]: '7' };
    const saved = await browser.submit(path, fields);
    expect([saved.status, saved.headers.get('location')]).toEqual([302, `${path}?page=1&saved=1`]);
    const service = kernel.service(routing);
    expect([service.modeOf(sales.id), service.modeOf(0), service.limitOf(id)]).toEqual(['roundRobin', 'hand', 7]);
    await browser.submit(path, { [`mode-${sales.id}`]: '', [`limit-${id}`]: '' });
    expect([service.modeOf(sales.id), service.limitOf(id)]).toEqual(['hand', 4]);
  });

  it('says beside the field what is wrong, keeps what was typed, and saves nothing', async () => {
    const { browser, id } = await logIn('ann', ['admin']);
    for (const wrong of ['-1', '1001', 'x', '1.5']) {
      const answer = await browser.submit(path, { [`limit-${id}`]: wrong, 'mode-0': 'leastBusy' });
      const text = await answer.text();
      expect(answer.status).toBe(422);
      expect(text).toContain(`value="${wrong}"`);
      expect(text).toMatch(/A whole number from 0 to 1,?000, or nothing\./);
    }
    expect((await browser.submit(path, { 'mode-0': 'magic' })).status).toBe(422);
    expect(kernel.service(routing).rules().size + kernel.service(routing).limits().size).toBe(0);
  });

  it('is for administrators, and asks for the token of its form', async () => {
    const { browser } = await logIn('bob', []);
    expect((await browser.get(path)).status).toBe(403);
    const admin = await logIn('ann', ['admin']);
    expect((await admin.browser.post(path, { 'mode-0': 'leastBusy' })).status).toBe(400);
    expect(kernel.service(routing).rules().size).toBe(0);
  });
});
