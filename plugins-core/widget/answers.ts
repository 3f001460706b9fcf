/** What pages are answered, however they ask: whoever listens is asked, nobody too often. */
import { rpcCodes, RpcError, type CallerRequest, type RpcService } from '../rpc/api.ts';
import { nothingToDo, type WidgetAnswer, type WidgetContact, type WidgetResponse } from './api.ts';

export interface AnswersNeeds {
  readonly rpc: Pick<RpcService, 'take'>;
  /** Hook `widget.page.contacted`. */
  readonly contacted: (answer: WidgetAnswer, contact: WidgetContact) => Promise<WidgetAnswer>;
}

export interface Answers {
  /** @returns 0, or the seconds after which an address may be heard again, or a visitor */
  limit(request: CallerRequest, userId: string | undefined): number;
  /** @throws RpcError 102, 120 */
  of(contact: WidgetContact): Promise<WidgetAnswer>;
  /** The server goes away: that nobody listens any more is no reason for pages to stop. */
  readonly leave: () => void;
  readonly left: boolean;
}

const nobody: WidgetAnswer = { ...nothingToDo, next: undefined };

export function createAnswers({ rpc, contacted }: AnswersNeeds): Answers {
  let left = false;
  return {
    limit: ({ address }, userId) =>
      rpc.take(`widget address ${address}`) || (userId === undefined ? 0 : rpc.take(`widget visitor ${userId}`)),
    async of(contact) {
      const answer = await contacted(nobody, contact);
      if (answer.next === undefined && left)
        throw new RpcError(rpcCodes.internal, 'INTERNAL_ERROR', 'The server goes away: try again later');
      return answer;
    },
    leave() {
      left = true;
    },
    get left() {
      return left;
    },
  };
}

/** Every handler is listed with what it needs, be it nothing. */
export function completed({ load, handlers, dependencies, data }: WidgetResponse): WidgetResponse {
  if (handlers.every((name) => Object.hasOwn(dependencies, name))) return { load, handlers, dependencies, data };
  const needed = Object.fromEntries(handlers.map((name) => [name, [] as readonly string[]]));
  return { load, handlers, dependencies: { ...needed, ...dependencies }, data };
}
