/** Groups of operators: who answers whom. Two levels; all rules rest while the setting `enablegroups` is off. */
import { defineHook, defineService } from '../../kernel/tokens.ts';
import { InputError, type Operator } from '../operators/api.ts';

/** A group. Texts that were not given are `''`. */
export interface Group {
  readonly id: number;
  /** The group above it; 0 at the top. Groups below others have none below themselves. */
  readonly parentId: number;
  /** Name in the home locale, unique without regard to case. */
  readonly name: string;
  /** International name; `''`: the same. */
  readonly commonName: string;
  readonly description: string;
  readonly commonDescription: string;
  /** Where messages go that were left for it. */
  readonly email: string;
  /** Lists begin with the smallest. */
  readonly weight: number;
  /** Branding of the top level; a child uses its parent's. */
  readonly title: string;
  readonly chatTitle: string;
  readonly logo: string;
  readonly hostUrl: string;
}

/** What a group is made of, or what is to change. */
export type GroupInput = Partial<Omit<Group, 'id'>>;

/** What is wrong with one field of a group. Texts: `groups.issue.<field>.<code>`, else `groups.issue.<code>`. */
export interface GroupIssue {
  readonly field: keyof GroupInput;
  readonly code: 'required' | 'too_long' | 'invalid' | 'taken' | 'unknown' | 'level' | 'children' | 'changed';
}

/** GROUP_INVALID and GROUP_CHANGED (somebody else changed it meanwhile), both with `issues`; GROUP_UNKNOWN. */
export class GroupError extends InputError<'GROUP_INVALID' | 'GROUP_CHANGED' | 'GROUP_UNKNOWN', GroupIssue> {
  override readonly name = 'GroupError';
}

/** `page` of the options (RPC spec section 9), as far as a group has its own. */
export type GroupPage = Readonly<Partial<Record<'title' | 'company' | 'logo' | 'mibewHost', string>>>;

/** A group as a form offers it to visitors: RPC spec section 9.2. */
export interface GroupChoice {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** One of its own members is available. */
  readonly online: boolean;
  readonly selected: boolean;
}

/** How a group presents itself; undefined: as the site does. */
export interface Branding {
  /** Name of the company. */
  readonly title?: string;
  readonly chatTitle?: string;
  readonly logo?: string;
  readonly hostUrl?: string;
}

/** Who and what an isolated operator may know of. */
export interface Neighbourhood {
  /** His groups, their parents, children and siblings. */
  readonly groups: ReadonlySet<number>;
  /** Himself and the members of those. */
  readonly operators: ReadonlySet<number>;
}

/** Members to add and to take away. */
export interface MemberChange {
  readonly add?: readonly number[];
  readonly remove?: readonly number[];
}

export interface GroupsService {
  /** Setting `enablegroups`. What is stored can be read and changed while it is off. */
  readonly enabled: boolean;
  byId(id: number): Promise<Group | undefined>;
  /** All groups, by weight, then name; children follow their parent. */
  list(): Promise<readonly Group[]>;
  /** Operators of the group itself. */
  members(groupId: number): Promise<readonly number[]>;
  /** Groups that the operator belongs to. */
  ofOperator(operatorId: number): Promise<readonly number[]>;
  /** @throws GroupError */
  create(input: GroupInput): Promise<Group>;
  /**
   * @param expected what was seen of the fields that are to change; what is not said of is changed in any case
   * @throws GroupError
   */
  update(id: number, changes: GroupInput, expected?: GroupInput): Promise<Group>;
  /** Takes the group away: its members are free, its conversations belong to no group, its children are at the top. */
  remove(id: number): Promise<boolean>;
  /** @throws GroupError GROUP_UNKNOWN */
  changeMembers(groupId: number, change: MemberChange): Promise<void>;
  /** The same from the operator's side: groups to add him to, and to take him from. */
  changeGroupsOf(operatorId: number, change: MemberChange): Promise<void>;
  /** Undefined: he is not isolated and may know of everybody. */
  adjacent(operator: Operator): Promise<Neighbourhood | undefined>;
  /**
   * What a visitor may choose from: groups with members; where a button names a group, that one and its children, and
   * nothing when it has none. The first that is online is selected, else the first.
   */
  choices(groupId: number | undefined, locale: string): Promise<readonly GroupChoice[]>;
  /** Where messages for a group go: its own address, its parent's, else undefined. */
  mailAddress(groupId: number): Promise<string | undefined>;
  /** Branding of the group or of its parent. */
  branding(groupId: number): Promise<Branding>;
  /** The same as options of a visitor's page have it: what it shows in place of the site's. */
  page(groupId: number): Promise<GroupPage>;
  /** The name in the home locale or the international one. */
  nameOf(group: Group, locale: string): string;
}
/** @example const group = await ctx.use.groups?.byId(thread.groupId) */
export const groups = defineService<GroupsService>('groups.groups');

/** `groupCreate`. */
export const groupCreated = defineHook.notify<[{ readonly group: Group }]>('groups.group.created');
/** `groupUpdate`. */
export const groupUpdated =
  defineHook.notify<[{ readonly group: Group; readonly original: Group }]>('groups.group.updated');
/** `groupDelete`. */
export const groupDeleted = defineHook.notify<[{ readonly id: number }]>('groups.group.deleted');
/** `groupUpdateOperators`: once per group whose members are others now. */
export const groupMembersChanged =
  defineHook.notify<
    [{ readonly group: Group; readonly original: readonly number[]; readonly operators: readonly number[] }]
  >('groups.members.changed');
