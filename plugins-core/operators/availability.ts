/** Who is there: signs of life in memory with a time limit, the chosen status in the database. One place decides who counts. */
import type { Cluster, Json } from '../cluster/api.ts';
import type { Accounts, Member } from './accounts.ts';
import type { AvailabilityService, Operator, OwnStatus, Status } from './api.ts';

export interface AvailabilityNeeds {
  readonly cluster: Pick<Cluster, 'bus' | 'presence'>;
  readonly accounts: Pick<Accounts, 'read' | 'setStatus'>;
  /** `online_timeout` in seconds, `idle_timeout` in minutes. */
  readonly settings: { readonly online_timeout: number; readonly idle_timeout: number };
  /** Told on every node when somebody came, went or changed his status. */
  readonly changed: (operatorId: number) => Promise<void>;
  /** Hook `operators.availability.fitting`. */
  readonly fitting: (operators: readonly Operator[], groupId: number) => Promise<readonly Operator[]>;
  readonly sessionSeen: (sessionId: number) => Promise<void>;
  /** News could not be followed: the database is away. The next sign of life tells again. */
  readonly failed: (error: unknown) => void;
  /** The clock of `presence`. */
  readonly now?: () => number;
}

export interface Availability extends AvailabilityService {
  /** A session ended: what its windows still say counts no more. To be called on every node. */
  ended(operatorId: number, sessionId: number): Promise<void>;
  /** Notices whose time ran out, and who became idle. To be called about every second. */
  review(): Promise<void>;
  readonly stop: () => void;
}

/**
 * How long a closed window counts, ms: more than the ten seconds between two signs of a socket, so that another window is
 * heard in time, and that nobody flickers who loads his page again or goes from one to the next.
 */
const farewell = 12_000;
/** Whoever was idle for longer than this has gone long since. */
const week = 7 * 24 * 3_600_000;
/** So many ended sessions are remembered: a sign of theirs may be on its way still. */
const endedKept = 1_000;

const topic = 'operators.availability';
const keyOf = (operatorId: number) => `operators.online:${operatorId}`;
const activeKeyOf = (operatorId: number) => `operators.active:${operatorId}`;

/** By session, until when the last sign of its windows counts. 0 is for signs that name no session. */
type Signs = Readonly<Record<string, number>>;
const signsOf = (value: Json | undefined): Signs => (typeof value === 'object' && value !== null ? value : {}) as Signs;

/** Somebody who is there, whatever he chose to show. */
interface Present extends OwnStatus {
  readonly member: Member;
}
const same = (one: OwnStatus | undefined, other: OwnStatus | undefined) =>
  one?.status === other?.status && one?.idle === other?.idle;
const isAway = ({ status, idle }: OwnStatus) => status === 'away' || idle;

export function createAvailability(needs: AvailabilityNeeds): Availability {
  const { accounts, settings, changed, now = Date.now } = needs;
  const { bus, presence } = needs.cluster;
  /** What this node last said of whom: hooks fire when that is no longer so. */
  const known = new Map<number, OwnStatus>();
  const ended = new Set<number>();

  async function presentOf(ids: readonly number[]): Promise<readonly (Present | undefined)[]> {
    if (ids.length === 0) return [];
    const { byId } = await accounts.read();
    const idleAfter = settings.idle_timeout * 60_000;
    const signs = await presence.getMany(ids.map(keyOf));
    const moves = idleAfter > 0 ? await presence.getMany(ids.map(activeKeyOf)) : [];
    return ids.map((id, index) => {
      const member = byId.get(id);
      if (!member || member.operator.disabled || !signs[index]?.present) return undefined;
      const move = moves[index];
      const { status } = member;
      const idle = status === 'available' && move !== undefined && now() - move.at >= idleAfter;
      return { member, status, idle };
    });
  }

  async function note(operatorId: number, found: OwnStatus | undefined): Promise<boolean> {
    if (same(known.get(operatorId), found)) return false;
    if (found) known.set(operatorId, { status: found.status, idle: found.idle });
    else known.delete(operatorId);
    await changed(operatorId);
    return true;
  }
  const look = async (operatorId: number): Promise<boolean> => note(operatorId, (await presentOf([operatorId]))[0]);
  /** Tells the other nodes, too, which look for themselves. */
  const tell = async (operatorId: number): Promise<void> => {
    if (await look(operatorId)) bus.publish(topic, operatorId);
  };
  const unsubscribe = bus.subscribe(topic, (operatorId) => {
    if (typeof operatorId === 'number') look(operatorId).catch(needs.failed);
  });

  /** Changes what counts as a sign of life. */
  async function keep(operatorId: number, change: (signs: Signs) => Signs): Promise<void> {
    const before = signsOf((await presence.get(keyOf(operatorId)))?.value);
    // Another sign may have been on its way when a session ended.
    const counting = Object.entries(change(before)).filter(
      ([session, until]) => until > now() && !ended.has(Number(session)),
    );
    if (counting.length === 0) await presence.remove(keyOf(operatorId));
    else {
      const last = Math.max(...counting.map(([, until]) => until));
      await presence.touch(keyOf(operatorId), last - now(), Object.fromEntries(counting));
    }
  }

  /** He did something: whoever was idle is so no more. */
  async function moved(operatorId: number): Promise<void> {
    if (settings.idle_timeout > 0) await presence.touch(activeKeyOf(operatorId), week);
  }
  /** Idleness is counted from his coming on. What was kept before it was switched off counts no more. */
  async function beginsIdling(operatorId: number): Promise<void> {
    const entry = await presence.get(activeKeyOf(operatorId));
    if (settings.idle_timeout === 0) {
      if (entry) await presence.remove(activeKeyOf(operatorId));
    } else if (!entry || !(await presence.get(keyOf(operatorId)))?.present) await moved(operatorId);
  }

  /** Everybody who is told to others. */
  const shown = async (): Promise<readonly Present[]> => {
    const found = await presentOf([...(await accounts.read()).byId.keys()]);
    return found.filter((one) => one !== undefined).filter(({ status }) => status !== 'invisible');
  };
  /** Those of them whom a visitor of the group can count on. */
  const shownFor = async (groupId: number): Promise<readonly Present[]> => {
    const people = await shown();
    if (people.length === 0) return people;
    const operators = people.map(({ member }) => member.operator);
    const ids = new Set((await needs.fitting(operators, groupId)).map(({ id }) => id));
    return people.filter(({ member }) => ids.has(member.operator.id));
  };

  return {
    async touch(operatorId, sessionId) {
      const member = (await accounts.read()).byId.get(operatorId);
      if (!member || member.operator.disabled) return;
      if (sessionId !== undefined && ended.has(sessionId)) return;
      await beginsIdling(operatorId);
      const until = now() + settings.online_timeout * 1_000;
      await keep(operatorId, (signs) => ({ ...signs, [sessionId ?? 0]: until }));
      await tell(operatorId);
      if (sessionId !== undefined) await needs.sessionSeen(sessionId);
    },
    get detectsIdle() {
      return settings.idle_timeout > 0;
    },
    async active(operatorId) {
      await moved(operatorId);
      if (known.get(operatorId)?.idle) await tell(operatorId);
    },
    async setStatus(operatorId, status: Status) {
      await accounts.setStatus(operatorId, status);
      await moved(operatorId);
      await tell(operatorId);
    },
    async ownStatus(operatorId) {
      const [found] = await presentOf([operatorId]);
      const status = found?.status ?? (await accounts.read()).byId.get(operatorId)?.status ?? 'available';
      return { status, idle: found?.idle ?? false };
    },
    async isOnline(operatorId) {
      const [found] = await presentOf([operatorId]);
      return found !== undefined && found.status !== 'invisible';
    },
    hasOnlineOperators: async (groupId = 0) => (await shownFor(groupId)).some((one) => !isAway(one)),
    async online(groupId) {
      const people = groupId === undefined ? await shown() : await shownFor(groupId);
      return people.map((one) => ({ operator: one.member.operator, away: isAway(one) }));
    },
    async leaving(operatorId, sessionId) {
      const soon = now() + farewell;
      await keep(operatorId, (signs) => {
        const until = signs[sessionId];
        return until === undefined ? signs : { ...signs, [sessionId]: Math.min(until, soon) };
      });
    },
    async gone(operatorId) {
      await presence.remove(keyOf(operatorId));
      await tell(operatorId);
    },
    async ended(operatorId, sessionId) {
      ended.add(sessionId);
      if (ended.size > endedKept) for (const oldest of ended) if (ended.delete(oldest)) break;
      await keep(operatorId, ({ [sessionId]: _gone, ...others }) => others);
      await tell(operatorId);
    },
    async review() {
      const ids = [...known.keys()];
      const found = await presentOf(ids);
      await Promise.all(ids.map((id, index) => note(id, found[index])));
    },
    stop: unsubscribe,
  };
}
