/** Whom a conversation may be handed to, and who of them is there. */
import type { RedirectTarget, Thread } from '../chat/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { AvailabilityService, Operator, OperatorsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import { handoverErrors, type HandoverTarget, type Presence } from './api.ts';

export interface TargetsNeeds {
  readonly operators: Pick<OperatorsService, 'byId' | 'list'>;
  readonly availability: Pick<AvailabilityService, 'online'>;
  /** Where there are groups. */
  readonly groups:
    | Pick<GroupsService, 'enabled' | 'adjacent' | 'byId' | 'list' | 'members' | 'ofOperator' | 'nameOf'>
    | undefined;
}

export interface TargetList {
  readonly agents: readonly HandoverTarget[];
  readonly groups: readonly HandoverTarget[];
}

/** Which one is meant: a colleague or a group, by number. */
export type Wanted = { readonly agent: number } | { readonly group: number };

/** A target as the core takes it, with what is shown of it. */
export interface Found {
  readonly target: RedirectTarget;
  readonly shown: HandoverTarget;
}

const order: Readonly<Record<Presence, number>> = { online: 0, away: 1, offline: 2 };
const byPresence = (a: HandoverTarget, b: HandoverTarget) =>
  order[a.presence] - order[b.presence] || a.name.localeCompare(b.name) || a.id - b.id;

/** The best that can be said of these. */
function presenceOf(online: readonly { readonly away: boolean }[]): Presence {
  if (online.length === 0) return 'offline';
  return online.some(({ away }) => !away) ? 'online' : 'away';
}

export type Targets = ReturnType<typeof createTargets>;

export function createTargets({ operators, availability, groups: all }: TargetsNeeds) {
  const groups = () => (all?.enabled ? all : undefined);

  async function agents(operator: Operator): Promise<HandoverTarget[]> {
    const known = await groups()?.adjacent(operator);
    const online = await availability.online();
    return (await operators.list())
      .filter(({ id, disabled }) => !disabled && id !== operator.id && (!known || known.operators.has(id)))
      .map(({ id, name }) => ({ id, name, presence: presenceOf(online.filter((one) => one.operator.id === id)) }));
  }

  async function groupTarget(operator: Operator, id: number, name: string): Promise<HandoverTarget> {
    // Who hands it over is not who waits there for it.
    const online = (await availability.online(id)).filter((one) => one.operator.id !== operator.id);
    return { id, name, presence: presenceOf(online) };
  }

  /** Groups in which somebody is, as far as the operator may know of them. */
  async function groupsFor(operator: Operator, locale: string): Promise<HandoverTarget[]> {
    const service = groups();
    if (!service) return [];
    const known = await service.adjacent(operator);
    const found: HandoverTarget[] = [];
    for (const group of await service.list()) {
      if (known && !known.groups.has(group.id)) continue;
      if ((await service.members(group.id)).length === 0) continue;
      found.push(await groupTarget(operator, group.id, service.nameOf(group, locale)));
    }
    return found;
  }

  async function findAgent(operator: Operator, thread: Thread, id: number): Promise<Found | undefined> {
    const shown = (await agents(operator)).find((one) => one.id === id);
    const agent = shown && (await operators.byId(id));
    if (!agent) return undefined;
    const service = groups();
    // Among the conversations of a group that he does not belong to he would not find it.
    const leaves = service && thread.groupId > 0 && !(await service.ofOperator(id)).includes(thread.groupId);
    return { target: { agent, ...(leaves && { groupId: 0 }) }, shown };
  }

  async function findGroup(operator: Operator, thread: Thread, id: number, locale: string): Promise<Found | undefined> {
    const shown = (await groupsFor(operator, locale)).find((one) => one.id === id);
    const service = groups();
    const group = shown && (await service?.byId(id));
    if (!service || !group) return undefined;
    return { target: { group: { id, name: service.nameOf(group, thread.locale) } }, shown };
  }

  return {
    /** Everybody and every group, whoever is there first. @param search part of the name; `''`: all */
    async list(operator: Operator, locale: string, search = ''): Promise<TargetList> {
      const wanted = search.trim().toLocaleLowerCase(locale);
      const fits = ({ name }: HandoverTarget) => name.toLocaleLowerCase(locale).includes(wanted);
      const [people, teams] = [await agents(operator), await groupsFor(operator, locale)];
      return { agents: people.filter(fits).toSorted(byPresence), groups: teams.filter(fits).toSorted(byPresence) };
    },
    /**
     * @param locale in which the group is shown to the operator; the visitor is told in his own
     * @throws RpcError 180
     */
    async find(operator: Operator, thread: Thread, wanted: Wanted, locale: string): Promise<Found> {
      const found =
        'agent' in wanted
          ? await findAgent(operator, thread, wanted.agent)
          : await findGroup(operator, thread, wanted.group, locale);
      if (found) return found;
      throw new RpcError(handoverErrors.targetUnknown, 'TARGET_UNKNOWN', 'There is no such operator or group.');
    },
  };
}
