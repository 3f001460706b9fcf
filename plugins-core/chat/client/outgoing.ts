/** Own messages until they appear among those of the thread: waiting, sent, or refused. No DOM. */
import type { Entry, Reason, Receipt } from '../../client/client/index.ts';
import type { WireMessage } from '../api.ts';

export interface Outgoing {
  readonly key: string;
  readonly text: string;
  /** ms */
  readonly at: number;
  readonly status: 'waiting' | 'sent' | 'refused';
  readonly private?: true;
  readonly reason?: Reason;
}

interface Options {
  /** Kind of this side's messages. */
  readonly kind: number;
  readonly changed: (list: readonly Outgoing[]) => void;
}

/** Refusals of the text alone: another one may be taken. */
const ofText = new Set<number | undefined>([100, 101, 103]);

/**
 * What can be done about a message that was refused: `retry` as it is, `edit` its text. For a visitor what the server will
 * not have of him is over; an operator may sign in or take the conversation back.
 */
export function remedies({ kind, code }: Reason, user: boolean): { readonly retry: boolean; readonly edit: boolean } {
  if (ofText.has(code)) return { retry: false, edit: true };
  const open = !user || kind === 'expired' || code === undefined;
  return { retry: open, edit: open };
}

/** Notes among operators. */
const noteKind = 3;

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text of a message as it comes over the wire (HTML-safe), for comparisons only. */
export function plainText(html: string): string {
  return html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name) return entities[name.toLowerCase()] ?? whole;
      return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex ?? '0', 16));
    })
    .replace(/\s+/g, ' ')
    .trim();
}

export function createOutgoing({ kind, changed }: Options) {
  let entries: readonly Entry[] = [];
  /** Acknowledged, but not yet among the messages. */
  let acknowledged: readonly (Outgoing & { readonly id: number })[] = [];
  /**
   * Message number → key. A push may bring our message before the answer tells its number; a message of our kind and text
   * is taken for it meanwhile, so that it does not stand there twice.
   */
  const presumed = new Map<number, string>();
  let shown = '';

  function list(): readonly Outgoing[] {
    const hidden = new Set(presumed.values());
    const waiting = entries
      .filter((entry) => entry.reason || !hidden.has(entry.key))
      .map((entry): Outgoing => ({
        key: entry.key,
        text: entry.text,
        at: entry.at,
        private: entry.private,
        reason: entry.reason,
        status: entry.reason ? 'refused' : 'waiting',
      }));
    return [...acknowledged, ...waiting];
  }

  function tell(): void {
    const now = list();
    const mark = now.map((each) => each.key + each.status).join();
    if (mark === shown) return;
    shown = mark;
    changed(now);
  }

  return {
    list,
    /** What the outbox holds now. */
    waiting(next: readonly Entry[]): void {
      entries = next;
      tell();
    },
    /** The server gave a message its number; `cursor` is the last number already seen. */
    sent(entry: Entry, receipt: Receipt, cursor: number): void {
      for (const [id, key] of presumed) if (key === entry.key) presumed.delete(id);
      if (receipt.id > cursor) {
        acknowledged = [
          ...acknowledged,
          { key: entry.key, text: entry.text, at: entry.at, private: entry.private, status: 'sent', id: receipt.id },
        ];
      }
      entries = entries.filter((each) => each.key !== entry.key);
      tell();
    },
    /** Messages of the thread that were not there before. */
    arrived(messages: readonly WireMessage[]): void {
      for (const message of messages) {
        acknowledged = acknowledged.filter((each) => each.id !== message.id);
        const head = entries.find((entry) => !entry.reason);
        const free = head && ![...presumed.values()].includes(head.key);
        const same = message.kind === (head?.private ? noteKind : kind);
        if (free && same && plainText(message.message) === plainText(escapeless(head.text))) {
          presumed.set(message.id, head.key);
        }
      }
      const last = messages.at(-1)?.id ?? 0;
      acknowledged = acknowledged.filter((each) => each.id > last);
      tell();
    },
  };
}

/** Raw text as if it came over the wire: `plainText` of it is the text itself, with white space collapsed. */
function escapeless(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
