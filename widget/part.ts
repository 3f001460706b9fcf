/** What parts of the launcher are written against: scripts that are loaded after the page, and only where they are wanted. */
import type { LauncherEvents, LauncherOptions, MibewCalls } from './api.ts';
import type { LauncherBoot } from './boot.ts';
import type { Button } from './button.ts';
import type * as dom from './dom.ts';
import type { StartChat } from './chat.ts';
import type { Shelf } from './storage.ts';

/** An open chat, for parts that would rather use its connection than have one of their own. */
export interface ChatLink {
  /**
   * Calls a function of the `thread` processor with `threadId` and `token` null; `return` among the arguments names what comes back.
   * Rejects when it could not be done.
   */
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
  /** The page's storage, apart from the chat's; nothing may be written before `consent` is given, and all is removed when it is withdrawn. */
  readonly shelf: Shelf;
  /** The visitor agreed, or nobody has to ask him. */
  readonly consented: () => boolean;
  /** Called when that changes. */
  onConsent(listener: (given: boolean) => void): void;
  /** Loads a script with the page's nonce, at most once per address. Rejects when it does not come. */
  readonly load: (address: string) => Promise<void>;
  /** Adds functions to `window.Mibew`; what pages called before is called again now. */
  extend(functions: Readonly<Record<string, (...args: never[]) => unknown>>): void;
  readonly on: MibewCalls['on'];
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

/** What the launcher gives to its panel, which comes with the chat. */
export interface PanelDoor {
  readonly boot: LauncherBoot;
  readonly base: string;
  readonly css: string;
  readonly shelf: Shelf;
  /** In front of all keys in the storage of the page. */
  readonly prefix: string;
  /** The script element: `data-field-…` are answers. */
  readonly source: Element;
  readonly button: Button;
  readonly dom: typeof dom;
  /** See `begin`. */
  readonly begun: Readonly<Record<string, string>>;
  /** What a conversation would be begun with now. */
  readonly options: () => LauncherOptions;
  readonly isOpen: () => boolean;
  readonly close: () => void;
  readonly emit: (event: 'unread', count: LauncherEvents['unread']) => void;
  readonly linked: (chat: ChatLink | undefined) => void;
}
/** Shows the panel, or puts it away. */
export type Panel = (open: boolean) => void;
/** Draws the panel and starts the chat in it. Rejects when that fails. */
export type StartPanel = (door: PanelDoor, begin: StartChat) => Promise<Panel>;
