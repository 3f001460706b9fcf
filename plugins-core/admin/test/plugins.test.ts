import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
import { changes } from '../../settings/api.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const broken = definePlugin({
  id: 'broken',
  needs: { operators },
  setup() {
    throw new Error('no water');
  },
});

async function begin() {
  const kernel = await createTestKernel({ plugins: ['admin', 'rating', 'survey', 'demo', broken], mayFail: true });
  ends.push(() => kernel.dispose());
  const logIn = async (login: string) => {
    const password = 'correct horse battery';
    const one = { login, name: login, email: `${login}@example.com`, password, permissions: ['admin'] };
    await kernel.service(operators).create(one);
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return browser;
  };
  return { kernel, log: kernel.service(changes), logIn };
}
const plain = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const mainOf = (html: string) => html.slice(html.indexOf('<main'));

describe('the page of plugins', () => {
  it('says what each does for people, by whom it is for, also of those that are off', async () => {
    const { kernel, logIn } = await begin();
    await kernel.disable('rating');
    const page = plain(mainOf(await (await (await logIn('ann')).get('/operator/plugin')).text()));
    expect(page).toMatch(/For your visitors .*Ratings Off Visitors say how it was/);
    expect(page).toMatch(/Survey and privacy Questions before a chat/);
    expect(page).toMatch(/More broken Failed .*SETUP_FAILED no water Look at the stack/);
  });

  it('shows what would stop before it does it, and says afterwards what became of it', async () => {
    const { kernel, log, logIn } = await begin();
    const ann = await logIn('ann');
    const asked = await (await ann.get('/operator/plugin/chat/disable')).text();
    expect(plain(mainOf(asked))).toMatch(/Switch off: Conversations .*Stops with it .*Ratings/);
    const done = await ann.post('/operator/plugin/chat/disable', fieldsIn(mainOf(asked)));
    expect(done.headers.get('location')).toBe('/operator/plugin?switched=chat');
    expect(plain(await (await ann.get('/operator/plugin?switched=chat')).text())).toContain('Conversations is off.');
    const state = () => kernel.report().plugins.find(({ id }) => id === 'rating')?.status;
    expect(state()).toBe('waiting');
    await ann.submit('/operator/plugin/chat/enable', {});
    expect(state()).toBe('active');
    expect(await log.list({ area: 'plugin' }, { offset: 0, limit: 9 })).toMatchObject([
      { key: 'chat', before: false, after: true, by: 'operator:1' },
      { key: 'chat', before: true, after: false, by: 'operator:1' },
    ]);
    const page = plain(await (await ann.get('/operator/settings/log')).text());
    expect(page).toMatch(/Conversations Plugin from off to on ann/);
  });

  it('tells the second of two who switch at once what has changed, and does nothing before he saw it', async () => {
    const { kernel, log, logIn } = await begin();
    const [ann, bob] = [await logIn('ann'), await logIn('bob')];
    const late = fieldsIn(mainOf(await (await bob.get('/operator/plugin/chat/disable')).text()));
    const same = fieldsIn(mainOf(await (await bob.get('/operator/plugin/rating/disable')).text()));
    await ann.submit('/operator/plugin/rating/disable', {});
    const first = await bob.post('/operator/plugin/chat/disable', late);
    expect(first.status).toBe(409);
    const html = await first.text();
    expect(html).toContain('Somebody else switched something meanwhile.');
    expect(plain(mainOf(html))).not.toContain('Ratings');
    expect(kernel.report().plugins.find(({ id }) => id === 'chat')?.status).toBe('active');
    const second = await bob.post('/operator/plugin/rating/disable', same);
    expect(second.status).toBe(409);
    expect(plain(await second.text())).toContain('Ratings is off.');
    expect(await log.count({})).toBe(1);
    expect((await bob.post('/operator/plugin/chat/disable', fieldsIn(mainOf(html)))).status).toBe(302);
  });

  it('says why a plugin does not start, and what cures it', async () => {
    const { kernel, logIn } = await begin();
    await kernel.disable('broken');
    const ann = await logIn('ann');
    const done = await ann.submit('/operator/plugin/broken/enable', {});
    const page = plain(mainOf(await (await ann.get(done.headers.get('location')!)).text()));
    expect(page).toMatch(/broken: .*no water SETUP_FAILED/);
  });
});
