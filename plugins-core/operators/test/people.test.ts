/** The pages about operators, in process. */
import { afterEach, describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { db as database } from '../../database/api.ts';
import { createTestUrl, missingDialect } from '../../database/testing.ts';
import { settings } from '../../settings/api.ts';
import { availability, operatorCreated, operatorDeleted, operators, operatorUpdated } from '../api.ts';
import { createBrowser, fieldsIn, tokenIn, type Browser } from './browser.ts';
import { operator } from '../tables.ts';
import { gifOf, pngOf } from './images.ts';

const password = 'correct horse';
const list = '/operator/operator';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function begin(env: Record<string, string> = {}) {
  const kernel = await createTestKernel({ plugins: ['operators'], env });
  ends.push(() => kernel.dispose());
  const service = kernel.service(operators);
  const person = async (login: string, permissions: readonly string[] = []) => {
    const name = login[0]!.toUpperCase() + login.slice(1);
    const made = await service.create({ login, name, email: `${login}@example.com`, password, permissions });
    const browser = createBrowser(kernel);
    await browser.submit('/operator/login', { login, password });
    return { ...made, browser };
  };
  const ann = await person('ann', ['admin']);
  const bob = await person('bob', ['modifyprofile']);
  const eve = await person('eve');
  const upload = async (browser: Browser, id: number, file: Uint8Array<ArrayBuffer>, name = 'face.png') => {
    const page = `${list}/${id}/avatar`;
    const form = new FormData();
    form.set('csrf_token', tokenIn(await (await browser.get(page)).text()));
    form.set('avatarFile', new File([file], name, { type: 'image/png' }));
    const request = new Response(form);
    const cookie = [...browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
    return kernel.request(page, {
      method: 'POST',
      headers: {
        'content-type': request.headers.get('content-type')!,
        origin: 'http://localhost',
        cookie,
        accept: 'text/html',
      },
      body: await request.arrayBuffer(),
    });
  };
  return { kernel, service, ann, bob, eve, person, upload };
}
const page = async (browser: Browser, path: string) => (await browser.get(path)).text();
const to = (response: Response) => [response.status, response.headers.get('location')];
const errorAt = (html: string, field: string) =>
  new RegExp(`id="mb-${field}-error">[^]*?<span>([^<]*)<`).exec(html)?.[1];

const suite = (env: () => Promise<Record<string, string>>) => {
  it('adds an operator who can log in at once, and leads to his picture', async () => {
    const { kernel, service, ann } = await begin(await env());
    const fields = {
      login: 'zoe',
      name: 'Zoë',
      commonname: 'Zoe',
      email: 'zoe@example.com',
      code: 'zoe_1',
      password,
      passwordConfirm: password,
    };
    const answer = await ann.browser.submit(`${list}/add`, fields);
    const made = await service.byLogin('zoe');
    expect(to(answer)).toEqual([302, `${list}/${made!.id}/avatar?created=1`]);
    expect(made).toMatchObject({ name: 'Zoë', commonName: 'Zoe', code: 'zoe_1', permissions: [], disabled: false });
    expect(kernel.calls(operatorCreated).at(-1)).toEqual([{ operator: made }]);
    expect(await page(ann.browser, `${list}/${made!.id}/avatar?created=1`)).toContain('The operator was added.');
    const browser = createBrowser(kernel);
    expect((await browser.submit('/operator/login', { login: 'zoe', password })).status).toBe(302);
  });

  it('changes a profile; two who change it at once both get their way, and of the same field the second is told', async () => {
    const { kernel, service, ann, bob } = await begin(await env());
    const form = `${list}/${bob.id}/edit`;
    const shown = fieldsIn(await page(ann.browser, form));
    expect(to(await ann.browser.submit(form, { ...shown, name: 'Bert' }))).toEqual([302, `${form}?saved=1`]);
    expect(
      to(
        await bob.browser.submit(form, {
          ...shown,
          csrf_token: tokenIn(await page(bob.browser, form)),
          email: 'b@example.com',
          presentPassword: password,
        }),
      )[0],
    ).toBe(302);
    expect(await service.byId(bob.id)).toMatchObject({ name: 'Bert', commonName: 'Bert', email: 'b@example.com' });
    expect(kernel.calls(operatorUpdated)[0]?.[0].original.name).toBe('Bob');

    const late = await ann.browser.submit(form, { ...shown, name: 'Rob', code: 'rob' });
    expect(late.status).toBe(409);
    const html = await late.text();
    expect(errorAt(html, 'name')).toContain('Changed meanwhile to “Bert”');
    expect(html).toMatch(/name="name"[^>]*value="Rob"/);
    expect(html).toMatch(/name="email"[^>]*value="b@example.com"/);
    expect(to(await ann.browser.submit(form, fieldsIn(html)))[0]).toBe(302);
    expect(await service.byId(bob.id)).toMatchObject({ name: 'Rob', code: 'rob', email: 'b@example.com' });
  });

  it('overrules nobody in silence while mistakes are mended', async () => {
    const { service, ann, bob } = await begin(await env());
    const form = `${list}/${bob.id}/edit`;
    const shown = fieldsIn(await page(ann.browser, form));
    await service.update(bob.id, { name: 'Bert' });
    const wrong = await ann.browser.submit(form, { ...shown, email: 'nobody' });
    expect(wrong.status).toBe(422);
    const mended = { ...fieldsIn(await wrong.text()), email: 'b@example.com' };
    expect(to(await ann.browser.submit(form, mended))[0]).toBe(302);
    expect(await service.byId(bob.id)).toMatchObject({ name: 'Bert', email: 'b@example.com' });
  });

  it('gives permissions at once, and loses none of two who tick different ones', async () => {
    const { service, ann, bob } = await begin(await env());
    const form = `${list}/${bob.id}/permissions`;
    const shown = fieldsIn(await page(ann.browser, form));
    expect(shown).toMatchObject({ seen: 'modifyprofile', modifyprofile: 'on' });
    expect(to(await ann.browser.submit(form, { ...shown, takeover: 'on' }))).toEqual([302, `${form}?saved=1`]);
    await ann.browser.submit(form, { ...shown, viewthreads: 'on' });
    expect((await service.byId(bob.id))?.permissions.toSorted()).toEqual(['modifyprofile', 'takeover', 'viewthreads']);
    // The form of the original says nothing of what it showed: what is not ticked is taken away.
    await ann.browser.submit(form, { admin: 'on' });
    expect((await service.byId(bob.id))?.permissions).toEqual(['admin']);
    expect((await bob.browser.get(list)).status).toBe(200);
  });

  it('disables, enables and deletes when it was asked twice', async () => {
    const { kernel, service, ann, bob } = await begin(await env());
    expect(await page(ann.browser, `${list}/${bob.id}/disable`)).toContain('Disable Bob?');
    expect((await service.byId(bob.id))?.disabled).toBe(false);
    expect(to(await ann.browser.submit(`${list}/${bob.id}/disable`, {}))).toEqual([302, `${list}?disabled=1`]);
    expect(to(await bob.browser.get(`${list}/${bob.id}/edit`))).toEqual([302, '/operator/login']);
    expect(await page(ann.browser, `${list}?disabled=1`)).toMatch(/Bob[^]*?Disabled</);
    expect(to(await ann.browser.submit(`${list}/${bob.id}/enable`, {}))).toEqual([302, `${list}?enabled=1`]);
    expect((await service.byId(bob.id))?.disabled).toBe(false);
    expect(to(await ann.browser.submit(`${list}/${bob.id}/delete`, {}))).toEqual([302, `${list}?deleted=1`]);
    expect(await service.byId(bob.id)).toBeUndefined();
    expect(kernel.calls(operatorDeleted)).toEqual([[{ id: bob.id }]]);
    expect((await ann.browser.get(`${list}/${bob.id}/edit`)).status).toBe(404);
  });
};

describe('the pages about operators on SQLite', () => {
  suite(async () => ({}));

  it.each([
    [{ login: 'a b' }, 'login', 'Use letters of the English alphabet, digits, dots and underscores.'],
    [{ login: 'ANN' }, 'login', 'Another operator has this login already.'],
    [{ name: '' }, 'name', 'This is needed.'],
    [{ email: 'nobody' }, 'email', 'This is no e-mail address.'],
    [{ code: 'a-b' }, 'code', 'Use letters of the English alphabet, digits and underscores.'],
    [{ password: 'short', passwordConfirm: 'short' }, 'password', 'Use at least 8 characters.'],
    [{ passwordConfirm: 'something else' }, 'passwordConfirm', 'The two passwords are not the same.'],
  ])('keeps what was typed, and says at the field what is wrong: %j', async (wrong, field, words) => {
    const { service, ann } = await begin();
    const fields = {
      login: 'zoe',
      name: 'Zoë',
      commonname: '',
      email: 'zoe@example.com',
      code: 'zoe',
      password,
      passwordConfirm: password,
      ...wrong,
    };
    const answer = await ann.browser.submit(`${list}/add`, fields);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(errorAt(html, field)).toBe(words);
    const again = fieldsIn(html);
    for (const name of ['login', 'name', 'email', 'code'] as const) expect(again[name]).toBe(fields[name]);
    expect(html).not.toContain(password);
    expect(await service.byLogin('zoe')).toBeUndefined();
  });

  it('is for himself and administrators; only with the right is anything stored', async () => {
    const { service, ann, bob, eve } = await begin();
    for (const path of ['edit', 'permissions', 'avatar']) {
      expect((await eve.browser.get(`${list}/${eve.id}/${path}`)).status, path).toBe(200);
      expect((await eve.browser.get(`${list}/${ann.id}/${path}`)).status, path).toBe(403);
      expect((await eve.browser.get(`${list}/999/${path}`)).status, path).toBe(403);
    }
    const csrf_token = tokenIn(await page(eve.browser, '/operator/logout'));
    expect(await page(eve.browser, `${list}/${eve.id}/edit`)).not.toContain('name="email"');
    for (const [path, fields] of [
      ['edit', { name: 'Evil', email: 'x@example.com' }],
      ['permissions', { admin: 'on' }],
      ['avatar/delete', {}],
    ] as const)
      expect((await eve.browser.post(`${list}/${eve.id}/${path}`, { ...fields, csrf_token })).status, path).toBe(403);
    const token = tokenIn(await page(bob.browser, '/operator/logout'));
    for (const path of ['permissions', 'disable', 'enable', 'delete'])
      expect(
        (await bob.browser.post(`${list}/${bob.id}/${path}`, { csrf_token: token, admin: 'on' })).status,
        path,
      ).toBe(403);
    expect((await bob.browser.post(`${list}/${eve.id}/edit`, { csrf_token: token, name: 'X' })).status).toBe(403);
    expect(to(await bob.browser.submit(`${list}/${bob.id}/edit`, { name: 'Bert', email: bob.email }))[0]).toBe(302);
    expect(await service.byId(eve.id)).toMatchObject({ name: 'Eve', permissions: [] });
    expect(await service.byId(bob.id)).toMatchObject({ name: 'Bert', login: 'bob', permissions: ['modifyprofile'] });
  });

  it('stores nothing without the token of the session', async () => {
    const { service, ann, bob } = await begin();
    for (const path of ['edit', 'permissions', 'disable', 'delete', 'avatar/delete'])
      expect((await ann.browser.post(`${list}/${bob.id}/${path}`, { name: 'X', email: 'x@example.com' })).status).toBe(
        400,
      );
    expect(await service.byId(bob.id)).toMatchObject({ name: 'Bob', disabled: false });
  });

  it('asks for the own password so far, keeps this session and ends the others', async () => {
    const { kernel, bob } = await begin();
    const elsewhere = createBrowser(kernel);
    await elsewhere.submit('/operator/login', { login: 'bob', password });
    const form = `${list}/${bob.id}/edit`;
    const fresh = { password: 'a new password', passwordConfirm: 'a new password' };
    const send = async (fields: Record<string, string>) =>
      bob.browser.submit(form, { ...fieldsIn(await page(bob.browser, form)), ...fresh, ...fields });
    expect(errorAt(await (await send({})).text(), 'presentPassword')).toBe(
      'Please type the password that you have now.',
    );
    expect(errorAt(await (await send({ presentPassword: 'wrong' })).text(), 'presentPassword')).toBe(
      'This is not the password that you have now.',
    );
    expect(to(await send({ presentPassword: password }))).toEqual([302, `${form}?saved=1`]);
    expect((await bob.browser.get(form)).status).toBe(200);
    expect((await elsewhere.get(form)).status).toBe(302);
    const again = createBrowser(kernel);
    await again.submit('/operator/login', { login: 'bob', password: 'a new password' });
    expect((await again.get(form)).status).toBe(200);
  });

  it('says why the last administrator stays, and that nobody disables himself', async () => {
    const { service, ann, person } = await begin();
    const permissions = await ann.browser.submit(`${list}/${ann.id}/permissions`, { seen: 'admin', takeover: 'on' });
    expect(permissions.status).toBe(422);
    const html = await permissions.text();
    expect(html).toContain('This is the last administrator.');
    expect(html).toMatch(/name="takeover" value="on" checked/);
    await person('two', ['admin']);
    for (const path of ['disable', 'delete']) {
      const answer = await ann.browser.submit(`${list}/${ann.id}/${path}`, {});
      expect([answer.status, await answer.text()]).toEqual([
        409,
        expect.stringContaining('You cannot disable or delete yourself.'),
      ]);
    }
    expect(await service.byId(ann.id)).toMatchObject({ disabled: false, permissions: ['admin'] });
  });

  it('sorts, finds and leafs through many', async () => {
    const { kernel, service, ann, bob } = await begin();
    for (let n = 10; n < 62; n += 1)
      await service.create({
        login: `x${n}`,
        name: `N${99 - n}`,
        commonName: `C${n}`,
        email: `x${n}@mail.example`,
        password,
      });
    const names = async (query: string) =>
      [...(await page(ann.browser, `${list}?${query}`)).matchAll(/<strong><bdi>([^<]*)</g)].map(([, name]) => name);
    expect((await names('')).slice(0, 3)).toEqual(['Ann', 'Bob', 'Eve']);
    expect(await names('')).toHaveLength(50);
    expect(await names('page=2')).toHaveLength(5);
    expect((await names('sortby=login&sortdirection=desc'))[0]).toBe('N38');
    expect((await names('sortby=commonname')).slice(0, 3)).toEqual(['Ann', 'Bob', 'N89']);
    await kernel.service(availability).touch(bob.id);
    expect((await names('sortby=lastseen'))[0]).toBe('Bob');
    expect(await page(ann.browser, list)).toMatch(/Bob[^]*?mb-badge--success">Online</);
    expect(await names('q=X12')).toEqual(['N87']);
    expect(await names('q=bob@')).toEqual(['Bob']);
    const nobody = await page(ann.browser, `${list}?q=${encodeURIComponent('"><b>')}`);
    expect(nobody).toContain('Nobody is called that');
    expect(nobody).not.toContain('"><b>');
  });

  it('says in words when somebody was last seen, and exactly in the title', async () => {
    const { ann } = await begin();
    expect(await page(ann.browser, list)).toMatch(/<time[^>]*title="[^"]+"[^>]*>Just now</);
  });

  it('does not tell administrators by the time when somebody was last seen that he is there invisibly', async () => {
    const { kernel, ann, bob } = await begin();
    const there = kernel.service(availability);
    await there.setStatus(bob.id, 'invisible');
    const db = kernel.service(database);
    const long = Date.now() - 3 * 3_600_000;
    await db.query.update(db.table(operator)).set({ lastSeenAt: long });
    await there.touch(bob.id);
    await bob.browser.submit('/operator/logout', {});
    await bob.browser.submit('/operator/login', { login: 'bob', password });
    const told = async () => /<bdi>Bob<[^]*? datetime="([^"]*)"/.exec(await page(ann.browser, list))?.[1];
    expect(await told()).toBe(new Date(long).toISOString());
    await there.setStatus(bob.id, 'available');
    await there.setStatus(bob.id, 'invisible');
    expect(await told()).not.toBe(new Date(long).toISOString());
  });

  it('refuses an address that has more characters written out than are kept', async () => {
    const { ann, bob } = await begin();
    const form = { name: 'Bob', commonname: '', code: '', password: '', passwordConfirm: '' };
    const answer = await ann.browser.submit(`${list}/${bob.id}/edit`, {
      ...form,
      email: `${'\ufdfa'.repeat(20)}@mail.example`,
    });
    expect([answer.status, errorAt(await answer.text(), 'email')]).toEqual([422, 'This is too long.']);
  });

  it('shows pictures to everybody, as pictures and nothing else', async () => {
    const { kernel, service, ann, bob, eve, upload } = await begin();
    expect(to(await upload(bob.browser, bob.id, gifOf(8, 8), 'face.html'))).toEqual([
      302,
      `${list}/${bob.id}/avatar?saved=1`,
    ]);
    const address = (await service.byId(bob.id))!.avatar;
    const file = await kernel.request(address);
    expect([file.status, new Uint8Array(await file.arrayBuffer())]).toEqual([200, gifOf(8, 8)]);
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'image/gif',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(await page(bob.browser, `${list}/${bob.id}/avatar`)).toContain(`<img src="${address}"`);
    // Nobody changes another's.
    expect((await upload(eve.browser, eve.id, pngOf(8, 8))).status).toBe(403);
    expect(to(await ann.browser.submit(`${list}/${bob.id}/avatar/delete`, {}))[0]).toBe(302);
    expect((await service.byId(bob.id))!.avatar).toBe('');
    expect((await kernel.request(address)).status).toBe(404);
    expect((await kernel.request('/files/avatar/..%2Fsecret')).status).toBe(404);
  });

  it('says at the field what is wrong with a picture, and takes none without the token', async () => {
    const { kernel, service, bob, upload } = await begin();
    await kernel.service(settings).change({ max_uploaded_file_size: 2_000 }, 'test');
    for (const [bytes, words] of [
      [new TextEncoder().encode('<svg/>'), 'This is no PNG, JPEG, GIF or WebP picture.'],
      [pngOf(8, 8, 2_000), 'This picture is too large. At most 2 kB'],
      [pngOf(8, 8, 300_000), 'This picture is too large. At most 2 kB'],
      [new Uint8Array(), 'Please choose a picture.'],
    ] as const) {
      const answer = await upload(bob.browser, bob.id, bytes, bytes.byteLength === 0 ? '' : 'face.png');
      expect([answer.status, errorAt(await answer.text(), 'avatarFile')]).toEqual([
        422,
        expect.stringContaining(words),
      ]);
    }
    expect((await bob.browser.submit(`${list}/${bob.id}/avatar`, {})).status).toBe(415);
    const form = new FormData();
    form.set('avatarFile', new File([pngOf(8, 8)], 'face.png'));
    const request = new Response(form);
    const cookie = [...bob.browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
    for (const [origin, status] of [
      ['http://localhost', 400],
      ['https://evil.example', 403],
    ] as const) {
      const headers = { 'content-type': request.headers.get('content-type')!, cookie, origin };
      const body = await request.clone().arrayBuffer();
      expect((await kernel.request(`${list}/${bob.id}/avatar`, { method: 'POST', headers, body })).status).toBe(status);
    }
    expect((await service.byId(bob.id))!.avatar).toBe('');
  });

  it('leads everybody to his own profile, and administrators to everybody', async () => {
    const { ann, eve } = await begin();
    const own = await page(eve.browser, `${list}/${eve.id}/edit`);
    expect(own).toContain(`href="${list}/${eve.id}/edit"`);
    expect(own).toContain('My profile');
    expect(own).not.toContain(`href="${list}"`);
    expect(await page(ann.browser, `${list}/${ann.id}/edit`)).toContain(`href="${list}"`);
  });
});

const missing = missingDialect('mysql');
describe.skipIf(missing !== undefined)(`the pages about operators on MySQL${missing ? ` (${missing})` : ''}`, () => {
  suite(async () => {
    const database = await createTestUrl('mysql');
    ends.push(database.drop);
    return { MIBEW_DATABASE: database.url };
  });
});
