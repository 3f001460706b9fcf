import { afterEach, describe, expect, it, vi } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { jobs } from '../../jobs/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
import { changes, defineSettings, field, settings, settingsPage } from '../../settings/api.ts';

const tea = defineSettings('tea', {
  tea_minutes: field.number({ default: 4, min: 1, max: 10, unit: 's' }),
  tea_sweet: field.switch({ default: true }),
  tea_sort: field.choice({ default: 'green', options: ['green', 'black'] }),
  tea_name: field.text({ default: 'Cup', maxLength: 20 }),
  tea_cellar: field.text({ default: '', secret: true, page: 'features' }),
});
const kitchen = definePlugin({ id: 'tea', needs: { operators }, contributes: [settingsPage(tea)] });

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}) {
  const kernel = await createTestKernel({ plugins: ['admin', 'chat', 'bans', 'widget', kitchen], env });
  ends.push(() => kernel.dispose());
  const logIn = async (login: string, permissions: readonly string[] = ['admin']) => {
    const password = 'correct horse battery';
    const name = login === 'ann' ? 'Ann' : 'Bob';
    await kernel.service(operators).create({ login, name, email: `${login}@example.com`, password, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return browser;
  };
  return { kernel, values: kernel.service(settings).of(tea), log: kernel.service(changes), logIn };
}
type Browser = ReturnType<typeof createBrowser>;

/** Opens a page and gives what posts its form, with some fields filled in anew; null takes a tick away. */
async function open(browser: Browser, path: string) {
  const html = await (await browser.get(path)).text();
  const shown = fieldsIn(html.slice(html.indexOf('method="post" action')));
  return (typed: Readonly<Record<string, string | null>>) => {
    const fields = Object.entries({ ...shown, ...typed }).filter((pair): pair is [string, string] => pair[1] !== null);
    return browser.post(path, Object.fromEntries(fields));
  };
}
const all = { offset: 0, limit: 99 };
const plain = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

const suite = (env: () => Promise<Record<string, string>>) => {
  it('stores what was changed and nothing else, at the three addresses of the original and at that of a group', async () => {
    const { values, log, logIn } = await begin(await env());
    const ann = await logIn('ann');
    const one = await (await open(ann, '/operator/settings'))({ tea_name: 'Pot', sendmessagekey: 'enter' });
    expect([one.status, one.headers.get('location')]).toEqual([302, '/operator/settings?saved=1']);
    const two = await (await open(ann, '/operator/settings/features'))({ tea_sweet: null });
    expect(two.headers.get('location')).toBe('/operator/settings/features?saved=1');
    const three = await (await open(ann, '/operator/settings/performance'))({ tea_minutes: '7' });
    expect(three.headers.get('location')).toBe('/operator/settings/performance?saved=1');
    const four = await (await open(ann, '/operator/settings?group=tea'))({ tea_sort: 'black' });
    expect(four.headers.get('location')).toBe('/operator/settings?group=tea&saved=1');
    expect({ ...values }).toEqual({
      tea_minutes: 7,
      tea_sweet: false,
      tea_sort: 'black',
      tea_name: 'Pot',
      tea_cellar: '',
    });
    const lines = await log.list({}, all);
    expect(lines.map(({ key }) => key)).toEqual(['tea_sort', 'tea_minutes', 'tea_sweet', 'tea_name', 'sendmessagekey']);
  });

  it('keeps what two administrators change apart, and tells the second of what both changed', async () => {
    const { kernel, values, logIn } = await begin(await env());
    const [ann, bob] = [await logIn('ann'), await logIn('bob')];
    const [first, second] = [await open(ann, '/operator/settings'), await open(bob, '/operator/settings')];
    expect((await first({ tea_name: 'Pot', title: 'Tea Ltd' })).status).toBe(302);
    const late = await second({ tea_name: 'Mug', tea_sort: 'black', email: 'tea@example.com' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toContain('Changed meanwhile to “Pot”.');
    expect(html).toMatch(/name="tea_name"[^>]*value="Mug"[^>]* autofocus aria-invalid="true"/);
    expect(html).toContain('value="Tea Ltd"');
    expect(html).toContain('value="tea@example.com"');
    expect({ ...values }).toMatchObject({ tea_name: 'Pot', tea_sort: 'green' });
    const again = await bob.post('/operator/settings', fieldsIn(html.slice(html.indexOf('method="post" action'))));
    expect(again.status).toBe(302);
    expect({ ...values }).toMatchObject({ tea_name: 'Mug', tea_sort: 'black' });
    const { title } = kernel
      .service(settings)
      .groups()
      .find(({ spec }) => spec.id === 'chat')!.values;
    expect(title).toBe('Tea Ltd');
  });

  it('overrules nobody in silence while mistakes are mended', async () => {
    const { values, logIn } = await begin(await env());
    const [ann, bob] = [await logIn('ann'), await logIn('bob')];
    const [first, second] = [await open(ann, '/operator/settings'), await open(bob, '/operator/settings')];
    expect((await first({ tea_name: 'Pot' })).status).toBe(302);
    const wrong = await second({ tea_name: 'Mug', tea_sort: 'none of these' });
    expect(wrong.status).toBe(422);
    const html = await wrong.text();
    const mended = { ...fieldsIn(html.slice(html.indexOf('method="post" action'))), tea_sort: 'black' };
    const late = await bob.post('/operator/settings', mended);
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('Changed meanwhile to “Pot”.');
    expect({ ...values }).toMatchObject({ tea_name: 'Pot', tea_sort: 'green' });
  });
};

describe('pages of settings on SQLite', () => {
  suite(async () => ({}));

  it('refuse all that was posted when one does not fit, keep what was typed, and begin at that field', async () => {
    const { values, log, logIn } = await begin();
    const ann = await logIn('ann');
    for (const [wrong, why] of [
      ['11', 'Use 10 or less.'],
      ['0', 'Use 1 or more.'],
      ['many', 'Write a number'],
      ['', 'Write a number'],
    ] as const) {
      const refused = await (await open(ann, '/operator/settings?group=tea'))({ tea_minutes: wrong, tea_name: 'Pot' });
      expect(refused.status, wrong).toBe(422);
      const html = await refused.text();
      expect(html).toMatch(new RegExp(`name="tea_minutes"[^>]*value="${wrong}"[^>]* autofocus aria-invalid="true"`));
      expect(html).toContain(why);
      expect(html).toContain('value="Pot"');
    }
    const wrong = await (await open(ann, '/operator/settings'))({ sendmessagekey: 'shift', email: 'nobody' });
    expect(wrong.status).toBe(422);
    const said = plain(await wrong.text());
    expect(said).toContain('Choose one from the list.');
    expect(said).toContain('Write one e-mail address');
    expect({ ...values }).toMatchObject({ tea_minutes: 4, tea_name: 'Cup' });
    expect(await log.count({})).toBe(0);
  });

  it('take what programs post with the names of the original, and change nothing that is not named', async () => {
    const { kernel, values, logIn } = await begin();
    const ann = await logIn('ann');
    const posted = await ann.submit('/operator/settings', {
      title: 'Tea Ltd',
      chattitle: 'Tea?',
      sendmessagekey: 'enter',
    });
    expect(posted.status).toBe(302);
    await ann.submit('/operator/settings/features', { usercanchangename: '', tea_sweet: 'on' });
    await ann.submit('/operator/settings/performance', { thread_lifetime: '60' });
    const chat = kernel
      .service(settings)
      .groups()
      .find(({ spec }) => spec.id === 'chat')!.values;
    expect(chat).toMatchObject({
      title: 'Tea Ltd',
      chattitle: 'Tea?',
      sendmessagekey: 'enter',
      usercanchangename: false,
      thread_lifetime: 60,
      connection_timeout: 30,
    });
    expect(values.tea_sweet).toBe(true);
    expect((await ann.submit('/operator/settings', { sendmessagekey: 'shift' })).status).toBe(422);
    expect((await ann.get('/operator/settings?group=nothing')).status).toBe(404);
  });

  it('show the default, the bounds and what differs, and lead back to the default of one field alone', async () => {
    const { kernel, values, logIn } = await begin();
    await kernel.service(settings).change({ tea_minutes: 7, tea_name: 'Pot' }, 'operator:9');
    const ann = await logIn('ann');
    const page = await (await ann.get('/operator/settings?group=tea')).text();
    expect(plain(page)).toContain('From 1 to 10');
    // Only where it differs: else it is what stands in the field.
    expect(plain(page).match(/Default: (.+?) Use the default/g)).toEqual([
      'Default: 4 seconds Use the default',
      'Default: Cup Use the default',
    ]);
    expect(page.match(/name="reset"/g)).toHaveLength(2);
    const plainly = await (await open(ann, '/operator/settings?group=tea'))({ reset: 'tea_minutes' });
    expect([plainly.status, values.tea_minutes]).toEqual([302, 4]);
    const typing = await (await open(ann, '/operator/settings?group=tea'))({ reset: 'tea_name', tea_minutes: '9' });
    expect([typing.status, values.tea_name, values.tea_minutes]).toEqual([200, 'Cup', 4]);
    const html = await typing.text();
    expect(html).toContain('is not saved yet');
    expect(html).toMatch(/name="tea_minutes"[^>]*value="9"/);
    const stale = await open(ann, '/operator/settings?group=tea');
    await kernel.service(settings).change({ tea_name: 'Mug' }, 'operator:9');
    expect((await stale({ reset: 'tea_name' })).status).toBe(409);
    expect(values.tea_name).toBe('Mug');
  });

  it('count at once: on the next page, in the menu and in the script of host pages', async () => {
    const { kernel, logIn } = await begin();
    const ann = await logIn('ann');
    const launcher = async () => (await kernel.request('/mibew.js')).text();
    const menu = async () => (await ann.get('/operator')).text();
    expect(await menu()).not.toContain('href="/operator/ban"');
    expect(await launcher()).toContain('"poll":2000');
    await (
      await open(ann, '/operator/settings/features')
    )({ enableban: 'on' });
    await (
      await open(ann, '/operator/settings/performance')
    )({ updatefrequency_chat: '5' });
    await (
      await open(ann, '/operator/settings')
    )({ chattitle: 'Tea & talk' });
    expect(await menu()).toContain('href="/operator/ban"');
    expect(await launcher()).toContain('"poll":5000');
    expect(await launcher()).toContain('"title":"Tea & talk"');
  });

  it('find settings by what they say, are called or belong to, on any page', async () => {
    const { logIn } = await begin();
    const ann = await logIn('ann');
    const found = async (search: string) =>
      [
        ...(await (await ann.get(`/operator/settings?q=${encodeURIComponent(search)}`)).text()).matchAll(
          /id="mb-([\w-]+)" name=/g,
        ),
      ]
        .map(([, key]) => key)
        .filter((key, index, keys) => keys.indexOf(key) === index);
    expect(await found('tea_min')).toEqual(['tea_minutes']);
    expect(await found('THREAD_lifetime')).toEqual(['thread_lifetime']);
    expect(await found('logo')).toEqual(['hosturl', 'logo']);
    expect(await found('black')).toEqual(['tea_sort']);
    expect(await found('<nothing>')).toEqual([]);
    const saved = await (await open(ann, '/operator/settings?q=tea'))({ tea_sort: 'black' });
    expect(saved.headers.get('location')).toBe('/operator/settings?q=tea&saved=1');
  });

  it('never show a secret again, neither in the form nor in the log', async () => {
    const { values, log, logIn } = await begin();
    const ann = await logIn('ann');
    await (
      await open(ann, '/operator/settings/features')
    )({ tea_cellar: 'sesame' });
    expect(values.tea_cellar).toBe('sesame');
    await (
      await open(ann, '/operator/settings/features')
    )({ tea_sweet: null });
    expect(values.tea_cellar).toBe('sesame');
    const pages = ['/operator/settings/features', '/operator/settings?q=sesame', '/operator/settings/log'];
    for (const path of pages) {
      const html = await (await ann.get(path)).text();
      expect(html.replaceAll(/value="sesame" placeholder|“sesame”/g, ''), path).not.toContain('sesame');
    }
    const [, line] = await log.list({}, all);
    expect(line).toMatchObject({ key: 'tea_cellar', before: null, after: null });
    expect((await ann.submit('/operator/settings', {}, `/operator/settings/log/${line!.id}/undo`)).status).toBe(404);
  });
});

describe.skipIf(missingDialect('mysql'))('pages of settings on MariaDB', () => {
  suite(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  });
});

describe('the log of changes', () => {
  it('says who changed what and from what to what, newest first, for one thing or one person', async () => {
    const { kernel, logIn } = await begin();
    const [ann, bob] = [await logIn('ann'), await logIn('bob')];
    await (
      await open(ann, '/operator/settings?group=tea')
    )({ tea_minutes: '7', tea_sweet: null });
    await (
      await open(bob, '/operator/settings?group=tea')
    )({ tea_minutes: '8' });
    await kernel.service(settings).change({ tea_sort: 'black' }, 'command line');
    const read = async (query = '') => plain(await (await ann.get(`/operator/settings/log${query}`)).text());
    const whole = await read();
    expect(whole).toMatch(/from green to black Command line .* from 7 seconds to 8 seconds Bob .* from on to off Ann/);
    const rows = async (query: string) => (await read(query)).split(' from ').length - 1;
    expect([
      await rows(''),
      await rows('?key=tea_minutes'),
      await rows('?by=operator:2'),
      await rows('?key=none'),
    ]).toEqual([4, 2, 1, 0]);
  });

  it('undoes a change through the same checks, and not where somebody changed it again', async () => {
    const { values, log, logIn } = await begin();
    const [ann, bob] = [await logIn('ann'), await logIn('bob')];
    await (
      await open(ann, '/operator/settings?group=tea')
    )({ tea_minutes: '7' });
    const [first] = await log.list({}, all);
    const undo = (id: number) => bob.submit('/operator/settings/log', {}, `/operator/settings/log/${id}/undo`);
    expect(await (await bob.get('/operator/settings/log')).text()).toContain(`/log/${first!.id}/undo`);
    const undone = await undo(first!.id);
    expect(undone.headers.get('location')).toBe('/operator/settings/log?undone=1');
    expect(values.tea_minutes).toBe(4);
    expect((await log.list({}, all))[0]).toMatchObject({ before: 7, after: 4, by: 'operator:2' });
    await (
      await open(ann, '/operator/settings?group=tea')
    )({ tea_minutes: '9' });
    expect(await (await bob.get('/operator/settings/log')).text()).not.toContain(`/log/${first!.id}/undo`);
    const late = await undo(first!.id);
    expect([late.status, values.tea_minutes]).toEqual([409, 9]);
    expect((await undo(999)).status).toBe(404);
  });

  it('goes on over pages, and keeps what it was filtered by', async () => {
    const { log, logIn } = await begin();
    const ann = await logIn('ann');
    for (let minutes = 0; minutes < 60; minutes += 1)
      await log.note({ area: 'setting', key: 'tea_minutes', before: minutes, after: minutes + 1, by: 'operator:1' });
    const first = await (await ann.get('/operator/settings/log?key=tea_minutes')).text();
    expect(first.replaceAll('&#x3D;', '=')).toContain('href="/operator/settings/log?key=tea_minutes&amp;page=2"');
    const second = await (await ann.get('/operator/settings/log?key=tea_minutes&page=2')).text();
    expect(second.match(/mb-change"/g)).toHaveLength(10);
  });

  it('forgets what is older than the setting says, and nothing where it says 0', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { kernel, log } = await begin();
    const later = async (days: number) => {
      vi.setSystemTime(Date.now() + days * 86_400_000);
      await kernel.service(jobs).runNow('admin.forget-changes');
      return log.count({ key: 'tea_minutes' });
    };
    await kernel.service(settings).change({ tea_minutes: 7, change_log_days: 0 }, 'operator:1');
    expect(await later(1000)).toBe(1);
    await kernel.service(settings).change({ change_log_days: 30 }, 'operator:1');
    await kernel.service(settings).change({ tea_minutes: 8 }, 'operator:1');
    expect(await later(29)).toBe(1);
    expect(await later(2)).toBe(0);
  });

  it('is for administrators alone', async () => {
    const { logIn } = await begin();
    const bob = await logIn('bob', ['takeover']);
    for (const path of ['/operator/settings/log', '/operator/settings/features', '/operator/settings/performance'])
      expect((await bob.get(path)).status, path).toBe(403);
    expect((await bob.post('/operator/settings/log/1/undo', {})).status).toBe(403);
  });
});
