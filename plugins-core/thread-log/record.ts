/** A conversation as pages tell of it: who, when, how long, and what became of it. */
import { threadState, type Thread } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { ThreadRecord } from './api.ts';

/** `missed`: it is over, and nobody has answered. */
type Fate = 'open' | 'closed' | 'missed' | 'left';

const badges: Readonly<Record<Fate, string>> = { open: 'accent', closed: 'plain', missed: 'warning', left: 'plain' };

function fateOf({ state, chatStartedAt }: Thread): Fate {
  if (state === threadState.left) return 'left';
  if (state !== threadState.closed) return 'open';
  return chatStartedAt === 0 ? 'missed' : 'closed';
}

/** From the first moment to the last, ms. */
const lasted = ({ createdAt, modifiedAt, closedAt }: Thread): number =>
  Math.max(0, (closedAt || modifiedAt) - createdAt);

/** “1 hour, 5 minutes”, in the two greatest units. */
export function durationText(ms: number, language: string): string {
  const seconds = Math.round(ms / 1000);
  const parts = (
    [
      ['day', Math.floor(seconds / 86_400)],
      ['hour', Math.floor(seconds / 3600) % 24],
      ['minute', Math.floor(seconds / 60) % 60],
      ['second', seconds % 60],
    ] as const
  ).filter(([, value]) => value > 0);
  const first = parts[0] ?? (['second', 0] as const);
  // Beside minutes and more nobody counts seconds.
  const said = [first, ...parts.slice(1, 2).filter(([unit]) => unit !== 'second')];
  const worded = said.map(([unit, value]) =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
  );
  return new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(worded);
}

/** Parts that the head of a log and a row of the list have in common. */
export function describe(
  thread: Thread,
  record: ThreadRecord | undefined,
  locale: string,
  locales: Pick<LocalesService, 'intl'>,
) {
  const fate = fateOf(thread);
  return {
    visitor: thread.userName,
    operator: thread.agentName,
    group: record?.groupName ?? '',
    begun: thread.createdAt,
    duration: fate === 'left' ? '' : durationText(lasted(thread), locales.intl(locale)),
    messages: thread.messageCount,
    fate: `thread-log.fate.${fate}`,
    badge: badges[fate],
  };
}
