/** Many to many: sockets under names, so that those of one name are found at once. */
export interface Topics<Member> {
  add(name: string, member: Member): void;
  delete(name: string, member: Member): void;
  of(name: string): ReadonlySet<Member>;
}

export function createTopics<Member>(): Topics<Member> {
  const byName = new Map<string, Set<Member>>();
  return {
    add(name, member) {
      const members = byName.get(name);
      if (members) members.add(member);
      else byName.set(name, new Set([member]));
    },
    delete(name, member) {
      const members = byName.get(name);
      members?.delete(member);
      if (members?.size === 0) byName.delete(name);
    },
    of: (name) => byName.get(name) ?? nobody,
  };
}
const nobody: ReadonlySet<never> = new Set();
