/** Products with people in every state that a conversation can have: built once, shown many times. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bans } from '../../plugins-core/bans/api.ts';
import { threads, threadState, visitors } from '../../plugins-core/chat/api.ts';
import { db } from '../../plugins-core/database/api.ts';
import { groups } from '../../plugins-core/groups/api.ts';
import { jobs } from '../../plugins-core/jobs/api.ts';
import { operators } from '../../plugins-core/operators/api.ts';
import { createLinks } from '../../plugins-core/recovery/links.ts';
import { root } from '../support/server.ts';
import { threadCall, type Json, type TestThread } from '../support/wire.ts';
import { setSite, type Site } from './site-stage.ts';
import { openStand, stranger, type OperatorOnStage, type Stand, type Who } from './stand.ts';

export type { Who } from './stand.ts';
export interface VisitorOnStage extends Who {
  readonly id: number;
  readonly token: number;
}
/** Conversations by what has become of them. */
type StateName =
  | 'waits'
  | 'waitsSecond'
  | 'banned'
  | 'loading'
  | 'talks'
  | 'others'
  | 'cutOff'
  | 'operatorLost'
  | 'visitorLost'
  | 'forAnn'
  | 'forGroup'
  | 'taken'
  | 'over'
  | 'rated'
  | 'logged'
  | 'invited'
  | 'plain'
  | 'plainOver';

export interface Stage {
  readonly url: string;
  /** A second product beside it, which follows and invites whoever is on its site. */
  readonly site: Site;
  readonly ann: OperatorOnStage;
  readonly bob: OperatorOnStage;
  readonly in: Readonly<Record<StateName, VisitorOnStage>>;
  /** Messages that were left, oldest first. */
  readonly left: readonly TestThread[];
  /** Groups by name. */
  readonly groups: { readonly sales: number; readonly shop: number; readonly repairs: number };
  /** Where an operator sets a new password who was mailed a link. */
  readonly wayIn: string;
  /** Somebody who was never here. */
  stranger(): Who;
  change(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** The operator's sign of life in a conversation, writing or not; the visitor's with `user`. */
  ping(who: Who, thread: TestThread, user: boolean, typed: boolean): Promise<void>;
  /** The visitor has typed this and not sent it. */
  type(thread: VisitorOnStage, text: string): Promise<void>;
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const stand = await openStand();
  try {
    const site = await setSite();
    const stop = async () => {
      await Promise.all([stand.stop(), site.stop()]);
    };
    return { ...(await fill(stand)), url: stand.url, site, stop };
  } catch (error) {
    await stand.stop();
    throw error;
  }
}

async function fill({
  kernel,
  change,
  call,
  submit,
  hire,
  present,
}: Stand): Promise<Omit<Stage, 'url' | 'site' | 'stop'>> {
  const people = kernel.service(operators);
  const talks = kernel.service(threads);

  const ask = (who: Who, name: string, args: Json, ...results: readonly string[]) =>
    call('/thread/update', who, threadCall(name, args, results));
  const ping: Stage['ping'] = async (who, { id, token }, user, typed) => {
    await ask(who, 'update', { threadId: id, token, user, typed, lastId: 0 });
  };

  const type: Stage['type'] = async (thread, text) => {
    await ping(thread, thread, true, true);
    await ask(thread, 'preview', { threadId: thread.id, token: thread.token, user: true, text });
  };

  async function come(
    name: string,
    words: readonly string[],
    more: Json = {},
    who: Who = stranger(),
  ): Promise<VisitorOnStage> {
    const from = { name, email: `${name.toLowerCase()}@example.org`, url: 'https://shop.example/lamps?colour=warm' };
    const { options } = await ask(who, 'start', { ...from, locale: 'en', group: sales.id, ...more }, 'options');
    const { id, token } = (options as { thread: TestThread }).thread;
    await ping(who, { id, token }, true, false);
    for (const message of words) await ask(who, 'post', { threadId: id, token, user: true, message });
    return { ...who, id, token };
  }
  const answer = (thread: TestThread, { operator }: OperatorOnStage, message: string) =>
    talks.post(thread.id, 'agent', { message, operator });
  const take = async (thread: TestThread, who: OperatorOnStage, force = false) => {
    await talks.take(thread.id, who.operator, { force });
    await ping(who, thread, false, false);
  };

  await kernel.enable('demo');
  await change({
    title: 'Lamp & Shade',
    email: 'office@shop.example',
    enablegroups: true,
    enableban: true,
    surveyaskmail: true,
    surveyaskmessage: true,
    enableprivacypolicy: true,
    privacypolicy: 'https://shop.example/privacy',
    online_timeout: 3600,
    thread_lifetime: 0,
    start_rate: 0,
    message_rate: 0,
    max_connections_from_one_host: 0,
    showonlineoperators: true,
  });
  const ann = await hire('ann', 'Ann Example', ['admin', 'takeover', 'viewthreads']);
  const bob = await hire('bob', 'Bob with a name of some length', ['takeover', 'viewthreads']);
  const eve = await hire('eve', 'Eve', []);
  await people.setAvatar(eve.operator.id, await readFile(join(root, 'test/fixtures/face.png')));
  const zoe = await hire('zoe', 'Zoë van der Meer', ['viewthreads']);
  await people.setDisabled(zoe.operator.id, true);
  const teams = kernel.service(groups);
  const sales = await teams.create({ name: 'Sales', description: 'Lamps, shades, and what belongs to them' });
  const shop = await teams.create({ name: 'Web shop', parentId: sales.id, email: 'webshop@shop.example', weight: 1 });
  const repairs = await teams.create({ name: 'Repairs for customers of the northern region', weight: 2 });
  await teams.changeMembers(sales.id, { add: [ann.operator.id, bob.operator.id] });
  await teams.changeMembers(shop.id, { add: [eve.operator.id] });
  for (const one of [ann, bob]) await present(one);

  const field = { labels: '', maxlength: '255', options: '' };
  await submit(ann, '/operator/survey-fields/add', {
    ...field,
    label: 'Order number',
    name: 'order',
    kind: 'text',
    required: 'on',
  });
  await submit(ann, '/operator/survey-fields/add', {
    ...field,
    label: 'What is it about?',
    name: 'topic',
    kind: 'choice',
    options: 'Delivery\nReturn\nSomething else that takes a few more words to say',
  });
  await submit(ann, '/operator/survey-fields/add', {
    ...field,
    label: 'I have ordered here before',
    name: 'known',
    kind: 'checkbox',
  });

  // Whoever is silent counts as gone after the shortest time there is; then nobody does any more.
  await change({ connection_timeout: 5, disconnect_grace: 0 });
  const operatorLost = await come('Lea', ['My parcel did not arrive.']);
  await take(operatorLost, bob);
  await answer(operatorLost, bob, 'Let me have a look.');
  const visitorLost = await come('Gus', ['Do you have it in green?']);
  await take(visitorLost, ann);
  await answer(visitorLost, ann, 'In light and in dark green.');
  for (;;) {
    await ping(ann, visitorLost, false, false);
    await kernel.service(jobs).runNow('chat.presence');
    const [one, other] = await Promise.all([talks.byId(operatorLost.id), talks.byId(visitorLost.id)]);
    if (one?.state === threadState.waiting && other?.visitorGone) break;
    await new Promise((next) => setTimeout(next, 250));
  }
  await change({ connection_timeout: 3600, disconnect_grace: 3600 });

  const answers = { fields: { order: '4711', topic: 'Delivery', known: '1' }, consent: true };
  const long = 'https://shop.example/a/very/long/address/without/any/place/to/break?with=parameters&and=more';
  const tess = stranger();
  // More than one page of them, and one in which everything happened that a log can show.
  let logged: VisitorOnStage | undefined;
  for (const question of [
    'Do you have gift cards?',
    'Is the shop open on Sundays?',
    'Which bulb fits?',
    'The parcel is late.',
    'Can I bring the lamp back?',
    'Is somebody there?',
    'Do you have the shade in a darker green?',
  ]) {
    const visitor = await come('Tess', [question], {}, tess);
    if (question !== 'Is somebody there?') {
      await take(visitor, bob);
      await answer(visitor, bob, 'Let me have a look.');
    }
    if (question.includes('green')) {
      logged = visitor;
      const note = { message: 'Has bought three of them.', operator: bob.operator, private: true };
      await talks.post(visitor.id, 'agent', note);
      await take(visitor, ann, true);
      await answer(visitor, ann, 'We do: https://shop.example/lamps?colour=green\nShall I put one aside for you?');
      await ask(visitor, 'post', { threadId: visitor.id, token: visitor.token, user: true, message: 'Please do!' });
    }
    await talks.close(visitor.id, 'user');
    if (visitor === logged)
      await ask(visitor, 'rate', { threadId: visitor.id, token: visitor.token, user: true, score: 5, comment: '' });
  }
  const { options: begun } = await ask(
    tess,
    'processSurvey',
    {
      threadId: null,
      token: null,
      name: 'Tess',
      email: 'tess@example.org',
      message: 'Good morning',
      groupId: sales.id,
      locale: 'en',
      ...answers,
    },
    'next',
    'options',
  );
  const { thread: talked } = begun as { thread: TestThread };
  const talking: VisitorOnStage = { ...tess, id: talked.id, token: talked.token };
  await ping(talking, talking, true, false);
  await ask(talking, 'post', {
    threadId: talking.id,
    token: talking.token,
    user: true,
    message: `I was looking at ${long}`,
  });
  await take(talking, ann);
  await answer(talking, ann, 'Good morning! I am looking it up,\none moment please.');
  await talks.post(talking.id, 'agent', { message: 'Was here last week, too.', operator: bob.operator, private: true });
  await ask(talking, 'post', { threadId: talking.id, token: talking.token, user: true, message: 'What does it cost?' });

  const others = await come('Ole', ['Do you repair lamps?']);
  await take(others, bob);
  await answer(others, bob, 'We do.');
  const cutOff = await come('Ben', ['Does it come with a bulb?']);
  await take(cutOff, bob);
  await answer(cutOff, bob, 'With two of them.');
  const forAnn = await come('Ida', ['Which blue?']);
  await take(forAnn, bob);
  await talks.post(forAnn.id, 'agent', { message: 'Wants the light blue.', operator: bob.operator, private: true });
  await talks.redirect(forAnn.id, bob.operator, { agent: ann.operator });
  const forGroup = await come('Per', ['I paid twice.']);
  await take(forGroup, ann);
  await talks.redirect(forGroup.id, ann.operator, { group: { id: sales.id, name: 'Sales' } });
  const taken = await come('Kai', ['Is it heavy?']);
  await take(taken, bob);
  await answer(taken, bob, 'Two kilogrammes.');
  await take(taken, ann, true);
  const ended = async (name: string) => {
    const visitor = await come(name, ['Thank you, that is all.']);
    await take(visitor, ann);
    await answer(visitor, ann, 'You are welcome.');
    await talks.close(visitor.id, 'user');
    return visitor;
  };
  const over = await ended('Zoe');
  const rated = await ended('Max');
  await ask(rated, 'rate', { threadId: rated.id, token: rated.token, user: true, score: 4, comment: 'Quick, thanks' });
  const plainOver = await ended('Nora');
  const plain = await come('Noel', ['A word without scripts']);
  await take(plain, ann);
  await answer(plain, ann, 'Which arrives all the same.');

  const waits = await come('Una', ['Hello, is anybody there? The lamp that I ordered last week flickers.']);
  const waitsSecond = await come('Vic', ['Hello?']);
  const banned = await come('Rob', ['Buy my lamps']);
  const { userId } = (await talks.byId(banned.id))!;
  const till = Date.now() + 15 * 86_400_000;
  const service = kernel.service(bans);
  await service.create({ userId, comment: 'Sells lamps of his own', till }, ann.operator.id);
  await service.create({ address: '203.0.113.0/24', comment: 'Nothing but advertisements', till: 0 }, ann.operator.id);
  await service.create({ address: '2001:db8::/48', comment: 'Insults', till }, ann.operator.id);
  const empty = await come('Lou', []);

  const guest = stranger();
  const invitation = await talks.invite(
    await kernel.service(visitors).bySecret(guest.cookies['MibewVisitor']!),
    ann.operator,
    { url: 'https://shop.example/lamps', locale: 'en', remote: guest.address, userAgent: 'Firefox' },
  );
  if (!invitation) throw new Error('nobody was invited');
  const invited: VisitorOnStage = { ...guest, id: invitation.id, token: invitation.token };

  const leave = (name: string, message: string, groupId: number) =>
    ask(stranger(), 'processLeaveMessage', {
      name,
      email: `${name.toLowerCase()}@example.org`,
      message,
      groupId,
      locale: 'en',
      consent: true,
    });
  await leave('Wim', 'Is the chair still there?', 0);
  await leave('Tess', 'The lamp flickers. When may I bring it? I am in town on Thursdays.', sales.id);
  const { threads: rows } = await talks.since(1);
  const left = rows.filter(({ state }) => state === threadState.left).map(({ id, token }) => ({ id, token }));

  const token = await createLinks(kernel.service(db)).make(bob.operator.id);
  const wayIn = `/operator/password-recovery/reset?${new URLSearchParams({ id: String(bob.operator.id), token })}`;

  return {
    ann,
    bob,
    left,
    wayIn,
    groups: { sales: sales.id, shop: shop.id, repairs: repairs.id },
    in: {
      waits,
      waitsSecond,
      banned,
      loading: empty,
      talks: talking,
      others,
      cutOff,
      operatorLost,
      visitorLost,
      forAnn,
      forGroup,
      taken,
      over,
      rated,
      logged: logged!,
      invited,
      plain,
      plainOver,
    },
    stranger,
    change,
    ping,
    type,
  };
}
