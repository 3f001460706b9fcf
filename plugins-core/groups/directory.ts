/** All groups and who belongs to them, kept in memory: until anything changes, on this node or another. */
import { followChanges, trustedFor, type Bus } from '../cluster/api.ts';
import type { Database } from '../database/api.ts';
import type { Group } from './api.ts';
import { group, member, type GroupRow } from './tables.ts';

/** Everything at one moment. */
export interface Directory {
  /** By weight, then name; children follow their parent. */
  readonly list: readonly Group[];
  readonly byId: ReadonlyMap<number, Group>;
  readonly children: ReadonlyMap<number, readonly Group[]>;
  readonly members: ReadonlyMap<number, readonly number[]>;
  readonly groupsOf: ReadonlyMap<number, readonly number[]>;
}

export interface Directories {
  read(): Promise<Directory>;
  /** Something changed: what was read before does not count any more, on all nodes. */
  changed(): void;
  readonly stop: () => void;
}

const topic = 'groups.changed';

export function createDirectories(db: Database, bus: Bus, now: () => number = Date.now): Directories {
  const groups = db.table(group);
  const members = db.table(member);
  const readGroups = db.prepare((query) => query.select().from(groups));
  const readMembers = db.prepare((query) => query.select().from(members).orderBy(members.groupId, members.operatorId));

  let kept: { readonly value: Promise<Directory>; readonly at: number } | undefined;
  const forget = () => {
    kept = undefined;
  };
  const stop = followChanges(bus, topic, forget);

  return {
    read() {
      if (kept && now() - kept.at < trustedFor(bus)) return kept.value;
      const value = Promise.all([readGroups.all(), readMembers.all()]).then(([rows, links]) =>
        directoryOf(rows, links),
      );
      const entry = { value, at: now() };
      // Whatever changes while it is read takes it away again.
      kept = entry;
      value.catch(() => {
        if (kept === entry) forget();
      });
      return value;
    },
    changed() {
      forget();
      bus.publish(topic, null);
    },
    stop,
  };
}

export function groupOf(row: GroupRow): Group {
  const { id, parentId, name, commonName, description, commonDescription, email, weight } = row;
  const { title, chatTitle, logo, hostUrl } = row;
  const about = { name, commonName, description, commonDescription, email, weight };
  return { id, parentId, ...about, title, chatTitle, logo, hostUrl };
}

type Link = { readonly groupId: number; readonly operatorId: number };

export function directoryOf(rows: readonly GroupRow[], links: readonly Link[]): Directory {
  const all = rows
    .map(groupOf)
    .toSorted((a, b) => a.weight - b.weight || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id));
  const byId = new Map(all.map((one) => [one.id, one]));
  const children = listsOf(all.filter(({ parentId }) => parentId !== 0).map((one) => [one.parentId, one]));
  // A parent that is not there any more leaves its children at the top.
  const top = all.filter(({ parentId }) => !byId.has(parentId));
  return {
    list: top.flatMap((one) => [one, ...(children.get(one.id) ?? [])]),
    byId,
    children,
    members: listsOf(links.map(({ groupId, operatorId }) => [groupId, operatorId])),
    groupsOf: listsOf(links.map(({ groupId, operatorId }) => [operatorId, groupId])),
  };
}

export function listsOf<T>(pairs: readonly (readonly [number, T])[]): Map<number, T[]> {
  const lists = new Map<number, T[]>();
  for (const [key, value] of pairs) {
    const list = lists.get(key);
    if (list) list.push(value);
    else lists.set(key, [value]);
  }
  return lists;
}
