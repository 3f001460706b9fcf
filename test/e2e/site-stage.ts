/** A product that follows visitors of the site and invites them: nobody at first, then a crowd of them, in every state. */
import { createHash, randomBytes } from 'node:crypto';
import { threads, visitors, invitationState } from '../../plugins-core/chat/api.ts';
import { db } from '../../plugins-core/database/api.ts';
import { invitations } from '../../plugins-core/invitation/api.ts';
import { outcome } from '../../plugins-core/invitation/tables.ts';
import { tracking } from '../../plugins-core/tracking/api.ts';
import { event, page, visitor, type VisitorRow } from '../../plugins-core/tracking/tables.ts';
import { nothingToDo, widgetContacted } from '../../plugins-core/widget/api.ts';
import { openStand, stranger, type OperatorOnStage } from './stand.ts';

export interface Crowd {
  /** Numbers on the board: somebody with a long way behind him, and somebody who is invited. */
  readonly zoe: number;
  readonly invited: number;
  /** Conversations of somebody who was followed before, and of somebody who was not. */
  readonly talks: number;
  readonly unknown: number;
  /** Number of a rule. */
  readonly rule: number;
}
export interface Site {
  readonly url: string;
  readonly ann: OperatorOnStage;
  /** Visitors, rules and figures come when they are asked for; until then there is nobody and nothing. */
  crowd(): Promise<Crowd>;
  /** Has Ann invite whoever looks at this page as soon as he is there. */
  invite(address: string): Promise<void>;
  stop(): Promise<void>;
}

const shop = 'https://shop.example';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const minute = 60_000;
const day = 1440 * minute;

type Visited = readonly [path: string, title: string, minutesAgo: number];
interface Guest extends Partial<Omit<VisitorRow, 'id'>> {
  /** Oldest first. */
  readonly way: readonly Visited[];
  readonly events?: readonly (readonly [name: string, data: Record<string, string>, minutesAgo: number])[];
}

const guests: readonly Guest[] = [
  {
    name: 'Zoë van der Meer',
    country: 'NL',
    city: 'Utrecht',
    entry: 'https://search.example/?q=reading+lamp+that+can+be+dimmed&page=2',
    visits: 4,
    chats: 1,
    invitations: 2,
    identityId: 'C-4711',
    verified: true,
    attributes: { plan: 'gold', basket: '3 items, 214.90 €', 'delivered to': 'Utrecht, Oudegracht 128' },
    way: [
      ['/', 'Lamp & Shade', 31],
      ['/lamps', 'Lamps', 29],
      ['/lamps?colour=green&sort=price', 'Lamps, green', 27],
      ['/lamps/sigrid', 'Sigrid, the reading lamp that can be dimmed from everywhere in the room', 24],
      ['/delivery', 'Delivery and returns', 12],
      ['/cart', 'Your cart', 4],
    ],
    events: [
      ['added to cart', { article: 'Sigrid, green', price: '89.90 €' }, 22],
      ['coupon refused', { code: 'SUMMER' }, 3],
    ],
  },
  {
    country: 'SE',
    city: 'Lund',
    entry: 'https://news.example/lamps',
    userAgent: safari,
    way: [['/lamps/a-very-long-address-without-any-title-that-was-given-to-it', '', 1]],
  },
  {
    name: 'Per',
    country: 'NO',
    visits: 1,
    invited: invitationState.rejected,
    invitations: 1,
    identityId: 'C-8',
    attributes: { plan: 'silver' },
    way: [
      ['/', 'Lamp & Shade', 9],
      ['/shades', 'Shades of linen, silk and paper', 6],
    ],
  },
  {
    name: 'Somebody whose name is longer than any row in any list of visitors',
    country: 'BA',
    city: 'Sarajevo',
    invited: invitationState.ignored,
    invitations: 1,
    way: [['/sale', 'Everything is half off until the end of the month or as long as there is something left', 14]],
  },
  {
    name: 'Ida',
    country: 'DE',
    visits: 12,
    invited: invitationState.accepted,
    invitations: 1,
    chats: 3,
    userAgent: safari,
    way: [['/repairs', 'Repairs', 44]],
  },
  { name: 'Una', country: 'SE', city: 'Malmö', visits: 2, way: [['/cart', 'Your cart', 3]] },
  { country: 'JP', city: 'Kyōto', way: [['/lamps', 'Lamps', 2]] },
  { way: [['/', 'Lamp & Shade', 0]] },
];

export async function setSite(): Promise<Site> {
  const { kernel, url, change, hire, present, submit, stop } = await openStand();
  for (const id of ['demo', 'tracking', 'invitation']) await kernel.enable(id);
  await change({
    title: 'Lamp & Shade',
    online_timeout: 3600,
    thread_lifetime: 0,
    start_rate: 0,
    // Whoever was heard of once stays.
    updatefrequency_tracking: 3600,
    tracking_newcomers: 0,
    invitation_lifetime: 86_400,
    invitation_sound: false,
  });
  const ann = await hire('ann', 'Ann Example', ['admin', 'takeover', 'viewthreads', 'statistics']);
  const bob = await hire('bob', 'Bob with a name of some length', ['takeover', 'viewthreads']);
  for (const one of [ann, bob]) await present(one);
  const base = kernel.service(db);
  const followed = kernel.service(tracking);
  const inviting = kernel.service(invitations);
  const talks = kernel.service(threads);

  /** @returns his number, and the secret that his browser keeps */
  async function come({ way, events = [], ...row }: Guest): Promise<{ readonly id: number; readonly secret: string }> {
    const now = Date.now();
    const at = (minutes: number) => now - minutes * minute;
    const { address: remote } = stranger();
    const secret = randomBytes(32).toString('base64url');
    const [path, title] = way.at(-1)!;
    const values = {
      secretHash: hashOf(secret),
      userId: randomBytes(12).toString('hex'),
      userAgent: firefox,
      remote,
      locale: 'en',
      firstTime: at(way[0]![2]),
      lastTime: now,
      attributes: {},
      ...row,
    };
    const { insertId: id } = await base.query.insert(base.table(visitor)).values(values);
    await base.query
      .insert(base.table(page))
      .values(way.map(([to, name, ago]) => ({ visitorId: id, address: shop + to, title: name, at: at(ago) })));
    for (const [name, data, ago] of events)
      await base.query.insert(base.table(event)).values({ visitorId: id, name, data, at: at(ago) });
    await kernel.call(
      widgetContacted,
      { ...nothingToDo, next: undefined },
      {
        carrier: 'json',
        userId: secret,
        page: shop + path,
        title,
        entry: values.entry ?? '',
        locale: 'en',
        silent: false,
        hidden: false,
        invitation: 0,
        rejected: false,
        custom: {},
        operator: false,
        declined: false,
        address: remote,
        userAgent: values.userAgent,
        origin: url,
        session: undefined,
      },
    );
    return { id, secret };
  }
  async function begin(name: string, question: string, secret?: string): Promise<number> {
    const guest = await kernel.service(visitors).bySecret(stranger().cookies['MibewVisitor']!);
    const { thread } = await talks.start(guest, {
      remote: stranger().address,
      userAgent: firefox,
      name,
      ...(secret && { fields: { user_id: secret } }),
    });
    await talks.post(thread!.id, 'user', { message: question });
    await talks.take(thread!.id, ann.operator);
    return thread!.id;
  }

  /** What became of invitations in the last days. */
  async function figures(rule: number): Promise<void> {
    const today = Date.now() - (Date.now() % day);
    const rows: readonly (readonly [ago: number, rule: number, path: string, ...figures: number[]])[] = [
      [0, rule, '/sale', 41, 12, 9, 18],
      [0, 0, '/cart', 6, 4, 1, 1],
      [1, rule, '/sale', 1_204, 322, 214, 640],
      [1, 99, '/lamps/sigrid/in-green/with-a-shade-of-linen-and-a-cable-of-three-metres', 17, 0, 5, 12],
      [3, 0, '', 2, 1, 0, 1],
    ];
    for (const [ago, ruleId, path, invited, accepted, rejected, ignored] of rows)
      await base.query.insert(base.table(outcome)).values({
        day: today - ago * day,
        ruleId,
        pageKey: hashOf(path && shop + path).slice(0, 22),
        page: path && shop + path,
        invited: invited!,
        accepted: accepted!,
        rejected: rejected!,
        ignored: ignored!,
      });
  }
  async function addRule(fields: Readonly<Record<string, string>>): Promise<void> {
    const blank = { page: '', attribute: '', value: '', greeting: '', visitor: 'any', enabled: 'on', groupId: '0' };
    const numbers = { secondsOnPage: '0', secondsOnSite: '0', pagesSeen: '1', operators: '1', hours: '24' };
    await submit(ann, '/operator/invitation/add', { ...blank, ...numbers, ...fields });
  }

  async function gather(): Promise<Crowd> {
    const there: { readonly id: number }[] = [];
    for (const guest of guests) there.push(await come(guest));
    const asked = await come({ name: 'Wim', country: 'BE', visits: 1, way: [['/lamps/sigrid', 'Sigrid', 5]] });
    await inviting.invite(asked.id, bob.operator, { greeting: 'Sigrid comes in blue, too. Would you like to see it?' });
    const { name: _, ...known } = guests[0]!;
    const tess = await come({ ...known, identityId: '', chats: 0, name: 'Tess' });
    const talk = await begin('Tess', 'Can I have it delivered on a Saturday?', tess.secret);
    const unknown = await begin('Noel', 'Are you there?');
    await addRule({
      name: 'Sale',
      page: '/sale*',
      secondsOnPage: '30',
      greeting: 'Everything is half off today.\nMay I show you what is new?',
    });
    await addRule({
      name: 'Whoever comes back with a full cart and looks at what delivery costs',
      page: '/cart*',
      secondsOnPage: '60',
      secondsOnSite: '300',
      pagesSeen: '3',
      visitor: 'returning',
      attribute: 'plan',
      value: 'gold',
    });
    await addRule({ name: 'Everybody', enabled: '' });
    await figures(1);
    return { zoe: there[0]!.id, invited: asked.id, talks: talk, unknown, rule: 2 };
  }
  let crowd: Promise<Crowd> | undefined;

  return {
    url,
    ann,
    crowd: () => (crowd ??= gather()),
    async invite(address) {
      const greeting = 'Good morning! Sigrid comes in blue, too. Would you like to see it?';
      for (;;) {
        const found = followed.present().find((one) => one.page?.address === address);
        if (found && 'thread' in (await inviting.invite(found.id, ann.operator, { greeting }))) return;
        await new Promise((next) => setTimeout(next, 100));
      }
    },
    stop,
  };
}
