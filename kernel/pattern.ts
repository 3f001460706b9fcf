/** Route patterns: taken apart, compared, sorted and filled. The syntax is Hono's. */
import { splitRoutingPath } from 'hono/utils/url';

const parameter = /^:([^{?]+)(?:\{(.*)\})?(\?)?$/;

/** The segments: a literal, `:name`, `:name{regex}`, `:name?` or `*`; only parameters have a name. */
const parse = (path: string) =>
  splitRoutingPath(path).map((text) => {
    const [, name, regex, optional] = parameter.exec(text) ?? [];
    const rank = name === undefined ? (text.includes('*') ? 4 : 0) : optional ? 3 : regex === undefined ? 2 : 1;
    return { text, name, regex, optional: optional !== undefined, rank };
  });

/** The pattern without its parameter names: two routes with the same one would shadow each other. */
export const normalise = (path: string): string =>
  parse(path)
    .map(({ text, name }) => (name === undefined ? text : text.replace(name, '')))
    .join('/');

/** Sorts the more specific pattern first. */
export function bySpecificity(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  const differs = left.findIndex(({ rank }, index) => rank !== (right[index]?.rank ?? rank));
  if (differs >= 0) return left[differs]!.rank - right[differs]!.rank;
  // Hono's wildcard and optional parameter also match when nothing is there: the exact pattern goes first.
  return left.length - right.length || (a < b ? -1 : Number(a > b));
}

/**
 * Fills a pattern; what it has no place for becomes the query.
 *
 * @throws Error that names the parameter which is missing or does not match
 */
export function fillPattern(path: string, params: Readonly<Record<string, string | number | undefined>>): string {
  const left = new Map(Object.entries(params).filter(([, value]) => value !== undefined));
  const segments = parse(path).flatMap(({ text, name, regex, optional }) => {
    if (name === undefined) return [text];
    const value = left.get(name);
    left.delete(name);
    if (value === undefined && optional) return [];
    if (value === undefined) throw new Error(`parameter "${name}" is missing`);
    if (regex !== undefined && !new RegExp(`^(?:${regex})$`).test(String(value)))
      throw new Error(`parameter "${name}" does not match {${regex}}`);
    return [encodeURIComponent(value)];
  });
  const query = new URLSearchParams([...left].map(([name, value]) => [name, String(value)]));
  return `/${segments.join('/')}${query.size > 0 ? `?${query}` : ''}`;
}
