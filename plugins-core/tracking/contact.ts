/** What happens when a page is heard: widget spec section 4. Nothing in here takes longer when more visitors are there. */
import type { Rate } from '../chat/api.ts';
import type { Values } from '../settings/api.ts';
import type { WidgetAnswer, WidgetContact, WidgetResponse } from '../widget/api.ts';
import { attributeLimits, type TrackedVisitor } from './api.ts';
import type { Geo } from './geo.ts';
import { share, type Known } from './known.ts';
import type { trackingSettings } from './settings.ts';
import { isSame, readEvents, readIdentity } from './telling.ts';
import { address, cut, own } from './texts.ts';
import { makeSecret, type Visitors } from './visitors.ts';
import type { Writer } from './writer.ts';

export interface ContactNeeds {
  readonly visitors: Visitors;
  readonly writer: Writer;
  readonly settings: Values<typeof trackingSettings>;
  readonly geo: Pick<Geo, 'of'>;
  /** How quickly one address may bring new visitors. */
  readonly newcomers: Rate;
  /** How many pages and events of one address are stored. */
  readonly history: Rate;
  /** Facts that operators see are others. */
  readonly changed: (known: Known) => void;
  /** Pushes to a visitor reach this page from now on. */
  readonly listens: (known: Known, session: NonNullable<WidgetContact['session']>) => void;
  readonly created: (visitor: TrackedVisitor) => void;
  /** Hook `tracking.visitor.tracked`, to its end. */
  readonly tracked: (about: { readonly visitor: TrackedVisitor; readonly navigated: boolean }) => Promise<unknown>;
  /** Hook `tracking.widget.answered`. */
  readonly answered: (
    response: WidgetResponse,
    about: { readonly visitor: TrackedVisitor; readonly contact: WidgetContact; readonly navigated: boolean },
  ) => Promise<WidgetResponse>;
  /** There is no room for another visitor. */
  readonly full: () => void;
  /** Whether he is known could not be found out. */
  readonly failed: (error: unknown) => void;
  readonly now: () => number;
}

/** Pages and events that are stored for each visitor who may come. */
export const historyEach = 25;
/** Pages out of sight are asked so much less often. */
const hiddenFactor = 3;
/** Whoever is turned away may try again then, seconds. */
const turnedAway = 60;
/** How far behind the stored time of a visitor may be, ms: a poll alone writes nothing. */
const storedEvery = 30_000;
const second = 1_000;
/** Intervals without a sign of life, and what networks and busy browsers take besides, after which nobody is here. */
const missed = 3;
const slack = 15;

/** Pages do not wait for what takes longer, ms: whoever listens so slowly is left out of it by the kernel, and pages then stop. */
const patience = 800;
const late = Symbol('late');
async function inTime<T>(work: Promise<T>, left = patience): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<typeof late>((resolve) => (timer = setTimeout(resolve, left, late)));
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** The page is to keep this secret, and to bring it from now on. */
const withSecret = (answer: WidgetAnswer, id: string): WidgetAnswer => ({
  ...answer,
  handlers: [...answer.handlers, 'updateUserId'],
  dependencies: { ...answer.dependencies, updateUserId: [] },
  data: { ...answer.data, user: { id } },
});

export function createContact(needs: ContactNeeds) {
  const { visitors, writer, settings, geo, now } = needs;

  async function find(secret: string, contact: WidgetContact): Promise<Known | 'address' | 'full'> {
    if (visitors.full) return 'full';
    const there = await visitors.bySecret(secret);
    if (there) return there;
    if (!needs.newcomers.take(contact.address)) return 'address';
    const remote = cut(contact.address, 255);
    const known = await visitors.come(secret, {
      entry: own(address(contact.entry)),
      userAgent: own(cut(contact.userAgent, 255)),
      remote,
      locale: own(cut(contact.locale, 16)),
      ...geo.of(remote),
    });
    needs.created(known);
    return known;
  }

  const intervalOf = ({ hidden }: WidgetContact) => settings.updatefrequency_tracking * (hidden ? hiddenFactor : 1);

  /** Browser, address and language are those that he has now. @returns whether they are others */
  function update(known: Known, contact: WidgetContact): boolean {
    if (contact.address === known.remote && contact.userAgent === known.userAgent) return false;
    const [remote, userAgent] = [cut(contact.address, 255), cut(contact.userAgent, 255)];
    if (remote === known.remote && userAgent === known.userAgent) return false;
    known.remote = own(remote);
    known.userAgent = share(own(userAgent));
    known.locale = share(own(cut(contact.locale, 16))) || known.locale;
    const { country, city } = geo.of(remote);
    known.country = share(country);
    known.city = share(city);
    writer.changed(known);
    return true;
  }

  /** He was away for so long that this is another visit. */
  function begin(known: Known, contact: WidgetContact, time: number): void {
    if (time - known.lastTime <= settings.tracking_lifetime * second || known.threadId > 0) return;
    known.visits += 1;
    known.pages = 0;
    known.firstTime = time;
    known.entry = share(own(address(contact.entry)));
    writer.changed(known);
  }

  /** @returns whether it is another page than before */
  function visit(known: Known, contact: WidgetContact, time: number): boolean {
    if (contact.page === '' || (known.pages > 0 && contact.page === known.page?.address)) return false;
    // A page that nobody looks at is not the one that he looks at; its own contacts go on beside those of the other.
    if (contact.hidden && known.pages > 0) return false;
    const shown = address(contact.page);
    if (shown === '' || (known.pages > 0 && shown === known.page?.address)) return false;
    known.page = { address: own(shown), title: own(cut(contact.title, 255)), at: time };
    known.pages += 1;
    if (needs.history.take(contact.address)) writer.page(known, known.page);
    return true;
  }

  /** @returns whether the page told something new */
  function hear(known: Known, { custom, address: from }: WidgetContact, time: number): boolean {
    const { identify, track } = custom;
    let news = false;
    const identified = identify === undefined ? undefined : readIdentity(identify, settings.tracking_identity_secret);
    if (identified && !isSame(identified, known)) {
      known.attributes = identified.attributes;
      known.identity = identified.identity;
      if (identified.name !== '') known.name = identified.name;
      writer.changed(known);
      news = true;
    }
    const events = track === undefined ? [] : readEvents(track).map((one) => ({ ...one, at: time }));
    if (events.length > 0) {
      known.events = [...known.events, ...events].slice(-attributeLimits.events);
      for (const one of events) if (needs.history.take(from)) writer.event(known, one);
      news = true;
    }
    return news;
  }

  /** What is shown of invitations, for pages that do not say it themselves. */
  function remember(known: Known, { handlers, data }: WidgetResponse): void {
    if (handlers.includes('invitationClose')) known.shown = 0;
    if (!handlers.includes('invitationCreate')) return;
    const { threadId } = (data['invitation'] ?? {}) as { readonly threadId?: unknown };
    known.shown = typeof threadId === 'number' ? threadId : known.threadId;
  }

  /** Takes over where he is and what his page tells. @returns whether it is another page than before */
  function take(known: Known, contact: WidgetContact): boolean {
    const time = now();
    const wasHere = known.until > time;
    begin(known, contact, time);
    known.lastTime = time;
    known.until = Math.max(known.until, time + (missed * intervalOf(contact) + slack) * second);
    const differs = update(known, contact);
    const navigated = visit(known, contact, time);
    const news = hear(known, contact, time);
    if (time - known.stored > storedEvery) writer.seen(known);
    if (!wasHere || differs || navigated || news) needs.changed(known);
    if (contact.session) needs.listens(known, contact.session);
    return navigated;
  }

  async function ask(response: WidgetResponse, about: Parameters<ContactNeeds['answered']>[1]) {
    await needs.tracked({ visitor: about.visitor, navigated: about.navigated });
    return needs.answered(response, about);
  }

  return async (answer: WidgetAnswer, contact: WidgetContact): Promise<WidgetAnswer> => {
    if (contact.operator && !settings.trackoperators) return answer;
    if (contact.declined && settings.tracking_respect_dnt) return answer;
    const fresh = contact.userId === undefined && contact.carrier === 'jsonp' ? makeSecret() : undefined;
    const secret = contact.userId ?? fresh;
    if (secret === undefined) return answer;

    const interval = intervalOf(contact);
    const named = fresh === undefined ? answer : withSecret(answer, fresh);
    const there = visitors.known(secret);
    const begun = there ? 0 : performance.now();
    const finding = there ?? find(secret, contact).catch(needs.failed);
    const known = finding instanceof Promise ? await inTime(finding) : finding;
    if (known === late) {
      // The page takes what it told for heard, and does not tell it again.
      void (finding as ReturnType<typeof find>).then((found) => typeof found === 'object' && take(found, contact));
      return { ...named, next: interval };
    }
    if (typeof known !== 'object') {
      if (known === 'full') needs.full();
      return { ...answer, next: turnedAway };
    }
    const navigated = take(known, contact);

    const about = contact.invitation === undefined ? { ...contact, invitation: known.shown } : contact;
    const left = there ? patience : Math.max(0, patience - (performance.now() - begun));
    const response = await inTime(ask(named, { visitor: known, contact: about, navigated }), left);
    if (response === late) return { ...named, next: interval };
    if (contact.invitation === undefined) remember(known, response);
    const { load, handlers, dependencies, data } = response;
    return { load, handlers, dependencies, data, next: interval };
  };
}
