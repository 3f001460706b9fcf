/** Functions of the visitor's window. */
import { threadOf, type ThreadCaller, type ThreadSubject } from '../chat/api.ts';
import type { RpcImplementation } from '../rpc/api.ts';
import type { ratingRpc, RatingsService } from './api.ts';
import type { Judging } from './judging.ts';

export function ratingFunctions(
  judging: Judging,
  ratings: Pick<RatingsService, 'of'>,
): RpcImplementation<ThreadCaller, ThreadSubject, (typeof ratingRpc)['functions']> {
  return {
    async rating(_, { subject }) {
      const thread = threadOf(subject);
      const may = judging.may(thread);
      const said = may ? await ratings.of(thread.id) : undefined;
      return { may, score: said?.score ?? 0, comment: said?.comment ?? '' };
    },
    async rate({ score, comment }, { subject }) {
      const rating = await judging.rate(threadOf(subject), score, comment ?? '');
      return { score: rating.score, comment: rating.comment };
    },
  };
}
