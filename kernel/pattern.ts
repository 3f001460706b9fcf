/** Route patterns: taken apart, compared, sorted and filled. The syntax is Hono's. */

/** One segment of a pattern: a literal, `:name`, `:name{regex}`, `:name?` or `*`. */
interface Segment {
  readonly text: string;
  readonly name?: string | undefined;
  readonly regex?: string | undefined;
  readonly optional: boolean;
}

const parsed = /^:([^{?]+)(?:\{(.*)\})?(\?)?$/;

/** Splits at slashes that stand outside of braces. */
export function parsePattern(path: string): Segment[] {
  const texts: string[] = [''];
  let depth = 0;
  for (const char of path.slice(1)) {
    depth += char === '{' ? 1 : char === '}' ? -1 : 0;
    if (char === '/' && depth === 0) texts.push('');
    else texts[texts.length - 1] += char;
  }
  return texts.map((text) => {
    const [, name, regex, optional] = parsed.exec(text) ?? [];
    return { text, name, regex, optional: optional !== undefined };
  });
}

/** The pattern without its parameter names: two routes with the same one would shadow each other. */
export const normalise = (path: string): string =>
  parsePattern(path)
    .map(({ text, name, regex, optional }) =>
      name === undefined ? text : `:${regex === undefined ? '' : `{${regex}}`}${optional ? '?' : ''}`,
    )
    .join('/');

const rank = ({ text, name, regex, optional }: Segment): number =>
  text.includes('*') && name === undefined ? 4 : name === undefined ? 0 : optional ? 3 : regex === undefined ? 2 : 1;

/** Sorts the more specific pattern first. */
export function bySpecificity(a: string, b: string): number {
  const [left, right] = [parsePattern(a), parsePattern(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = rank(left[index]!) - rank(right[index]!);
    if (difference !== 0) return difference;
  }
  // Hono's wildcard and optional parameter also match when nothing is there: the exact pattern goes first.
  return left.length - right.length || (a < b ? -1 : Number(a > b));
}

/**
 * Fills a pattern; what it has no place for becomes the query.
 *
 * @throws Error that names the parameter which is missing or does not match
 */
export function fillPattern(path: string, params: Readonly<Record<string, string | number | undefined>>): string {
  const left = new Map(Object.entries(params));
  const segments = parsePattern(path).flatMap(({ text, name, regex, optional }) => {
    if (name === undefined) return [text];
    const value = left.get(name);
    left.delete(name);
    if (value === undefined && optional) return [];
    if (value === undefined) throw new Error(`parameter "${name}" is missing`);
    if (regex !== undefined && !new RegExp(`^(?:${regex})$`).test(String(value)))
      throw new Error(`parameter "${name}" does not match {${regex}}`);
    return [encodeURIComponent(value)];
  });
  const query = new URLSearchParams();
  for (const [name, value] of left) if (value !== undefined) query.append(name, String(value));
  return `/${segments.join('/')}${query.size > 0 ? `?${query}` : ''}`;
}
