/** What those who wait are told, and when: lines, estimates and who is available, put together. */
import type { Thread } from '../chat/api.ts';
import type { Standing } from './api.ts';
import type { Estimates, Estimate, Promised } from './estimate.ts';
import type { Line } from './line.ts';

export interface BoardNeeds {
  readonly line: Line;
  readonly estimates: Estimates;
  readonly settings: { readonly waiting_position: boolean; readonly waiting_estimate: boolean };
  /** Is somebody there who could take a thread of this group? */
  readonly isAttended: (groupId: number) => Promise<boolean>;
  readonly text: (locale: string, key: string, args: Readonly<Record<string, number>>) => string;
  /** Does anybody hear what this thread's visitor is told? */
  readonly hears: (threadId: number) => boolean;
  readonly thread: (id: number) => Promise<Thread | undefined>;
  readonly push: (thread: Thread, standing: Standing) => void;
  readonly now: () => number;
}

/** What somebody was told. */
interface Told {
  readonly text: string;
  readonly promised: Promised | undefined;
}

export interface Board {
  /** A thread is as it is told here; {@link Board.tell} tells the others. */
  put(thread: Thread, seen?: boolean): void;
  standing(thread: Thread): Promise<Standing>;
  /** Who is available may have changed. */
  review(): void;
  /** Is there anybody to tell? */
  readonly due: boolean;
  /** Tells those of this node whose standing is another than they were told. */
  tell(): Promise<void>;
}

const nothing: Standing = { position: 0, low: 0, high: 0, text: '' };
const unknown: Estimate = { late: false };

export function createBoard(needs: BoardNeeds): Board {
  const { line, estimates, settings } = needs;
  const told = new Map<number, Told>();
  /** Undefined: not known. */
  const attended = new Map<number, Promise<boolean | undefined>>();
  const due = new Set<number>();

  /** Asked once until somebody comes or goes: a poll costs no question. */
  function isAttended(groupId: number): Promise<boolean | undefined> {
    const known = attended.get(groupId);
    if (known) return known;
    const asked = needs.isAttended(groupId).catch(() => {
      attended.delete(groupId);
      return undefined;
    });
    attended.set(groupId, asked);
    return asked;
  }

  function words(locale: string, position: number, attends: boolean | undefined, { range, late }: Estimate): string {
    const say = (key: string, args = {}) => needs.text(locale, `waiting.${key}`, args);
    // Whoever is told that nobody is there is told, too, when that is no longer so.
    if (attends === false) return say('nobody');
    if (!settings.waiting_position) return '';
    const place = say('place', { position });
    if (late) return `${place} ${say('late')}`;
    if (!range) return place;
    const key = range.low === range.high ? 'about' : 'between';
    return `${place} ${say(key, { low: range.low, high: range.high })}`;
  }

  async function standing(thread: Thread): Promise<Standing> {
    const { id, locale } = thread;
    const groupId = line.entry(id)?.groupId;
    if (groupId === undefined) return nothing;
    const attends = await isAttended(groupId);
    const claims = settings.waiting_position && settings.waiting_estimate && attends === true;
    // Read after what was waited for: it may have changed meanwhile.
    const position = line.place(id);
    if (position === undefined) return nothing;
    const before = told.get(id)?.promised;
    const { estimate, promised } = claims
      ? estimates.of(groupId, position, needs.now(), before)
      : { estimate: unknown, promised: before };
    const text = words(locale, position, attends, estimate);
    told.set(id, { text, promised });
    if (!settings.waiting_position) return { ...nothing, text };
    return { position, low: estimate.range?.low ?? 0, high: estimate.range?.high ?? 0, text };
  }

  return {
    put(thread, seen) {
      const { groups, taken } = line.put(thread, seen);
      for (const group of groups) due.add(group);
      if (taken) estimates.learn(taken);
      if (!line.entry(thread.id)) told.delete(thread.id);
    },
    standing,
    review() {
      attended.clear();
      for (const group of line.groups()) due.add(group);
    },
    get due() {
      return due.size > 0;
    },
    async tell() {
      const groups = [...due];
      due.clear();
      for (const { id } of groups.flatMap((group) => [...line.of(group)])) {
        if (!needs.hears(id)) continue;
        const before = told.get(id)?.text;
        const thread = await needs.thread(id);
        const now = thread && (await standing(thread));
        if (now && now.text !== (before ?? '')) needs.push(thread, now);
      }
    },
  };
}
