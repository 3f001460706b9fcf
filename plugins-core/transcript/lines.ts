/** Messages as lines of plain text: the original's form in mails. */
import { messageKind, type WireMessage } from '../chat/api.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** What a reader sees of a message; the wire carries markup that is safe in a page. */
export function plainText(html: string): string {
  return html
    .replaceAll(/<style\b[^>]*>[\s\S]*?<\/style>/gi, '')
    .replaceAll(/<br\s*\/?>|<\/(?:p|li)>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replaceAll(/\r\n?/g, '\n')
    .trimEnd();
}

/** A clock in one zone; one that nobody knows is the server's own. */
export function clockOf(timeZone?: string | null) {
  const known = timeZone && isZone(timeZone) ? { timeZone } : {};
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const clock = new Intl.DateTimeFormat('en-GB', { ...parts, ...known });
  const days = new Map<string, Intl.DateTimeFormat>();
  return {
    /** `HH:MM:SS`. */
    time: (seconds: number): string => clock.format(seconds * 1000),
    day(seconds: number, language: string): string {
      const format = days.get(language) ?? new Intl.DateTimeFormat(language, { dateStyle: 'full', ...known });
      days.set(language, format);
      return format.format(seconds * 1000);
    },
  };
}
export type Clock = ReturnType<typeof clockOf>;

function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** One message: domain spec 1.7. */
export function lineOf({ kind, created, name, message }: WireMessage, clock: Clock): string {
  const text = plainText(message);
  switch (kind) {
    case messageKind.user:
    case messageKind.agent:
      return `${clock.time(created)} ${name ? `${name}: ` : ''}${text}`;
    case messageKind.info:
      return `${clock.time(created)} ${text}`;
    case messageKind.forAgent:
      return `${clock.time(created)} [${text}]`;
    default:
      return `[${text}]`;
  }
}
