import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { availability, operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn, type Browser } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { groupCreated, groupDeleted, groupMembersChanged, groups, groupUpdated } from '../api.ts';

const password = 'correct horse';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}) {
  const kernel = await createTestKernel({ plugins: ['groups'], env });
  ends.push(() => kernel.dispose());
  const person = async (login: string, permissions: readonly string[] = []) => {
    const name = login[0]!.toUpperCase() + login.slice(1);
    const email = `${login}@example.com`;
    const operator = await kernel.service(operators).create({ login, name, email, password, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return { ...operator, browser };
  };
  const ann = await person('ann', ['admin']);
  const bob = await person('bob');
  return { kernel, ann, bob, person, groups: kernel.service(groups) };
}

const complete = {
  name: 'Sales',
  commonname: 'International sales',
  description: 'Who sells\r\nthings',
  commondescription: 'Sellers',
  email: 'sales@example.com',
  weight: '7',
  parentgroup: '',
  title: 'Sales Ltd',
  chattitle: 'Ask us',
  logo: '/logo.png',
  hosturl: 'https://example.com/',
};
const page = async (browser: Browser, path: string) => (await browser.get(path)).text();
const to = (response: Response) => [response.status, response.headers.get('location')];

const suite = (env: () => Promise<Record<string, string>>) => {
  it('adds a group with every field, sends to its members, and shows it as it was given', async () => {
    const { kernel, ann, groups: service } = await begin(await env());
    const answer = await ann.browser.submit('/operator/group/add', complete);
    const [made] = await service.list();
    expect(to(answer)).toEqual([302, `/operator/group/${made!.id}/members?created=1`]);
    expect(made).toMatchObject({
      name: 'Sales',
      description: 'Who sells\nthings',
      weight: 7,
      hostUrl: complete.hosturl,
    });
    expect(kernel.calls(groupCreated)).toEqual([[{ group: made }]]);
    const html = await page(ann.browser, `/operator/group/${made!.id}/edit`);
    for (const [name, value] of Object.entries({ ...complete, description: 'Who sells' }))
      expect(html, name).toMatch(new RegExp(`name="${name}"[^]*?${value.replaceAll('/', '.')}`));
    expect(await page(ann.browser, `/operator/group/${made!.id}/members?created=1`)).toContain('The group was added.');
  });

  it('changes a group, and says so', async () => {
    const { kernel, ann, groups: service } = await begin(await env());
    const { id } = await service.create({ name: 'Sales' });
    const form = `/operator/group/${id}/edit`;
    expect(to(await ann.browser.submit(form, { ...complete, name: 'Sellers' }))).toEqual([302, `${form}?saved=1`]);
    expect((await service.byId(id))?.name).toBe('Sellers');
    expect(kernel.calls(groupUpdated)[0]?.[0].original.name).toBe('Sales');
    expect(await page(ann.browser, `${form}?saved=1`)).toContain('Saved.');
  });

  it('loses nothing where two change a group at once: different fields both hold, of the same one the second is told', async () => {
    const { ann, groups: service } = await begin(await env());
    const { id } = await service.create({ name: 'Sales', email: 'sales@example.com' });
    const form = `/operator/group/${id}/edit`;
    const shown = fieldsIn(await page(ann.browser, form));
    expect(to(await ann.browser.submit(form, { ...shown, name: 'Sellers' }))).toEqual([302, `${form}?saved=1`]);
    expect(to(await ann.browser.submit(form, { ...shown, email: 'new@example.com' }))[0]).toBe(302);
    expect(await service.byId(id)).toMatchObject({ name: 'Sellers', email: 'new@example.com' });

    const late = await ann.browser.submit(form, { ...shown, name: 'Shop', title: 'typed' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(html).toMatch(/id="mb-name-error">[^]{0,400}?Changed meanwhile to “Sellers”/);
    expect(html).toMatch(/name="name"[^>]*value="Shop"/);
    expect(html).toMatch(/name="email"[^>]*value="new@example.com"/);
    expect(await service.byId(id)).toMatchObject({ name: 'Sellers', title: '' });
    expect(to(await ann.browser.submit(form, fieldsIn(html)))[0]).toBe(302);
    expect(await service.byId(id)).toMatchObject({ name: 'Shop', title: 'typed', email: 'new@example.com' });
  });

  it('puts operators into a group and takes them out of it', async () => {
    const { kernel, ann, bob, groups: service } = await begin(await env());
    const { id } = await service.create({ name: 'Sales' });
    const form = `/operator/group/${id}/members`;
    const listed = `${ann.id},${bob.id}`;
    expect(await page(ann.browser, form)).toContain(`value="${listed}"`);
    const answer = await ann.browser.submit(form, { listed, [`op${bob.id}`]: 'on' });
    expect(to(answer)).toEqual([302, `${form}?saved=1`]);
    expect(await service.members(id)).toEqual([bob.id]);
    expect(kernel.calls(groupMembersChanged)).toMatchObject([[{ original: [], operators: [bob.id] }]]);
    expect(await page(ann.browser, form)).toMatch(new RegExp(`name="op${bob.id}" value="on" checked`));
    await ann.browser.submit(form, { listed });
    expect(await service.members(id)).toEqual([]);
  });

  it('keeps what was typed for a group that somebody deleted meanwhile', async () => {
    const { ann, groups: service } = await begin(await env());
    const { id } = await service.create({ name: 'Sales', weight: 3 });
    const form = `/operator/group/${id}/edit`;
    const shown = fieldsIn(await page(ann.browser, form));
    await service.remove(id);
    const answer = await ann.browser.post(form, { ...shown, description: 'Typed' });
    expect(answer.status).toBe(404);
    const html = await answer.text();
    expect(html).toContain('Somebody deleted this group while you changed it.');
    expect(html).toContain('action="/operator/group/add"');
    expect(to(await ann.browser.post('/operator/group/add', fieldsIn(html)))[0]).toBe(302);
    expect(await service.list()).toMatchObject([{ name: 'Sales', description: 'Typed', weight: 3 }]);
  });

  it('gives two administrators who tick different people at once both their way', async () => {
    const { ann, bob, person, groups: service } = await begin(await env());
    const [eve, dan] = [await person('eve', ['admin']), await person('dan')];
    const { id } = await service.create({ name: 'Sales' });
    await service.changeMembers(id, { add: [dan.id] });
    const form = `/operator/group/${id}/members`;
    const [hers, his] = await Promise.all([ann, eve].map(async ({ browser }) => fieldsIn(await page(browser, form))));
    const { [`op${dan.id}`]: _, ...without } = his!;
    expect(to(await ann.browser.post(form, { ...hers!, [`op${bob.id}`]: 'on' }))[0]).toBe(302);
    expect(to(await eve.browser.post(form, { ...without, [`op${ann.id}`]: 'on' }))[0]).toBe(302);
    expect(await service.members(id)).toEqual([ann.id, bob.id]);

    const own = `/operator/operator/${bob.id}/groups`;
    const other = await service.create({ name: 'Web' });
    const [one, two] = await Promise.all([ann, eve].map(async ({ browser }) => fieldsIn(await page(browser, own))));
    const { [`group${id}`]: __, ...left } = one!;
    await ann.browser.post(own, left);
    await eve.browser.post(own, { ...two!, [`group${other.id}`]: 'on' });
    expect(await service.ofOperator(bob.id)).toEqual([other.id]);
  });

  it('deletes a group when it was asked twice', async () => {
    const { kernel, ann, groups: service } = await begin(await env());
    const { id } = await service.create({ name: 'Sales' });
    await service.create({ name: 'Web', parentId: id });
    const asked = await page(ann.browser, `/operator/group/${id}/delete`);
    expect(asked).toContain('Delete the group Sales?');
    expect(asked).toContain('<bdi>Web</bdi>');
    expect(await service.byId(id)).toBeDefined();
    const answer = await ann.browser.submit(`/operator/group/${id}/delete`, {});
    expect(to(answer)).toEqual([302, '/operator/group?deleted=1']);
    expect((await service.list()).map(({ name, parentId }) => [name, parentId])).toEqual([['Web', 0]]);
    expect(kernel.calls(groupDeleted)).toEqual([[{ id }]]);
    expect(await page(ann.browser, '/operator/group?deleted=1')).toContain('The group was deleted.');
  });
};

describe('the pages of groups on SQLite', () => {
  suite(async () => ({}));

  const wrong: readonly [Partial<typeof complete>, string][] = [
    [{ name: ' ' }, 'This is needed.'],
    [{ name: 'n'.repeat(65) }, 'At most 64 characters, please.'],
    [{ name: 'a\u0007' }, 'This cannot be stored'],
    [{ name: 'taken' }, 'There is a group of this name already.'],
    [{ commonname: 'n'.repeat(65) }, 'At most 64 characters, please.'],
    [{ description: 'd'.repeat(1025) }, 'At most 1024 characters, please.'],
    [{ commondescription: 'd'.repeat(1025) }, 'At most 1024 characters, please.'],
    [{ email: 'nobody' }, 'This is no e-mail address.'],
    [{ email: `${'e'.repeat(250)}@b.de` }, 'At most 254 characters, please.'],
    [{ weight: 'heavy' }, 'A whole number from 0 to 999999999, please.'],
    [{ weight: '1000000000' }, 'A whole number from 0 to 999999999, please.'],
    [{ weight: '-1' }, 'A whole number from 0 to 999999999, please.'],
    [{ parentgroup: '4711' }, 'There is no such group any more.'],
    [{ parentgroup: 'x' }, 'There is no such group any more.'],
    [{ title: 't'.repeat(256) }, 'At most 255 characters, please.'],
    [{ chattitle: 't'.repeat(256) }, 'At most 255 characters, please.'],
    [{ logo: 'javascript:alert(1)' }, 'This is no address of a picture'],
    [{ logo: `/${'l'.repeat(255)}` }, 'At most 255 characters, please.'],
    [{ hosturl: 'javascript:alert(1)' }, 'This is no address of a page'],
    [{ hosturl: `https://${'h'.repeat(250)}` }, 'At most 255 characters, please.'],
  ];
  it('says beside each field what is wrong with it, and keeps what was typed', async () => {
    const { ann, groups: service } = await begin();
    const { id } = await service.create({ name: 'Taken' });
    for (const [fields, message] of wrong) {
      const answer = await ann.browser.submit('/operator/group/add', { ...complete, title: 'kept title', ...fields });
      const html = await answer.text();
      const [name] = Object.keys(fields) as [string];
      expect(answer.status, message).toBe(422);
      expect(html).toMatch(new RegExp(`id="mb-${name}-error">[^]{0,400}?${message}`));
      expect(html.match(/aria-invalid="true"/g), message).toHaveLength(1);
      if (name !== 'title') expect(html).toContain('value="kept title"');
    }
    expect((await service.list()).map((one) => one.id)).toEqual([id]);
  });

  it('refuses a third level with a sentence', async () => {
    const { ann, groups: service } = await begin();
    const sales = await service.create({ name: 'Sales' });
    const web = await service.create({ name: 'Web', parentId: sales.id });
    const other = await service.create({ name: 'Other' });
    const change = async (id: number, parentgroup: number) =>
      (
        await ann.browser.submit(`/operator/group/${id}/edit`, { name: `G${id}`, parentgroup: String(parentgroup) })
      ).text();
    expect(await change(sales.id, other.id)).toContain('This group has groups below it. Move those first');
    expect(await change(other.id, web.id)).toContain('That group is below another one itself.');
  });

  it('is for administrators alone, whether there is such a group or not', async () => {
    const { kernel, bob, groups: service } = await begin();
    const { id } = await service.create({ name: 'Sales' });
    const stranger = createBrowser(kernel);
    const paths = [id, 4711].flatMap((one) =>
      ['edit', 'delete', 'members'].map((what) => `/operator/group/${one}/${what}`),
    );
    for (const path of ['/operator/group', '/operator/group/add', ...paths]) {
      expect((await bob.browser.get(path)).status, path).toBe(403);
      expect(to(await stranger.get(path)), path).toEqual([302, '/operator/login']);
      if (path === '/operator/group') continue;
      expect((await bob.browser.post(path, { name: 'Mine' })).status, path).toBe(403);
      expect((await stranger.post(path, { name: 'Mine' })).status, path).toBe(403);
    }
    expect((await service.list()).map(({ name }) => name)).toEqual(['Sales']);
  });

  it('takes no form without the token of the session, nor from elsewhere', async () => {
    const { ann, bob, groups: service } = await begin();
    const { id } = await service.create({ name: 'Sales' });
    const one = `/operator/group/${id}`;
    const own = `/operator/operator/${bob.id}/groups`;
    for (const path of ['/operator/group/add', `${one}/edit`, `${one}/delete`, `${one}/members`, own]) {
      const form = { ...complete, name: 'Other', listed: String(bob.id), [`op${bob.id}`]: 'on', [`group${id}`]: 'on' };
      expect((await ann.browser.post(path, form)).status, path).toBe(400);
      const page = path === own ? own : `${one}/edit`;
      const csrf_token = /name="csrf_token" value="([^"]+)"/.exec(await (await ann.browser.get(page)).text())![1]!;
      const foreign = { origin: 'https://evil.example' };
      expect((await ann.browser.post(path, { ...form, csrf_token }, foreign)).status, path).toBe(403);
    }
    expect(await service.list()).toMatchObject([{ name: 'Sales' }]);
    expect(await service.members(id)).toEqual([]);
  });

  it('knows no group that is not there', async () => {
    const { ann } = await begin();
    for (const path of ['4711/edit', '4711/delete', '4711/members'])
      for (const ask of ['get', 'post'] as const) {
        if (ask === 'post' && path === '4711/edit') continue;
        const answer = await ann.browser[ask](`/operator/group/${path}`, {});
        expect(answer.status, path).toBe(404);
        expect(await answer.text()).toContain('There is no such group.');
      }
    for (const path of ['x/edit', '12345678901/edit', '0x1/members'])
      expect((await ann.browser.get(`/operator/group/${path}`)).status, path).toBe(404);
  });

  it('shows the groups of an operator to himself and to administrators, who change them', async () => {
    const { ann, bob, person, groups: service } = await begin();
    const eve = await person('eve');
    const sales = await service.create({ name: 'Sales' });
    const web = await service.create({ name: 'Web', parentId: sales.id });
    const own = `/operator/operator/${bob.id}/groups`;
    const listed = `${sales.id},${web.id}`;
    expect(to(await ann.browser.submit(own, { listed, [`group${web.id}`]: 'on' }))).toEqual([302, `${own}?saved=1`]);
    expect(await service.ofOperator(bob.id)).toEqual([web.id]);
    const html = await page(bob.browser, own);
    expect(html).toMatch(new RegExp(`name="group${web.id}" value="on" checked`));
    expect(html).toContain('<fieldset class="mb-card__body" disabled>');
    expect((await bob.browser.submit(own, { listed })).status).toBe(403);
    expect(await service.ofOperator(bob.id)).toEqual([web.id]);
    const [foreign, missing] = await Promise.all(
      [own, '/operator/operator/4711/groups'].map((path) => eve.browser.get(path)),
    );
    expect([foreign!.status, missing!.status]).toEqual([403, 403]);
    const sentence = async (answer: Response) => /<main[^]*<\/main>/.exec(await answer.text())?.[0];
    expect(await sentence(foreign!)).toBe(await sentence(missing!));
    expect((await ann.browser.get('/operator/operator/4711/groups')).status).toBe(404);
  });

  it('changes only members that the form showed, and all of them for a form that lists none', async () => {
    const { ann, bob, groups: service } = await begin();
    const { id } = await service.create({ name: 'Sales' });
    const form = `/operator/group/${id}/members`;
    await service.changeMembers(id, { add: [ann.id, bob.id] });
    await ann.browser.submit(form, { listed: String(bob.id) });
    expect(await service.members(id)).toEqual([ann.id]);
    await ann.browser.submit(form, { listed: `4711,x,${ann.id}`, [`op${bob.id}`]: 'on', op4711: 'on' });
    expect(await service.members(id)).toEqual([]);
    await ann.browser.submit(form, { [`op${bob.id}`]: 'on' });
    expect(await service.members(id)).toEqual([bob.id]);
  });

  it('shows long lists in parts', async () => {
    const { ann, groups: service } = await begin();
    for (let number = 100; number < 152; number += 1) await service.create({ name: `Group ${number}` });
    const first = await page(ann.browser, '/operator/group');
    expect(first.match(/>Group \d+</g)).toHaveLength(50);
    expect(first).toContain('page&#x3D;2');
    const second = await page(ann.browser, '/operator/group?page=2');
    expect(second.match(/>Group \d+</g)).toEqual(['>Group 150<', '>Group 151<']);
    for (const odd of ['0', '-1', '99', 'x'])
      expect((await ann.browser.get(`/operator/group?page=${odd}`)).status).toBe(200);
  });

  it('sorts by name, weight and who is there, in both directions, children below their parent', async () => {
    const { kernel, ann, bob, person, groups: service } = await begin();
    const eve = await person('eve');
    const beta = await service.create({ name: 'Beta', weight: 1 });
    const alpha = await service.create({ name: 'Alpha', weight: 3 });
    const gamma = await service.create({ name: 'Gamma', weight: 2 });
    await service.create({ name: 'Delta', weight: 0, parentId: alpha.id });
    await service.changeMembers(beta.id, { add: [bob.id] });
    await service.changeMembers(gamma.id, { add: [bob.id, eve.id] });
    const there = kernel.service(availability);
    for (const who of [bob, eve]) await there.touch(who.id);
    await there.setStatus(bob.id, 'away');
    const order = async (query: string) =>
      (await page(ann.browser, `/operator/group${query}`)).match(/(?<=<strong>)\w+(?=<)/g)?.join(' ');
    expect(await order('')).toBe('Beta Gamma Alpha Delta');
    expect(await order('?sortby=weight&sortdirection=desc')).toBe('Alpha Delta Gamma Beta');
    expect(await order('?sortby=name')).toBe('Alpha Delta Beta Gamma');
    expect(await order('?sortby=name&sortdirection=desc')).toBe('Gamma Beta Alpha Delta');
    expect(await order('?sortby=lastseen')).toBe('Gamma Beta Alpha Delta');
    expect(await order('?sortby=nonsense&sortdirection=nonsense')).toBe('Beta Gamma Alpha Delta');
    const html = await page(ann.browser, '/operator/group?sortby=lastseen');
    expect(html.match(/>(Available|Away|Offline)</g)).toEqual(['>Available<', '>Away<', '>Offline<', '>Offline<']);
    expect(html).toMatch(/aria-sort="ascending"><a href="[^"]*sortby&#x3D;lastseen&amp;sortdirection&#x3D;desc"/);
  });

  it('escapes what people wrote', async () => {
    const { ann, groups: service } = await begin();
    const evil = '<script>alert(1)</script>';
    const { id } = await service.create({ name: evil, description: evil, commonName: '"><b>' });
    await service.create({ name: 'Child', parentId: id });
    for (const path of ['', `/${id}/edit`, `/${id}/members`, `/${id}/delete`]) {
      const html = await page(ann.browser, `/operator/group${path}`);
      expect(html, path).not.toContain('<script>alert');
      expect(html, path).not.toContain('"><b>');
    }
  });

  it('says that groups are off, and on the dashboard when they are on and nobody belongs to one', async () => {
    const { kernel, ann, groups: service } = await begin();
    expect(await page(ann.browser, '/operator/group')).toContain('Groups are switched off.');
    expect(await page(ann.browser, '/operator')).not.toContain('no operator belongs to one');
    await kernel.service(settings).change({ enablegroups: true }, 'test');
    expect(await page(ann.browser, '/operator/group')).not.toContain('Groups are switched off.');
    expect(await page(ann.browser, '/operator')).toContain('no operator belongs to one');
    const { id } = await service.create({ name: 'Sales' });
    await service.changeMembers(id, { add: [ann.id] });
    expect(await page(ann.browser, '/operator')).not.toContain('no operator belongs to one');
  });
});

const missing = missingDialect('mysql');
describe.skipIf(missing)(`the pages of groups on MariaDB${missing ? ` (${missing})` : ''}`, () => {
  suite(async () => {
    const { url, drop } = await createTestUrl('mysql');
    ends.push(drop);
    return { MIBEW_DATABASE: url };
  });
});
