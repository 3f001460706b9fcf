/** How it was: what visitors say of a conversation once it is over. */
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import { threadProcessor } from '../chat/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';

/** Codes of function errors. */
export const ratingErrors = {
  /** Ratings are switched off. */
  off: 170,
  /** Nobody answered yet, so there is nothing to rate. */
  nothingYet: 171,
  /** The time in which it could be said, or changed, is over. */
  tooLate: 172,
  commentTooLong: 173,
} as const;

/** From very bad to very good. */
export const scores = [1, 2, 3, 4, 5] as const;
export type Score = (typeof scores)[number];

/** What a visitor said of one conversation. Times in ms since the epoch. */
export interface Rating {
  readonly threadId: number;
  /** Who had the conversation last; 0 if nobody has it any more. */
  readonly agentId: number;
  readonly groupId: number;
  readonly score: Score;
  /** Raw; `''` if none. */
  readonly comment: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Of some ratings. */
export interface Average {
  readonly count: number;
  /** From 1 to 5; 0 while there is none. */
  readonly score: number;
}

export interface RatingsService {
  of(threadId: number): Promise<Rating | undefined>;
  /** @param since ms since the epoch @param agentId of one operator alone */
  average(since: number, agentId?: number): Promise<Average>;
  /** By operator, those who were rated. */
  averages(since: number): Promise<ReadonlyMap<number, Average>>;
}
/** @example const { score, count } = await ctx.use.ratings.average(Date.now() - week, operator.id) */
export const ratings = defineService<RatingsService>('rating.ratings');

/** A visitor said how it was, or something else than before. */
export const ratingGiven =
  defineHook.notify<[{ readonly rating: Rating; readonly original: Rating | undefined }]>('rating.given');

/** Functions of the `thread` processor, for the visitor whose conversation it is. */
export const ratingRpc = defineRpc(threadProcessor, {
  /** May he say how it was, and what did he say? `score` is 0 while he said nothing. */
  rating: {
    input: v.object({ user: v.literal(true) }),
    output: v.object({ may: v.boolean(), score: v.number(), comment: v.string() }),
  },
  rate: {
    input: v.object({
      user: v.literal(true),
      score: v.pipe(wireInteger, v.picklist(scores)),
      comment: v.optional(v.nullable(v.string())),
    }),
    output: v.object({ score: v.number(), comment: v.string() }),
    rate: { perSecond: 0.5, burst: 10 },
  },
});
