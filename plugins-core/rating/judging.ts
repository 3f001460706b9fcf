/** What a visitor may say, when, and who is told of it. */
import { escapeHtml, messageKind, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import { RpcError } from '../rpc/api.ts';
import { ratingErrors, type Rating, type Score } from './api.ts';
import type { Ratings } from './ratings.ts';

export interface JudgingNeeds {
  readonly ratings: Pick<Ratings, 'keep' | 'of'>;
  readonly threads: Pick<ThreadsService, 'assertHeard' | 'postSystem'>;
  readonly settings: { readonly rating_enabled: boolean };
  readonly text: (locale: string, key: string, args?: Readonly<Record<string, string | number>>) => string;
  readonly given: (event: { readonly rating: Rating; readonly original: Rating | undefined }) => void;
  readonly now: () => number;
}

export interface Judging {
  /** Is this a conversation that can be rated now? */
  may(thread: Thread): boolean;
  /** @throws RpcError 170, 171, 172, 173 */
  rate(thread: Thread, score: Score, comment: string): Promise<Rating>;
}

const hour = 3_600_000;
/** So long after the end it can be said how it was, and so long it can be changed, ms. */
const rateable = 7 * 24 * hour;
const changeable = 24 * hour;
export const longestComment = 1_000;

/** No NUL, no half characters, lines as LF. */
const clean = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\0', '')
    .trim();

export function createJudging({ ratings, threads, settings, text, given, now }: JudgingNeeds): Judging {
  const isAnswered = ({ chatStartedAt, state }: Thread) =>
    chatStartedAt > 0 && (state === threadState.chatting || state === threadState.closed);
  const isLate = ({ closedAt }: Thread) => closedAt > 0 && now() - closedAt > rateable;

  return {
    may: (thread) => settings.rating_enabled && isAnswered(thread) && !isLate(thread),
    async rate(thread, score, said) {
      const say = (key: string, args = {}) => text(thread.locale, `rating.${key}`, args);
      const refuse = (code: keyof typeof ratingErrors, name: string, args = {}) =>
        new RpcError(ratingErrors[code], name, say(`error.${code}`, args));
      if (!settings.rating_enabled) throw refuse('off', 'RATING_OFF');
      if (!isAnswered(thread)) throw refuse('nothingYet', 'NOTHING_TO_RATE');
      if (isLate(thread)) throw refuse('tooLate', 'RATING_TOO_LATE');
      await threads.assertHeard(thread, 'user');
      const comment = clean(said);
      if (comment.length > longestComment && Array.from(comment).length > longestComment)
        throw refuse('commentTooLong', 'COMMENT_TOO_LONG', { max: longestComment });

      const { id, agentId, groupId } = thread;
      const kept = await ratings.keep({ threadId: id, agentId, groupId, score, comment }, now(), changeable);
      if (kept === 'fixed') throw refuse('tooLate', 'RATING_TOO_LATE');
      const { rating, original, changed } = kept;
      if (!changed) return rating;
      const line = say(original ? 'event.changed' : 'event.given', { score, of: 5 });
      await threads.postSystem(id, {
        kind: messageKind.forAgent,
        body: comment === '' ? line : `${line}\n${escapeHtml(comment)}`,
        name: null,
        agentId: 0,
        plugin: 'rating',
        data: { score, comment },
      });
      given({ rating, original });
      return rating;
    },
  };
}
