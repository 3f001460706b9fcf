import { UAParser } from 'ua-parser-js';

const remembered = new Map<string, string>();
const limit = 500;

/** `Firefox 121.0` for a known browser, else what the browser said. Remembered: the same few strings come again and again. */
export function browserName(userAgent: string): string {
  const known = remembered.get(userAgent);
  if (known !== undefined) return known;
  const { name, version } = new UAParser(userAgent).getBrowser();
  const result = name ? (version ? `${name} ${version}` : name) : userAgent;
  if (remembered.size >= limit) remembered.clear();
  remembered.set(userAgent, result);
  return result;
}
