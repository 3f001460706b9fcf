/** The service `groups.groups`: what is stored, and the rules while they are switched on. */
import type { AvailabilityService, OperatorsService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import type { Group, GroupsService, MemberChange } from './api.ts';
import type { Directories, Directory } from './directory.ts';
import type { groupsSettings } from './settings.ts';
import * as sight from './sight.ts';
import type { MembersChanged, Store } from './store.ts';

export interface ServiceNeeds {
  readonly store: Store;
  readonly directories: Pick<Directories, 'read' | 'changed'>;
  readonly settings: Values<typeof groupsSettings>;
  readonly operators: Pick<OperatorsService, 'byId' | 'can'>;
  readonly availability: Pick<AvailabilityService, 'online'>;
  /** Language of local names. */
  readonly home: () => string;
  readonly events: {
    created(group: Group): Promise<unknown>;
    updated(group: Group, original: Group): Promise<unknown>;
    deleted(id: number): Promise<unknown>;
    members(change: MembersChanged): Promise<unknown>;
  };
  /** Conversations of a group that is no more. */
  readonly release: (groupId: number) => Promise<void>;
  /** Conversations of these groups look different now, to some operators. */
  readonly refresh: (groupIds: readonly number[]) => Promise<void>;
}

export interface Groups extends GroupsService {
  /** The operator is no more. */
  forget(operatorId: number): Promise<void>;
}

const languageOf = (locale: string) => locale.toLowerCase().split('-')[0];

/** Members who are available, per group. */
async function available(directory: Directory, availability: ServiceNeeds['availability']) {
  const there = new Set((await availability.online()).filter(({ away }) => !away).map(({ operator }) => operator.id));
  return (groupId: number) => (directory.members.get(groupId) ?? []).some((id) => there.has(id));
}

export function createGroups(needs: ServiceNeeds): Groups {
  const { store, directories, settings, events } = needs;
  const read = () => directories.read();
  const active = async () => (settings.enablegroups ? read() : undefined);
  const text = (local: string, common: string, locale: string) =>
    common === '' || languageOf(locale) === languageOf(needs.home()) ? local : common;

  /** Members saw the conversations of these groups, or see them now. */
  const seenBy = (group: Pick<Group, 'id' | 'parentId'>) => [group.id, ...(group.parentId ? [group.parentId] : [])];

  /** Nobody joins who is not there. */
  async function known(change: MemberChange): Promise<MemberChange> {
    const found = await Promise.all((change.add ?? []).map((id) => needs.operators.byId(id)));
    return { ...change, add: found.flatMap((operator) => operator?.id ?? []) };
  }

  async function tellMembers(changes: readonly MembersChanged[]): Promise<void> {
    if (changes.length === 0) return;
    directories.changed();
    await needs.refresh(changes.flatMap(({ group }) => seenBy(group)));
    for (const change of changes) await events.members(change);
  }

  return {
    get enabled() {
      return settings.enablegroups;
    },
    byId: async (id) => (await read()).byId.get(id),
    list: async () => (await read()).list,
    members: async (groupId) => (await read()).members.get(groupId) ?? [],
    ofOperator: async (operatorId) => (await read()).groupsOf.get(operatorId) ?? [],

    async create(input) {
      const group = await store.create(input);
      directories.changed();
      await events.created(group);
      return group;
    },
    async update(id, changes, expected) {
      const { group, original } = await store.update(id, changes, expected);
      directories.changed();
      const named = group.name !== original.name || group.commonName !== original.commonName;
      const moved = group.parentId !== original.parentId;
      const touched = [...(named ? [id] : []), ...(moved ? [group.parentId, original.parentId] : [])];
      await needs.refresh(touched.filter((one) => one !== 0));
      await events.updated(group, original);
      return group;
    },
    async remove(id) {
      const removed = await store.remove(id);
      // Asked again, it finishes what a crash cut short.
      if (removed) directories.changed();
      await needs.release(id);
      if (!removed) return false;
      if (removed.group.parentId) await needs.refresh([removed.group.parentId]);
      for (const child of removed.children) await events.updated({ ...child, parentId: 0 }, child);
      await events.deleted(id);
      return true;
    },
    changeMembers: async (groupId, change) => tellMembers(await store.changeMembers(groupId, await known(change))),
    async changeGroupsOf(operatorId, change) {
      const add = (await needs.operators.byId(operatorId)) ? change.add : [];
      await tellMembers(await store.changeGroupsOf(operatorId, { ...change, add }));
    },
    forget: async (operatorId) => tellMembers(await store.forget(operatorId)),

    async adjacent(operator) {
      if (!settings.enablegroupsisolation || needs.operators.can(operator, 'admin')) return undefined;
      const directory = await active();
      return directory && sight.neighbourhood(directory, operator);
    },
    async choices(groupId, locale) {
      const directory = await active();
      if (!directory) return [];
      const { list, byId, children, members } = directory;
      const wanted = groupId === undefined ? undefined : byId.get(groupId);
      if (wanted && !children.has(wanted.id)) return [];
      const offered = list
        .filter(({ id, parentId }) => !wanted || id === wanted.id || parentId === wanted.id)
        .filter(({ id }) => members.has(id));
      const isOnline = await available(directory, needs.availability);
      const online = offered.map(({ id }) => isOnline(id));
      const selected = Math.max(0, online.indexOf(true));
      return offered.map((one, index) => ({
        id: one.id,
        name: text(one.name, one.commonName, locale),
        description: text(one.description, one.commonDescription, locale),
        online: online[index] === true,
        selected: index === selected,
      }));
    },
    async mailAddress(groupId) {
      const directory = await active();
      return directory && sight.mailAddressOf(directory, groupId);
    },
    async branding(groupId) {
      const directory = await active();
      return directory ? sight.brandingOf(directory, groupId) : {};
    },
    async page(groupId) {
      const directory = await active();
      const { title, chatTitle, logo, hostUrl } = directory ? sight.brandingOf(directory, groupId) : {};
      return {
        ...(chatTitle !== undefined && { title: chatTitle }),
        ...(title !== undefined && { company: title }),
        ...(logo !== undefined && { logo }),
        ...(hostUrl !== undefined && { mibewHost: hostUrl }),
      };
    },
    nameOf: ({ name, commonName }, locale) => text(name, commonName, locale),
  };
}
