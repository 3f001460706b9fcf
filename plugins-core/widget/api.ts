/** The visited page: the code that administrators copy into it, the launcher's parts, and the gateway that pages talk to. */
import * as v from 'valibot';
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';
import { threadProcessor } from '../chat/api.ts';
import { type CarrierSession, defineProcessor, defineRpc, wireInteger } from '../rpc/api.ts';

/** The line for the corner, a picture, a text, or a field for the code of an operator. */
export const codeKinds = ['script', 'button', 'text_link', 'operator_code'] as const;
export type CodeKind = (typeof codeKinds)[number];

/** What puts the chat on a page. */
export interface PageCode {
  /** HTML, already escaped; empty where the script is all. */
  readonly markup: string;
  /** Attributes of the launcher's script element, not escaped; undefined: none is needed. */
  readonly script: readonly (readonly [name: string, value: string])[] | undefined;
}
/** What it was made for. */
export interface CodeChoice {
  readonly kind: CodeKind;
  readonly locale?: string;
  /** Number of the group. */
  readonly group?: number;
}
/**
 * Before the code is shown, on its page and in the preview: `buttonGenerate` of the original.
 * @example ctx.on(filterCode, (code, { kind }) => (kind === 'button' ? { ...code, markup: `<p>${code.markup}</p>` } : code))
 */
export const filterCode = defineHook.filter<PageCode, [CodeChoice]>('widget.code.filter');

/**
 * What the server has a visited page do: widget spec section 4. The keys are those of the original's answers.
 * Scripts are loaded first, each id once per page; a handler waits for those it depends on and is then called with `data`.
 */
export interface WidgetResponse {
  /** Id of a script → its absolute address. */
  readonly load: Readonly<Record<string, string>>;
  /** Names of functions in `Mibew.APIFunctions`, in order. */
  readonly handlers: readonly string[];
  /** Handler → ids of scripts that it needs. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** Given to every handler. Written by plugins, read by anybody's page: nothing secret. */
  readonly data: Readonly<Record<string, unknown>>;
}
/** An answer that has a page do nothing. */
export const nothingToDo: WidgetResponse = { load: {}, handlers: [], dependencies: {}, data: {} };

/** How a page's contact came in; `jsonp` is the original's. */
export type WidgetCarrier = 'jsonp' | 'json' | 'socket' | 'stream';

/** One contact of a visited page. Texts are as long as the contract allows and come from the page: escape them. */
export interface WidgetContact {
  readonly carrier: WidgetCarrier;
  /** The tracking secret that the page brought, 43 characters of base64url; undefined: none, or of another shape. */
  readonly userId: string | undefined;
  /** Address of the page; `''` if unknown. */
  readonly page: string;
  readonly title: string;
  /** Where the visitor came from. */
  readonly entry: string;
  readonly locale: string;
  /** No sounds. */
  readonly silent: boolean;
  /** The tab is in sight; hidden ones are asked less often. */
  readonly hidden: boolean;
  /** Thread of the invitation that the page shows; 0 for none; undefined where the server has to remember (`jsonp`). */
  readonly invitation: number | undefined;
  /** The visitor closed the invitation. */
  readonly rejected: boolean;
  /** Flat parameters given to `sendToServer`, and of `jsonp` all others of the query. */
  readonly custom: Readonly<Record<string, string>>;
  /** An operator's own browser, as far as that can be seen. */
  readonly operator: boolean;
  /** Do Not Track or Global Privacy Control is set. */
  readonly declined: boolean;
  readonly address: string;
  readonly userAgent: string;
  /** Own origin as the page's browser sees it, for absolute addresses: `https://chat.example.com`. */
  readonly origin: string;
  /** Subscribes the page to pushes; undefined where there are none. */
  readonly session: CarrierSession | undefined;
}
/** What is answered: see {@link widgetContacted}. */
export interface WidgetAnswer extends WidgetResponse {
  /** Seconds until the next contact; undefined: nobody listens, the page is to stop. */
  readonly next: number | undefined;
}
/**
 * A page was heard. Whoever follows visitors answers with `next`; while nobody does, pages are told to stop. Not asked for
 * contacts of the original's script whose cookies are blocked: those are answered as the original does. A listener that throws is
 * passed over, so whoever follows catches its own failures: pages that are told to stop do not come back.
 *
 * @example ctx.on(widgetContacted, (answer, contact) => follow(answer, contact))
 */
export const widgetContacted = defineHook.filter<WidgetAnswer, [WidgetContact]>('widget.page.contacted');

/** Who calls the processor `widget`. */
export interface WidgetCaller {
  /** Tracking secret of the hello or of `X-Mibew-Visitor`; undefined: none, or of another shape. */
  readonly userId: string | undefined;
  readonly operator: boolean;
  readonly declined: boolean;
}
/** The processor behind `/widget`. */
export const widgetProcessor = defineProcessor<WidgetCaller, undefined>('widget');

const short = (max: number) => v.pipe(v.string(), v.maxLength(max));
const contact = {
  page: short(2048),
  title: v.optional(short(255), ''),
  entry: v.optional(short(2048), ''),
  locale: v.optional(short(16), ''),
  silent: v.optional(v.boolean(), false),
  hidden: v.optional(v.boolean(), false),
  /** Thread of the invitation that is shown; 0 for none. */
  invitation: v.optional(wireInteger, 0),
  rejected: v.optional(v.boolean(), false),
  custom: v.optional(v.record(short(64), short(1024)), {}),
};
const answer = v.object({
  load: v.custom<WidgetResponse['load']>(() => true),
  handlers: v.custom<WidgetResponse['handlers']>(() => true),
  dependencies: v.custom<WidgetResponse['dependencies']>(() => true),
  data: v.custom<WidgetResponse['data']>(() => true),
  /** Seconds; 0: the page is to stop and to ask no more (null could not be named in `return`). */
  next: v.number(),
});
/** `widgetContact` of the processor `widget`: the page says where it is, the server what it is to do. */
export const widgetRpc = defineRpc(widgetProcessor, {
  widgetContact: { input: v.object(contact), output: answer },
});
/** The same over the socket of an open chat: `threadId` and `token` are null, and the tracking secret is an argument. */
export const widgetThreadRpc = defineRpc(threadProcessor, {
  widgetContact: { input: v.object({ ...contact, user: v.literal(true), userId: short(64) }), output: answer },
});

/** Topic of pushes to every page that is followed. */
export const widgetPages = 'widget:pages';
/** Pushes to pages, over sockets and streams; what waits with a polling page for its next contact is its owner's to remember. */
export interface WidgetService {
  /** Calls the client function `receiveWidget` ({@link WidgetResponse}) of the pages on a topic. @returns number of pages reached */
  push(topic: string, response: Partial<WidgetResponse>): number;
  /** Tells all pages that are followed to stop: the client function `stopWidget`. */
  stop(): void;
}
export const widget = defineService<WidgetService>('widget.widget');

/**
 * A part of the launcher that is loaded after the page and only where it is wanted: a classic script of its own.
 * Its entry calls `mibewPart((door) => …)`; types of the door: `widget/part.ts`.
 */
export interface LauncherPart {
  /** `[a-z-]+`, unique in the product. */
  readonly name: string;
  /** Absolute path of its entry. */
  readonly entry: string;
  /** Absolute paths of style sheets; their text is `door.css`. */
  readonly styles?: readonly string[];
  /** Written into the launcher as it is served; undefined: the part is not loaded. */
  readonly facts: (locale: string) => Readonly<Record<string, unknown>> | undefined;
}
/** @example ctx.contribute(launcherPart({ name: 'tracking', entry: join(ctx.plugin.root, 'client/page/part.ts'), facts: () => ({}) })) */
export const launcherPart = definePoint<LauncherPart>('widget.launcherPart');
