/** Answers to fields of other plugins, as they come in with a start: so many, so long, and nothing else about them. */
const fieldLimits = { count: 50, length: 2_000 } as const;

/** In the query of a page, before the name of a field. */
const prefix = 'field-';

/** Takes what has the shape of an answer; the plugin that asked says what it means. */
export function fieldsOf(entries: Iterable<readonly [string, unknown]>): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const [name, value] of entries) {
    if (fields.size >= fieldLimits.count) break;
    if (/^[\w-]{1,64}$/.test(name) && typeof value === 'string') fields.set(name, value.slice(0, fieldLimits.length));
  }
  return Object.fromEntries(fields);
}

/** What the page that tracks a visitor knows him by: an argument of the original's own, and a field here. */
const tracked = 'user_id';

/** `field-order=4711` of a query is the answer `order`; `user_id` is one under its own name. */
export const fieldsOfQuery = (query: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  fieldsOf(
    Object.entries(query)
      .filter(([name]) => name === tracked || name.startsWith(prefix))
      .map(([name, value]) => [name === tracked ? name : name.slice(prefix.length), value] as const),
  );
