/** The rules of groups: who answers, and who sees what. Plain functions of the directory. */
import type { Operator } from '../operators/api.ts';
import type { Branding, Neighbourhood } from './api.ts';
import type { Directory } from './directory.ts';

const none: readonly never[] = [];

/** Groups whose conversations an operator sees: his own and their parents. */
function groupsInSight({ byId, groupsOf }: Directory, operatorId: number): ReadonlySet<number> {
  const own = groupsOf.get(operatorId) ?? none;
  return new Set(own.flatMap((id) => [id, byId.get(id)?.parentId ?? 0]));
}

/** Of these, what the operator may see. What belongs to no group (any more) is everybody's. */
export function inSight<T extends { readonly groupId: number }>(
  directory: Directory,
  operatorId: number,
  threads: readonly T[],
): readonly T[] {
  const seen = groupsInSight(directory, operatorId);
  return threads.filter(({ groupId }) => seen.has(groupId) || !directory.byId.has(groupId));
}

/** Operators who answer for a group: its members and those of the groups below it; for none, whoever is in any group. */
export function fitting<T extends { readonly id: number }>(
  { byId, children, members, groupsOf }: Directory,
  groupId: number,
  operators: readonly T[],
): readonly T[] {
  if (!byId.has(groupId)) return operators.filter(({ id }) => groupsOf.has(id));
  const ids = [groupId, ...(children.get(groupId) ?? none).map(({ id }) => id)];
  const able = new Set(ids.flatMap((id) => members.get(id) ?? none));
  return operators.filter(({ id }) => able.has(id));
}

/** Groups beside an operator's own: themselves, parents, children, siblings; and everybody in them. */
export function neighbourhood(directory: Directory, { id }: Pick<Operator, 'id'>): Neighbourhood {
  const { byId, children, groupsOf, members } = directory;
  const groups = new Set<number>();
  for (const own of groupsOf.get(id) ?? none) {
    const parentId = byId.get(own)?.parentId ?? 0;
    for (const one of [own, parentId]) {
      if (!byId.has(one)) continue;
      groups.add(one);
      for (const child of children.get(one) ?? none) groups.add(child.id);
    }
  }
  return { groups, operators: new Set([id, ...[...groups].flatMap((one) => members.get(one) ?? none)]) };
}

/** The group that branding comes from. */
const topOf = ({ byId }: Directory, groupId: number) => {
  const group = byId.get(groupId);
  return (group && byId.get(group.parentId)) ?? group;
};

export function brandingOf(directory: Directory, groupId: number): Branding {
  const top = topOf(directory, groupId);
  if (!top) return {};
  const { title, chatTitle, logo, hostUrl } = top;
  return {
    ...(title && { title }),
    ...(chatTitle && { chatTitle }),
    ...(logo && { logo }),
    ...(hostUrl && { hostUrl }),
  };
}

export function mailAddressOf({ byId }: Directory, groupId: number): string | undefined {
  const group = byId.get(groupId);
  return group?.email || byId.get(group?.parentId ?? 0)?.email || undefined;
}
