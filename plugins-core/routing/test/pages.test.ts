import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { groups } from '../../groups/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
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

  it('loses nobody’s change when two change the rules at once', async () => {
    const [ann, bob] = [await logIn('ann', ['admin']), await logIn('bob', ['admin'])];
    const [hers, his] = await Promise.all(
      [ann, bob].map(async ({ browser }) => fieldsIn(await (await browser.get(path)).text())),
    );
    expect((await ann.browser.post(path, { ...hers!, 'mode-0': 'leastBusy' })).status).toBe(302);
    expect((await bob.browser.post(path, { ...his!, [`limit-${ann.id}`]: '7' })).status).toBe(302);
    const service = kernel.service(routing);
    const now = () => [service.modeOf(0), service.limits().get(ann.id), service.limits().get(bob.id)];
    expect(now()).toEqual(['leastBusy', 7, undefined]);

    const typed = { ...hers!, 'mode-0': '', [`limit-${ann.id}`]: '9', [`limit-${bob.id}`]: '3' };
    // What she wants of the first rule is what it was: only what she changed counts.
    const late = await ann.browser.post(path, typed);
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toMatch(new RegExp(`id="mb-limit-${ann.id}-error">[^]{0,400}?Changed meanwhile to “7”`));
    expect(html).not.toContain('mb-mode-0-error');
    expect(now()).toEqual(['leastBusy', 7, undefined]);
    const again = fieldsIn(html);
    expect(again).toMatchObject({ 'mode-0': 'leastBusy', [`limit-${ann.id}`]: '9', [`limit-${bob.id}`]: '3' });
    expect((await ann.browser.post(path, again)).status).toBe(302);
    expect(now()).toEqual(['leastBusy', 9, 3]);
    const mode = await bob.browser.post(path, { ...his!, 'mode-0': 'roundRobin' });
    expect(await mode.text()).toMatch(/id="mb-mode-0-error">[^]{0,400}?Changed meanwhile to “Automatic: fewest first”/);
  });

  it('is for administrators, and asks for the token of its form', async () => {
    const { browser } = await logIn('bob', []);
    expect((await browser.get(path)).status).toBe(403);
    const admin = await logIn('ann', ['admin']);
    expect((await admin.browser.post(path, { 'mode-0': 'leastBusy' })).status).toBe(400);
    expect(kernel.service(routing).rules().size).toBe(0);
  });
});
