/** Who is there: presence in memory with a time limit, the chosen status in the database. */
import type { Cluster } from '../cluster/api.ts';
import type { Accounts, Member } from './accounts.ts';
import type { AvailabilityService, Operator } from './api.ts';

export interface AvailabilityNeeds {
  readonly cluster: Pick<Cluster, 'bus' | 'presence'>;
  readonly accounts: Pick<Accounts, 'read' | 'setAway'>;
  readonly settings: { readonly online_timeout: number };
  /** Told on every node when somebody came, went or changed his status. */
  readonly changed: (operatorId: number) => Promise<void>;
  /** Hook `operators.availability.fitting`. */
  readonly fitting: (operators: readonly Operator[], groupId: number) => Promise<readonly Operator[]>;
  readonly sessionSeen: (sessionId: number) => Promise<void>;
  /** News could not be followed: the database is away. The next sign of life tells again. */
  readonly failed: (error: unknown) => void;
}

export interface Availability extends AvailabilityService {
  /** Notices whose time ran out. To be called about every second. */
  review(): Promise<void>;
  readonly stop: () => void;
}

const topic = 'operators.availability';
const keyOf = (operatorId: number) => `operators.online:${operatorId}`;
type Status = 'online' | 'away';
const statusOf = ({ away }: { readonly away: boolean }): Status => (away ? 'away' : 'online');

export function createAvailability(needs: AvailabilityNeeds): Availability {
  const { accounts, settings, changed } = needs;
  const { bus, presence } = needs.cluster;
  /** What this node last said of whom: hooks fire when that is no longer so. */
  const known = new Map<number, Status>();

  const note = async (operatorId: number, status: Status | undefined): Promise<void> => {
    if (known.get(operatorId) === status) return;
    if (status) known.set(operatorId, status);
    else known.delete(operatorId);
    await changed(operatorId);
  };
  const look = async (operatorId: number): Promise<void> => {
    const member = (await accounts.read()).byId.get(operatorId);
    const entry = await presence.get(keyOf(operatorId));
    await note(operatorId, member && entry?.present ? statusOf(member) : undefined);
  };
  /** Tells the other nodes, too, which look for themselves. */
  const tell = async (operatorId: number, status: Status | undefined): Promise<void> => {
    if (known.get(operatorId) === status) return;
    await note(operatorId, status);
    bus.publish(topic, operatorId);
  };
  const unsubscribe = bus.subscribe(topic, (operatorId) => {
    if (typeof operatorId === 'number') look(operatorId).catch(needs.failed);
  });

  const present = async (): Promise<readonly Member[]> => {
    const members = [...(await accounts.read()).byId.values()].filter(({ operator }) => !operator.disabled);
    const entries = await presence.getMany(members.map(({ operator }) => keyOf(operator.id)));
    return members.filter((_, index) => entries[index]?.present);
  };

  /** Those of the present whom a visitor of the group can count on. */
  const presentFor = async (groupId: number): Promise<readonly Member[]> => {
    const members = await present();
    if (members.length === 0) return members;
    const operators = members.map(({ operator }) => operator);
    const ids = new Set((await needs.fitting(operators, groupId)).map(({ id }) => id));
    return members.filter(({ operator }) => ids.has(operator.id));
  };

  return {
    async touch(operatorId, sessionId) {
      const member = (await accounts.read()).byId.get(operatorId);
      if (!member || member.operator.disabled) return;
      await presence.touch(keyOf(operatorId), settings.online_timeout * 1_000);
      await tell(operatorId, statusOf(member));
      if (sessionId !== undefined) await needs.sessionSeen(sessionId);
    },
    async setAway(operatorId, away) {
      await accounts.setAway(operatorId, away);
      if ((await presence.get(keyOf(operatorId)))?.present) await tell(operatorId, statusOf({ away }));
    },
    async isOnline(operatorId) {
      const member = (await accounts.read()).byId.get(operatorId);
      return (
        member !== undefined && !member.operator.disabled && (await presence.get(keyOf(operatorId)))?.present === true
      );
    },
    hasOnlineOperators: async (groupId = 0) => (await presentFor(groupId)).some(({ away }) => !away),
    async online(groupId) {
      const members = groupId === undefined ? await present() : await presentFor(groupId);
      return members.map(({ operator, away }) => ({ operator, away }));
    },
    async gone(operatorId) {
      await presence.remove(keyOf(operatorId));
      await tell(operatorId, undefined);
    },
    async review() {
      const ids = [...known.keys()];
      const entries = await presence.getMany(ids.map(keyOf));
      const left = ids.filter((_, index) => !entries[index]?.present);
      await Promise.all(left.map((id) => note(id, undefined)));
    },
    stop: unsubscribe,
  };
}
