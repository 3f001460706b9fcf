/** Who is on the site: visitors, the pages they have seen, what their pages say about them. */
import * as v from 'valibot';
import { defineHook, defineService } from '../../kernel/tokens.ts';
import type { Operator } from '../operators/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';
import type { WidgetContact, WidgetResponse } from '../widget/api.ts';

/** A page that a visitor looked at. */
export interface Visit {
  /** Address, at most 1,024 characters. */
  readonly address: string;
  readonly title: string;
  /** ms since the epoch. */
  readonly at: number;
}
/** What a page told with `Mibew.track(name, data)`. */
export interface TrackedEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** ms since the epoch. */
  readonly at: number;
}
/** Who a page says that its visitor is. */
export interface Identity {
  /** The customer's own number of him. */
  readonly id: string;
  /** The page's server signed the number: it is he. */
  readonly verified: boolean;
}
/**
 * A visitor of the site, as he is now: what is held for longer changes with him. Times in ms since the epoch. Texts are the page's or
 * the browser's: escape them.
 */
export interface TrackedVisitor {
  readonly id: number;
  /** Public id: that of the chat's visitor once he has chatted, until then one of its own. */
  readonly userId: string;
  readonly name: string;
  /** Address that he came to the site from. */
  readonly entry: string;
  readonly userAgent: string;
  readonly remote: string;
  /** ISO 3166-1 code; `''` if unknown. */
  readonly country: string;
  readonly city: string;
  readonly locale: string;
  /** When this visit to the site began. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** The page that he looks at. */
  readonly page: Visit | undefined;
  /** Pages seen in this visit. */
  readonly pages: number;
  /** Visits to the site before this one. */
  readonly visits: number;
  readonly invitations: number;
  readonly chats: number;
  /** Conversation or pending invitation that he is in; 0 for none. */
  readonly threadId: number;
  /** The chat's visitor; 0 while he has never chatted from this browser. */
  readonly visitorId: number;
  /** What the page told with `Mibew.identify`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly identity: Identity | undefined;
  readonly events: readonly TrackedEvent[];
}
/** How much of what a page says is kept; the rest is cut off. */
export const attributeLimits = { count: 32, name: 64, value: 255, events: 50 } as const;

export interface TrackingService {
  /** From memory, else from the database. */
  byId(id: number): Promise<TrackedVisitor | undefined>;
  /** Behind the secret that a page brings. */
  byUserId(secret: string): Promise<TrackedVisitor | undefined>;
  /** The visitor who is in this conversation or was invited to it. */
  ofThread(threadId: number): Promise<TrackedVisitor | undefined>;
  /** Visitors who are on the site now (heard of within their interval), from memory. */
  present(): readonly TrackedVisitor[];
  /** His pages, oldest first, at most `limit` of the newest. */
  path(id: number, limit?: number): Promise<readonly Visit[]>;
  /** Changes what belongs to other plugins. Numbers are counted up. Told to operators at once. */
  change(
    id: number,
    change: {
      readonly threadId?: number;
      readonly visitorId?: number;
      readonly userId?: string;
      readonly name?: string;
      readonly invitations?: 1;
      readonly chats?: 1;
    },
  ): Promise<TrackedVisitor | undefined>;
  /** Has the open pages of a visitor do something at once. @returns number of pages of this node that were reached */
  tell(id: number, response: Partial<WidgetResponse>): number;
}
/** @example const visitor = await ctx.use.tracking.byUserId(secret) */
export const tracking = defineService<TrackingService>('tracking.tracking');

/** `visitorCreate`: somebody came to the site for the first time. */
export const visitorCreated = defineHook.notify<[TrackedVisitor]>('tracking.visitor.created');
/** `visitorTrack`: each contact of a page. `navigated`: it is another page than at his last contact. */
export const visitorTracked =
  defineHook.notify<[{ readonly visitor: TrackedVisitor; readonly navigated: boolean }]>('tracking.visitor.tracked');
/** `visitorDeleteOld`: numbers of visitors who are forgotten. */
export const visitorsDeleted = defineHook.notify<[readonly number[]]>('tracking.visitors.deleted');
/**
 * `widgetResponseAlter`: what the page of a visitor is to do, the last word before it is answered. Other plugins add scripts,
 * handlers and data.
 *
 * @example
 * ctx.on(widgetAnswered, (answer, { contact }) => ({ ...answer, handlers: [...answer.handlers, 'shopGreet'],
 *   load: { ...answer.load, shop: contact.origin + views.asset('shop', 'shop.js') }, dependencies: { ...answer.dependencies, shopGreet: ['shop'] } }))
 */
export const widgetAnswered = defineHook.filter<
  WidgetResponse,
  [{ readonly visitor: TrackedVisitor; readonly contact: WidgetContact; readonly navigated: boolean }]
>('tracking.widget.answered');

/** A row of the visitor board: RPC spec section 10. Times in unix seconds. Texts are raw. */
export interface WireVisitor {
  readonly id: number;
  readonly userId: string;
  readonly userName: string;
  /** Name and version of the browser. */
  readonly userAgent: string;
  readonly userIp: string | false;
  readonly remote: string;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly invitations: number;
  readonly chats: number;
  readonly invitationInfo: false | { readonly time: number; readonly agentName: string; readonly threadId?: number };
  /** Ours, from here on. The page that he looks at. */
  readonly page: string;
  readonly title: string;
  readonly pages: number;
  readonly visits: number;
  readonly entry: string;
  /** Operating system. */
  readonly system: string;
  readonly country: string;
  readonly city: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly identity: Identity | null;
  /** What became of the last invitation: numbers of the invitation states; 0 for none. */
  readonly invited: number;
}
/** `usersUpdateVisitorsLoad`: the first answer is listed instead of those who are here. */
export const visitorsLoaded = defineHook.decide<[{ readonly operator: Operator }], readonly TrackedVisitor[]>(
  'tracking.visitors.load',
);
/** `usersUpdateVisitorsAlter`: rows before they are sent, by poll or by push. */
export const visitorsListed = defineHook.filter<
  readonly WireVisitor[],
  [{ readonly operatorId: number; readonly visitors: ReadonlyMap<number, TrackedVisitor> }]
>('tracking.visitors.listed');

/** Codes of function errors: no such visitor. */
export const trackingErrors = { unknown: 280 } as const;

const list = v.pipe(v.array(v.custom<WireVisitor>(() => true)), v.readonly());
/** Functions of the `users` processor. */
export const trackingRpc = defineRpc(usersProcessor, {
  /**
   * Visitors without a conversation, or with a pending invitation; at most `visitors_limit`. A socket that asks is told of
   * changes from then on: the client function `receiveVisitors`.
   */
  updateVisitors: { input: v.object({}), output: v.object({ visitors: list, total: v.number() }) },
  /** Pages and events of one visitor; by his number, or by that of his conversation, which the operator has to see. 280 */
  visitorTrack: {
    input: v.object({ visitor: v.optional(wireInteger), thread: v.optional(wireInteger) }),
    output: v.object({
      visitor: v.custom<WireVisitor>(() => true),
      pages: v.pipe(v.array(v.object({ address: v.string(), title: v.string(), date: v.number() })), v.readonly()),
      events: v.pipe(
        v.array(v.object({ name: v.string(), data: v.record(v.string(), v.string()), date: v.number() })),
        v.readonly(),
      ),
    }),
  },
});
/** A push over a socket: arguments of the client function `receiveVisitors`. Rows that changed, and numbers of those who went. */
export interface ReceiveVisitors {
  readonly agentId: number;
  readonly visitors: readonly WireVisitor[];
  readonly gone: readonly number[];
  /** −1: whoever shows visitors asks again. */
  readonly total: number;
}
