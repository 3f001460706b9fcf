/** What an operator wants to see of the visitors: which of them, and in which order. No DOM. */
import type { WireVisitor } from '../../api.ts';

export const orders = ['newest', 'longest', 'pages', 'name', 'place'] as const;
export type Order = (typeof orders)[number];
export const kinds = ['new', 'returning'] as const;
/** Minutes on the site that can be asked for. */
export const minutes = [1, 5, 15, 60] as const;

export interface Wish {
  readonly query: string;
  /** A part of the page's address or title; with `*` a pattern of the whole address. */
  readonly page: string;
  /** ISO 3166-1 code. */
  readonly country: string;
  readonly kind: (typeof kinds)[number] | undefined;
  /** At least so many minutes on the site; 0: any time. */
  readonly minutes: number;
  /** Told by the page, by name; `''`: whatever was told. */
  readonly attribute: string;
  /** A part of its value; `''`: any. */
  readonly value: string;
  readonly order: Order;
}
export const everybody: Wish = {
  query: '',
  page: '',
  country: '',
  kind: undefined,
  minutes: 0,
  attribute: '',
  value: '',
  order: 'newest',
};

/** What was asked for before; whatever cannot be read is not asked for. */
export function readWish(text: string | undefined): Wish {
  let value: unknown;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    return everybody;
  }
  if (typeof value !== 'object' || value === null) return everybody;
  const said = value as Partial<Record<keyof Wish, unknown>>;
  const words = (name: 'query' | 'page' | 'country' | 'attribute' | 'value') => {
    const word = said[name];
    return typeof word === 'string' ? word : '';
  };
  return {
    query: words('query'),
    page: words('page'),
    country: words('country'),
    kind: kinds.find((one) => one === said.kind),
    minutes: minutes.find((one) => one === said.minutes) ?? 0,
    attribute: words('attribute'),
    value: words('value'),
    order: orders.find((one) => one === said.order) ?? 'newest',
  };
}

/** The filters that leave somebody out, search aside. */
export const filtersOf = ({ page, country, kind, minutes: least, attribute, value }: Wish) =>
  ({ page: page.trim(), country, kind: kind ?? '', minutes: least || '', attribute, value: value.trim() }) as const;
export type Filter = keyof ReturnType<typeof filtersOf>;
export const without = (name: Filter): Partial<Wish> => ({ [name]: everybody[name] });

/** Addresses are told apart without their scheme, as people write them. */
const plain = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '');

/** `/cart` finds any address or title with it; `*\/products/*` is a pattern of the whole address. */
export function pageMatcher(wanted: string): (row: WireVisitor) => boolean {
  const sought = plain(wanted);
  if (sought === '') return () => true;
  if (!sought.includes('*')) {
    return ({ page, title }) => plain(page).includes(sought) || title.toLowerCase().includes(sought);
  }
  const parts = sought.split('*');
  const [head = '', tail = ''] = [parts[0], parts.at(-1)];
  return ({ page }) => {
    const address = plain(page);
    if (!address.startsWith(head) || !address.endsWith(tail) || address.length < head.length + tail.length)
      return false;
    let from = head.length;
    for (const part of parts.slice(1, -1)) {
      const place = address.indexOf(part, from);
      if (place < 0) return false;
      from = place + part.length;
    }
    return from <= address.length - tail.length;
  };
}

/** @param now unix seconds by the server's clock, asked each time */
export function wishMatcher(wish: Wish, now: () => number): (row: WireVisitor) => boolean {
  const onPage = pageMatcher(wish.page);
  const value = wish.value.trim().toLowerCase();
  const told = ({ attributes }: WireVisitor) => {
    if (wish.attribute === '')
      return value === '' || Object.values(attributes).some((one) => one.toLowerCase().includes(value));
    return attributes[wish.attribute]?.toLowerCase().includes(value) ?? false;
  };
  return (row) =>
    (wish.country === '' || wish.country === row.country) &&
    (wish.kind === undefined || (wish.kind === 'returning') === row.visits > 0) &&
    (wish.minutes === 0 || now() - row.firstTime >= wish.minutes * 60) &&
    onPage(row) &&
    told(row);
}

/** Compares rows of one section; no two are the same. */
export function compareBy(order: Order, { compare }: Intl.Collator, nameOf: (row: WireVisitor) => string) {
  const newest = (a: WireVisitor, b: WireVisitor) => b.firstTime - a.firstTime || b.id - a.id;
  const rules: Readonly<Record<Order, (a: WireVisitor, b: WireVisitor) => number>> = {
    newest,
    longest: (a, b) => a.firstTime - b.firstTime || a.id - b.id,
    pages: (a, b) => b.pages - a.pages || newest(a, b),
    name: (a, b) => compare(nameOf(a), nameOf(b)) || newest(a, b),
    // Whose place is not known comes last.
    place: (a, b) =>
      Number(!a.country) - Number(!b.country) ||
      compare(a.country, b.country) ||
      compare(a.city, b.city) ||
      newest(a, b),
  };
  return rules[order];
}
