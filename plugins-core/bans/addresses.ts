/** Addresses and ranges of both families, as numbers: written in many ways, meant in one. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Family = 4 | 6;
interface Address {
  readonly family: Family;
  readonly value: bigint;
}
/** All addresses of one family from `low` to `high`. */
export interface Range {
  readonly family: Family;
  readonly low: bigint;
  readonly high: bigint;
}

const bits = (family: Family): number => (family === 4 ? 32 : 128);
const ones = (count: number): bigint => (1n << BigInt(count)) - 1n;
/** `::ffff:0:0/96`: IPv4 addresses as sockets of IPv6 show them. */
const mapped: Range = { family: 6, low: 0xffffn << 32n, high: (0x10000n << 32n) - 1n };

function read(text: string): Address | undefined {
  // What Node takes is what it hands out; the library alone would also take `127.1` and octal numbers.
  const family = isIP(text);
  if (family === 0) return undefined;
  // The zone of a link-local address says which network card, not who.
  const bytes = ipaddr.parse(text.replace(/%.*$/, '')).toByteArray();
  return { family: family === 4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

/** IPv4 addresses in the clothes of IPv6 are IPv4 addresses. */
function unmap({ family, low, high }: Range): Range {
  if (family === 4 || low < mapped.low || high > mapped.high) return { family, low, high };
  return { family: 4, low: low & ones(32), high: high & ones(32) };
}

const single = ({ family, value }: Address): Range => unmap({ family, low: value, high: value });

/** An address as the range that holds it alone; undefined where it is none (a host name, nothing at all). */
export function parseAddress(text: string): Range | undefined {
  const address = read(text.trim());
  return address && single(address);
}

function parseNetwork(base: string, length: string): Range | undefined {
  const address = read(base);
  if (!address || !/^\d{1,3}$/.test(length) || Number(length) > bits(address.family)) return undefined;
  const host = ones(bits(address.family) - Number(length));
  return unmap({ family: address.family, low: (address.value | host) ^ host, high: address.value | host });
}

function parseSpan(first: string, last: string): Range | undefined {
  const [from, to] = [parseAddress(first), parseAddress(last)];
  if (!from || !to || from.family !== to.family || from.low > to.low) return undefined;
  return { family: from.family, low: from.low, high: to.low };
}

/** `192.0.2.7`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9`, and the same of IPv6. Bits behind the length of a network do not count. */
export function parseRange(text: string): Range | undefined {
  const [first = '', last, ...more] = text.split(/[-–]/).map((part) => part.trim());
  if (more.length > 0) return undefined;
  if (last !== undefined) return parseSpan(first, last);
  const [base = '', length, ...rest] = first.split('/').map((part) => part.trim());
  if (rest.length > 0) return undefined;
  return length === undefined ? parseAddress(base) : parseNetwork(base, length);
}

function formatAddress(family: Family, value: bigint): string {
  const bytes = Array.from({ length: bits(family) / 8 }, (_, index) =>
    Number((value >> BigInt(bits(family) - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/** One way of writing for each range, the shortest: two texts that mean the same become the same. */
export function formatRange({ family, low, high }: Range): string {
  const first = formatAddress(family, low);
  if (low === high) return first;
  const host = low ^ high;
  // A network: its ends differ in the last bits and nowhere else, all zeros and all ones.
  const isNetwork = (host & (host + 1n)) === 0n && (low & host) === 0n;
  if (isNetwork) return `${first}/${bits(family) - host.toString(2).length}`;
  return `${first}-${formatAddress(family, high)}`;
}

export const contains = (range: Range, other: Range): boolean =>
  range.family === other.family && range.low <= other.low && other.high <= range.high;

/** Does it hold everybody of its family? */
export const isEverybody = ({ family, low, high }: Range): boolean => low === 0n && high === ones(bits(family));

/** Larger than one customer's share by far: more than a /16 of IPv4, more than a /48 of IPv6. */
export const isWide = ({ family, low, high }: Range): boolean => high - low >= 1n << (family === 4 ? 16n : 80n);
