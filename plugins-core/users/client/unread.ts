/** Messages that the operator has not looked at, by conversation. */
export function createUnread() {
  const counts = new Map<number, number>();
  return {
    of: (id: number) => counts.get(id) ?? 0,
    get total() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    add: (id: number, count: number) => void counts.set(id, (counts.get(id) ?? 0) + count),
    clear: (id: number) => counts.delete(id),
  };
}
