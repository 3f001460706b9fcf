/** Invites by rule: who is meant is seen at each contact, when he has been there for long enough from a clock. */
import { Lru, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { AvailabilityService, Operator } from '../operators/api.ts';
import type { TrackedVisitor, TrackingService } from '../tracking/api.ts';
import type { InvitationRule } from './api.ts';
import type { Book } from './book.ts';
import type { Invitations } from './invitations.ts';
import { dueOf, means } from './matching.ts';
import type { Rules } from './rules.ts';
import { createWheel } from './wheel.ts';

export interface InviterNeeds {
  readonly rules: Pick<Rules, 'list'>;
  readonly book: Pick<Book, 'lastTime' | 'waitingByAgent'>;
  readonly tracking: Pick<TrackingService, 'byId'>;
  readonly availability: Pick<AvailabilityService, 'online'>;
  readonly threads: Pick<ThreadsService, 'since'>;
  readonly invitations: Pick<Invitations, 'inviteAs' | 'isOutside'>;
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
}

export interface Inviter {
  /** A page was heard. */
  look(visitor: TrackedVisitor): void;
  /** Somebody was invited, by whomever. */
  invited(trackedId: number, at: number): void;
  forget(trackedIds: readonly number[]): void;
  /** Looks after those whose time has come. Called every second. */
  tick(): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

const hour = 3_600_000;
/** So many visitors' last invitations are kept in memory; those who were asked about longest ago are asked about again. */
const remembered = 100_000;

/** Nobody can talk with everybody who comes at once: so many invitations of an operator may be unanswered. */
const mostPending = 5;
/** Where nobody was there, a rule is not asked about again for so long, ms. */
const pause = 5_000;
/** Whoever was not heard of for so long has left, ms; a page out of sight is heard of every half minute. */
const silence = 90_000;

/** Conversations that each operator has. */
function loadsOf(threads: readonly Thread[]): ReadonlyMap<number, number> {
  const { chatting, waiting } = threadState;
  const loads = new Map<number, number>();
  for (const { state, agentId, nextAgent } of threads) {
    const owner = state === chatting ? agentId : state === waiting ? nextAgent || agentId : 0;
    if (owner > 0) loads.set(owner, (loads.get(owner) ?? 0) + 1);
  }
  return loads;
}

export function createInviter(needs: InviterNeeds): Inviter {
  const { rules, book, tracking, availability, threads, invitations, now } = needs;
  const wheel = createWheel();
  /** Visitor → when he was invited last; 0: never. */
  const last = new Lru<number, number>(remembered);
  /** Rule → until when nobody is there for it. */
  const unattended = new Map<number, number>();
  /** Asked one after the other, so that each sees what the one before it gave to whom. */
  const queued = new Set<number>();
  let queue: Promise<void> = Promise.resolve();

  /** Was he asked so lately that this rule leaves him alone? What nobody has looked up counts as no. */
  const rests = (rule: InvitationRule, id: number) => (last.get(id) ?? 0) > now() - rule.hours * hour;
  const meant = (visitor: TrackedVisitor) =>
    rules.list().filter((rule) => means(rule, visitor) && !rests(rule, visitor.id));

  /** The one with the fewest conversations and invitations, where enough are there. */
  async function chosen({ groupId, operators: least }: InvitationRule): Promise<Operator | undefined> {
    const online = await availability.online(groupId);
    const free: Operator[] = [];
    for (const { operator, away } of online) if (!away && !(await invitations.isOutside(operator))) free.push(operator);
    if (free.length < least) return undefined;
    const chats = loadsOf((await threads.since(0)).threads);
    const pending = await book.waitingByAgent();
    const load = ({ id }: Operator) => (chats.get(id) ?? 0) + (pending.get(id) ?? 0);
    return free
      .filter(({ id }) => (pending.get(id) ?? 0) < mostPending)
      .toSorted((a, b) => load(a) - load(b) || a.id - b.id)[0];
  }

  /** When he is to be asked by this rule. */
  const timeOf = (rule: InvitationRule, visitor: TrackedVisitor) =>
    Math.max(dueOf(rule, visitor), unattended.get(rule.id) ?? 0);

  async function ask(id: number): Promise<void> {
    const visitor = await tracking.byId(id);
    if (!visitor || visitor.threadId !== 0 || visitor.lastTime < now() - silence) return;
    if (last.get(id) === undefined) last.set(id, await book.lastTime(id));
    for (const rule of meant(visitor)) {
      if (timeOf(rule, visitor) > now()) continue;
      const operator = await chosen(rule);
      if (!operator) {
        unattended.set(rule.id, now() + pause);
        continue;
      }
      await invitations.inviteAs(id, operator, { greeting: rule.greeting, ruleId: rule.id });
      return;
    }
    plan(visitor);
  }

  function start(id: number): void {
    if (queued.has(id)) return;
    queued.add(id);
    queue = queue.then(async () => {
      queued.delete(id);
      await ask(id).catch(needs.failed);
    });
  }

  /** Those who are not due yet are looked after when they are. */
  function plan(visitor: TrackedVisitor): boolean {
    const times = meant(visitor).map((rule) => timeOf(rule, visitor));
    const later = times.filter((time) => time > now());
    if (later.length > 0) wheel.set(visitor.id, Math.min(...later));
    else wheel.clear(visitor.id);
    return times.length > later.length;
  }

  return {
    look(visitor) {
      if (rules.list().length > 0 && plan(visitor)) start(visitor.id);
    },
    invited: (trackedId, at) => last.set(trackedId, at),
    forget(trackedIds) {
      for (const id of trackedIds) {
        wheel.clear(id);
        last.delete(id);
      }
    },
    tick() {
      for (const id of wheel.due(now())) start(id);
    },
    settled: () => queue,
  };
}
