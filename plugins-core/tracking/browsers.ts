import { UAParser } from 'ua-parser-js';

export interface Browser {
  /** `Firefox 121.0` for a known one, else what it said. */
  readonly name: string;
  /** `Windows 10`; `''` if unknown. */
  readonly system: string;
}

const remembered = new Map<string, Browser>();
const limit = 1_000;
const joined = ({ name, version }: { name?: string | undefined; version?: string | undefined }) =>
  name ? (version ? `${name} ${version}` : name) : '';

/** Remembered: the same few texts come again and again. */
export function browserOf(userAgent: string): Browser {
  const known = remembered.get(userAgent);
  if (known) return known;
  const parser = new UAParser(userAgent);
  const browser = { name: joined(parser.getBrowser()) || userAgent, system: joined(parser.getOS()) };
  if (remembered.size >= limit) remembered.clear();
  remembered.set(userAgent, browser);
  return browser;
}
