/** Functions of the workspace: the visitor board, and the way of one visitor. */
import { RpcError, type RpcImplementation } from '../rpc/api.ts';
import type { UsersCaller } from '../users/api.ts';
import { trackingErrors, type trackingRpc } from './api.ts';
import type { Listings } from './listing.ts';
import { boardTopic, type Push } from './push.ts';
import type { Trail } from './trail.ts';

export interface FunctionNeeds {
  readonly listings: Listings;
  readonly push: Pick<Push, 'join'>;
  readonly trail: Trail;
}

const seconds = (ms: number) => Math.floor(ms / 1000);

export function createFunctions({
  listings,
  push,
  trail,
}: FunctionNeeds): RpcImplementation<UsersCaller, undefined, (typeof trackingRpc)['functions']> {
  return {
    async updateVisitors(_, { caller, session }) {
      const { operator } = caller.session;
      const listing = await listings.of(operator);
      if (session) {
        session.subscribe(boardTopic(operator.id));
        push.join(operator.id, listing);
      }
      return { visitors: [...(await listings.rowsFor(operator.id, listing.visitors))], total: listing.total };
    },
    async visitorTrack({ visitor: id, thread }, { caller }) {
      const { operator } = caller.session;
      const found = await trail.find(operator, { visitor: id, thread });
      if (!found?.visitor) throw new RpcError(trackingErrors.unknown, 'VISITOR_UNKNOWN', 'No such visitor');
      const { visitor } = found;
      const [row] = await listings.rowsFor(operator.id, [visitor]);
      if (!row) throw new RpcError(trackingErrors.unknown, 'VISITOR_UNKNOWN', 'No such visitor');
      return {
        visitor: row,
        pages: (await trail.pages(visitor.id)).map(({ address, title, at }) => ({ address, title, date: seconds(at) })),
        events: visitor.events.map(({ name, data, at }) => ({ name, data: { ...data }, date: seconds(at) })),
      };
    },
  };
}
