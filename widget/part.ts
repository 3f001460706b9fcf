/** What parts of the launcher are written against: scripts that are loaded after the page, and only where they are wanted. */
import type { MibewApi } from './api.ts';
import type { Shelf } from './storage.ts';

/** An open chat, for parts that would rather use its connection than have one of their own. */
export interface ChatLink {
  /** Calls a function of the `thread` processor with `threadId` and `token` null. Rejects when it could not be done. */
  call(name: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** Calls of the server to this page. @returns a function that ends it */
  on(name: string, run: (args: Readonly<Record<string, unknown>>) => void): () => void;
  /** It has a socket: what the server calls comes at once. */
  readonly live: boolean;
}

export interface LauncherDoor<Facts = Readonly<Record<string, unknown>>> {
  /** What the server wrote into the launcher for this part. */
  readonly facts: Facts;
  /** Address of the folder of the launcher, with a slash at its end: `https://chat.example/mibew/`. */
  readonly base: string;
  readonly locale: string;
  readonly rtl: boolean;
  /** The part's style sheet. */
  readonly css: string;
  /** `data-…` of the script element. */
  readonly data: Readonly<DOMStringMap>;
  /** The page's storage; nothing may be written before `consent` is given, where the page demands it. */
  readonly shelf: Shelf;
  /** The visitor agreed, or nobody has to ask him. */
  readonly consented: () => boolean;
  /** Called when that changes. */
  onConsent(listener: (given: boolean) => void): void;
  /** Loads a script with the page's nonce, at most once per address. Rejects when it does not come. */
  load(address: string): Promise<void>;
  /** Adds functions to `window.Mibew`; what pages called before is called again now. */
  extend(functions: Readonly<Record<string, (...args: never[]) => unknown>>): void;
  readonly on: MibewApi['on'];
  /** Opens the chat. */
  readonly open: () => void;
  /** The open chat, and changes of it. */
  chat(): ChatLink | undefined;
  onChat(listener: (chat: ChatLink | undefined) => void): void;
  /** Fields that a chat is begun with from now on, beside those of the page. */
  begin(fields: Readonly<Record<string, string>>): void;
}

/** Bound around the bundle of a part by the server. @example mibewPart<{ poll: number }>((door) => follow(door)) */
export type DefinePart = <Facts>(start: (door: LauncherDoor<Facts>) => void) => void;
