import { and, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { threadsVisible, type Thread } from '../../chat/api.ts';
import { db, type Dialect } from '../../database/api.ts';
import { missingDialect } from '../../database/testing.ts';
import { jobs } from '../../jobs/api.ts';
import { mailFailed, type MailState } from '../../mailer/api.ts';
import { messageLeft } from '../api.ts';
import { createStore } from '../store.ts';
import { createWorld, typed, type Member, type World } from './world.ts';

const list = '/operator/left-messages';

/** Operators whose login is in the list see nothing of others. */
const sight = (blind: string[]) =>
  definePlugin({
    id: 'sight',
    setup(ctx) {
      ctx.on(threadsVisible, (threads: readonly Thread[], { operator }) =>
        blind.includes(operator.login) ? [] : threads,
      );
    },
  });

async function begin(options: Parameters<typeof createWorld>[0] & { blind?: string[] } = {}) {
  const { blind, ...more } = options;
  const world = await createWorld({ ...more, ...(blind && { plugins: [sight(blind)] }) });
  const ann = await world.person('ann', ['admin']);
  return {
    ...world,
    ann,
    store: createStore(world.kernel.service(db)),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
async function leave(world: World, more: Partial<typed_> = {}): Promise<number> {
  const { errorCode } = await world.call(world.visitor(), 'processLeaveMessage', { ...typed, ...more });
  expect(errorCode).toBe(0);
  return world.kernel.calls(messageLeft).at(-1)![0].thread.id;
}
type typed_ = Record<keyof typeof typed, string>;
const html = async (who: Member, address: string) => (await who.browser.get(address)).text();
const to = (response: Response) => [response.status, response.headers.get('location')];
const act = (who: Member, id: number, what: string, fields: Record<string, string> = {}) =>
  who.browser.submit(`${list}/${id}`, fields, `${list}/${id}/${what}`);

const catchUp = ({ kernel }: World) => kernel.service(jobs).runNow('leave-message.mail');
/** An answered message. @returns its number, and that of the mail */
async function answered(world: World & { readonly ann: Member }): Promise<{ id: number; mail: number }> {
  const id = await leave(world);
  await act(world.ann, id, 'answer', { answer: 'Yes, it is.', key: 'one' });
  return { id, mail: world.office.sent.length };
}

const suite = (dialect: Dialect) => {
  it('is listed newest first until it is done, and can be opened again', async () => {
    await using world = await begin({ dialect });
    const first = await leave(world, { name: 'Tess', message: 'Is the <chair> there?' });
    const second = await leave(world, { name: 'Ida' });
    const open = await html(world.ann, list);
    expect(open.indexOf('Ida')).toBeGreaterThan(0);
    expect(open.indexOf('Ida')).toBeLessThan(open.indexOf('Tess'));
    expect(open).toContain('Is the &lt;chair&gt; there?');
    expect(to(await act(world.ann, first, 'done'))).toEqual([303, `${list}/${first}?said=done`]);
    expect(await html(world.ann, list)).not.toContain('Tess');
    const done = await html(world.ann, `${list}?filter=done`);
    expect(done).toContain('Tess');
    expect(done).not.toContain('Ida');
    const page = await html(world.ann, `${list}/${first}?said=done`);
    expect(page).toContain('The message is marked as done.');
    expect(to(await act(world.ann, first, 'reopen'))).toEqual([303, `${list}/${first}?said=open`]);
    expect(await html(world.ann, list)).toContain('Tess');
    expect(await world.store.find(second)).toMatchObject({ state: 'open', changedBy: 0 });
  });

  it('is answered by mail once, by whoever is first', async () => {
    await using world = await begin({ dialect });
    const bob = await world.person('bob');
    const id = await leave(world);
    const key = 'a-key-of-the-form';
    expect(to(await act(world.ann, id, 'answer', { answer: 'Yes,\r\nit is.', key }))).toEqual([
      303,
      `${list}/${id}?said=answered`,
    ]);
    expect(to(await act(world.ann, id, 'answer', { answer: 'Yes,\r\nit is.', key }))[0]).toBe(303);
    expect(world.office.sent.filter(({ template }) => template === 'leave_message_answer')).toMatchObject([
      {
        to: typed.email,
        locale: 'en',
        values: { name: 'Tess', answer: 'Yes,\nit is.', operator: 'Ann', message: '> Is the chair\n> still there?' },
      },
    ]);
    const late = await act(bob, id, 'answer', { answer: 'No, sorry.', key: 'of-bob' });
    expect(late.status).toBe(409);
    const page = await late.text();
    expect(page).toContain('Ann has answered this message meanwhile.');
    expect(page).toContain('No, sorry.');
    expect(world.office.sent.filter(({ template }) => template === 'leave_message_answer')).toHaveLength(1);
    expect(await world.store.find(id)).toMatchObject({ state: 'answered', changedName: 'Ann' });
    expect((await act(bob, id, 'done')).status).toBe(409);
  });

  it('is work again when the answer does not arrive', async () => {
    await using world = await begin({ dialect });
    const id = await leave(world);
    await act(world.ann, id, 'answer', { answer: 'Yes, it is.', key: 'one' });
    const { template, key } = world.office.sent.at(-1)!;
    await world.kernel.call(mailFailed, { id: 1, template, key: key!, by: 'leave-message', reason: 'no such mailbox' });
    expect(await html(world.ann, list)).toContain('Tess');
    expect(await html(world.ann, `${list}/${id}`)).toContain('could not be delivered');
    expect(to(await act(world.ann, id, 'answer', { answer: 'Yes, it is.', key: 'two' }))[0]).toBe(303);
  });

  it.each<[MailState]>([['failed'], ['discarded'], ['logged']])(
    'is work again when nobody told that the mail of the answer is %s',
    async (state) => {
      await using world = await begin({ dialect });
      const { id, mail } = await answered(world);
      world.office.states.set(mail, 'waiting');
      await catchUp(world);
      expect(await world.store.find(id)).toMatchObject({ state: 'answered' });
      world.office.states.set(mail, state);
      await catchUp(world);
      expect(await world.store.find(id)).toMatchObject({ state: 'open' });
      expect(await html(world.ann, `${list}/${id}`)).toContain('could not be delivered');
      // Once is enough: whoever has seen to it is not sent back to it.
      await act(world.ann, id, 'answer', { answer: 'Yes, it is.', key: 'two' });
      world.office.states.set(mail + 1, 'waiting');
      await catchUp(world);
      expect(await world.store.find(id)).toMatchObject({ state: 'answered' });
    },
  );

  it('stays answered when the answer went out, and its mail is asked for no more', async () => {
    await using world = await begin({ dialect });
    const [sent, gone] = [await answered(world), await answered(world)];
    world.office.states.set(sent.mail, 'sent');
    await catchUp(world);
    const { asked } = world.office;
    expect(asked).toBeGreaterThanOrEqual(2);
    await catchUp(world);
    expect(world.office.asked).toBe(asked);
    for (const { id } of [sent, gone]) expect(await world.store.find(id)).toMatchObject({ state: 'answered' });
  });

  it('is found among any number of answers whose mails still wait', async () => {
    await using world = await begin({ dialect });
    const { id, mail } = await answered(world);
    const first = (await world.store.answers(id))[0]!;
    const database = world.kernel.service(db);
    const { answer } = await import('../tables.ts');
    world.office.states.set(mail, 'waiting');
    for (let n = 1; n <= 250; n++) {
      await database.query
        .insert(database.table(answer))
        .values({ ...first, id: first.id + n, threadId: id + n, mailId: mail + n });
      world.office.states.set(mail + n, 'waiting');
    }
    await database.query
      .insert(database.table(answer))
      .values({ ...first, id: first.id + 251, senderKey: 'last', mailId: mail + 251 });
    world.office.states.set(mail + 251, 'failed');
    for (let n = 0; n < 3; n++) await catchUp(world);
    expect(await world.store.find(id)).toMatchObject({ state: 'open' });
    // And from the beginning again.
    await world.store.change(id, ['open'], 'answered', world.ann);
    world.office.states.set(mail, 'failed');
    await catchUp(world);
    expect(await world.store.find(id)).toMatchObject({ state: 'open' });
  });

  it('is work again when the server died between the failure of the mail and the news of it', async () => {
    await using world = await begin({
      dialect,
      mail: false,
      plugins: ['mailer'],
      env: { MIBEW_SMTP: 'smtp://127.0.0.1:9' },
    });
    const id = await leave(world);
    await act(world.ann, id, 'answer', { answer: 'Yes, it is.', key: 'one' });
    const { mail } = await import('../../mailer/tables.ts');
    const database = world.kernel.service(db);
    const table = database.table(mail);
    const tried = and(eq(table.template, 'leave_message_answer'), eq(table.state, 'queued'), eq(table.attempts, 1));
    // What a server stores at last; the one that would tell of it is dead.
    const die = () => database.query.update(table).set({ state: 'failed', version: 99 }).where(tried);
    while ((await die()).affected === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await world.store.find(id)).toMatchObject({ state: 'answered' });
    await catchUp(world);
    expect(await world.store.find(id)).toMatchObject({ state: 'open' });
    expect(world.kernel.calls(mailFailed)).toEqual([]);
  });
};

for (const dialect of ['sqlite', 'mysql'] as const) {
  const missing = missingDialect(dialect);
  describe.skipIf(missing)(missing ? `on ${dialect} (skipped: ${missing})` : `a left message on ${dialect}`, () =>
    suite(dialect),
  );
}

describe('the pages of left messages', () => {
  it('are for operators who are logged in', async () => {
    await using world = await begin();
    const id = await leave(world);
    for (const address of [list, `${list}/${id}`])
      expect(to(await world.kernel.request(address, { headers: { accept: 'text/html' } }))[0]).toBe(302);
    for (const what of ['answer', 'done', 'reopen'])
      expect((await world.kernel.request(`${list}/${id}/${what}`, { method: 'POST' })).status, what).toBe(403);
  });

  it('take no form that they did not show', async () => {
    await using world = await begin();
    const id = await leave(world);
    for (const what of ['answer', 'done', 'reopen'])
      expect((await world.ann.browser.post(`${list}/${id}/${what}`, { answer: 'x' })).status, what).toBe(400);
    expect(await world.store.find(id)).toMatchObject({ state: 'open' });
  });

  it('show everything to administrators: nobody else sees what was left for a group without members', async () => {
    await using world = await begin({ blind: ['root'] });
    const root = await world.person('root', ['admin']);
    const id = await leave(world);
    expect(await html(root, list)).toContain('Tess');
    expect((await root.browser.get(`${list}/${id}`)).status).toBe(200);
  });

  it('show to nobody what is out of his sight: it is as if it were not there', async () => {
    await using world = await begin({ blind: ['eve'] });
    const eve = await world.person('eve');
    const id = await leave(world);
    expect(await html(eve, list)).not.toContain('Tess');
    const plain = (page: string) => page.replaceAll(/nonce[-="]+[^"']*|\d+/g, '');
    const [foreign, missing] = [await eve.browser.get(`${list}/${id}`), await eve.browser.get(`${list}/9999`)];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(plain(await foreign.text())).toBe(plain(await missing.text()));
    for (const what of ['answer', 'done', 'reopen']) {
      const form = await html(eve, list).then(() => eve.browser.get('/operator/logout'));
      const csrf_token = /name="csrf_token" value="([^"]+)"/.exec(await form.text())![1]!;
      expect(
        (await eve.browser.post(`${list}/${id}/${what}`, { csrf_token, answer: 'x', key: 'k' })).status,
        what,
      ).toBe(404);
    }
    expect(await world.store.find(id)).toMatchObject({ state: 'open' });
    expect(await html(eve, '/operator')).toMatch(
      /mb-figure__value">0<\/span>\s*<span class="mb-figure__label"><a [^>]*left-messages/,
    );
    expect(await html(world.ann, '/operator')).toMatch(
      /mb-figure__value">1<\/span>\s*<span class="mb-figure__label"><a [^>]*left-messages/,
    );
  });

  it('lead from one page of a long list to the next', async () => {
    await using world = await begin();
    const database = world.kernel.service(db);
    const first = await leave(world);
    const row = (await world.store.find(first))!;
    const { left } = await import('../tables.ts');
    const { thread } = await import('../../chat/tables.ts');
    const [stored] = await database.query
      .select()
      .from(database.table(thread))
      .where(eq(database.table(thread).id, first));
    for (let n = 1; n <= 44; n++) {
      await database.query.insert(database.table(thread)).values({ ...stored!, id: first + n });
      await database.query
        .insert(database.table(left))
        .values({ ...row, threadId: first + n, visitorId: 1000 + n, name: `Visitor ${n}.` });
    }
    const page = async (address: string) => {
      const text = (await html(world.ann, address)).replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
      const names = [...text.matchAll(/<strong dir="auto">([^<]+)<\/strong>/g)].map(([, name]) => name);
      const older = /href="([^"]+before=\d+)"/.exec(text)?.[1];
      return { names, older };
    };
    const one = await page(list);
    const two = await page(one.older!);
    const three = await page(two.older!);
    expect(one.names[0]).toBe('Visitor 44.');
    expect([one.names.length, two.names.length, three.names.length]).toEqual([20, 20, 5]);
    expect(new Set([...one.names, ...two.names, ...three.names]).size).toBe(45);
    expect(three.names.at(-1)).toBe('Tess');
    expect(three.older).toBeUndefined();
  });

  it('refuse an answer that is empty or too long, with what was typed', async () => {
    await using world = await begin();
    const id = await leave(world);
    const empty = await act(world.ann, id, 'answer', { answer: ' ', key: 'one' });
    expect([empty.status, await empty.text()]).toEqual([400, expect.stringContaining('Please write an answer.')]);
    const long = await act(world.ann, id, 'answer', { answer: 'y'.repeat(10_001), key: 'one' });
    const text = await long.text();
    expect(long.status).toBe(400);
    expect(text).toContain('at most 10000 characters');
    expect(text).toContain('y'.repeat(10_001));
    expect(world.office.sent.filter(({ template }) => template === 'leave_message_answer')).toEqual([]);
  });

  it('say that no mail can be sent where there is no mail server, and let the message be marked as done', async () => {
    await using world = await begin();
    world.office.delivers = false;
    const id = await leave(world);
    const page = await html(world.ann, `${list}/${id}`);
    expect(page).toContain('No mail server is configured');
    expect(page).not.toContain('name="answer"');
    expect(page).toContain('href="mailto:tess@example.org"');
    expect((await act(world.ann, id, 'answer', { answer: 'Yes', key: 'one' })).status).toBe(409);
    expect(to(await act(world.ann, id, 'done'))[0]).toBe(303);
  });
});
