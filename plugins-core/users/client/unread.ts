/** Messages that the operator has not looked at, by conversation. */
export function createUnread() {
  const counts = new Map<number, number>();
  return {
    of: (id: number) => counts.get(id) ?? 0,
    get total() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    set(id: number, count: number) {
      if (count > 0) counts.set(id, count);
      else counts.delete(id);
    },
  };
}
