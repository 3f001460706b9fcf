/** What controls of plugins get in the slots of a conversation, and what screens before it get. */
import type { Command, Parts, PageStorage, Transport, Ui } from '../../client/client/index.ts';
import type { Conversation, ThreadRef } from './conversation.ts';

/** The writing field, for controls beside it. */
export interface Composer {
  readonly field: HTMLTextAreaElement;
  text(): string;
  /** Writes in place of what stands there; a draft like anything that is typed. */
  set(text: string): void;
  /** Writes where the cursor is, or over what is selected. */
  insert(text: string): void;
  focus(): void;
  /** Called with the text after each change of it. */
  on(listener: (text: string) => void): () => void;
  /** Asked in order before a message is sent: another text, or `false` to keep it in the field. */
  before(ask: (text: string) => string | false | Promise<string | false>): () => void;
  /** `note`: what is written is for operators only. Without an argument: which mode it is. */
  mode(): ComposerMode;
  mode(name: ComposerMode): void;
  /** Called when the mode changes. */
  onMode(listener: (mode: ComposerMode) => void): () => void;
}
export type ComposerMode = 'note' | undefined;

/** An entry of the menu in the head of the window. */
export interface MenuEntry {
  /** Unique in the menu. */
  readonly name: string;
  /** Plain text. */
  readonly label: string;
  /** Markup of an icon, rendered from a template of yours: `ui.render('shop/icon', {})`. */
  readonly icon?: string;
  /** Greater stands further at the top. Default 0. */
  readonly weight?: number;
  /** False: it is left out this time; asked at each opening. */
  readonly shown?: () => boolean;
  /** Keys that do the same, as those of a command. */
  readonly keys?: readonly string[];
  readonly run: () => void;
}

/** Context of the slots `chat/window`, `chat/status`, `chat/composer` and `chat/over`. */
export interface ChatContext {
  readonly conversation: Conversation;
  readonly thread: ThreadRef;
  /** The visitor's side. */
  readonly user: boolean;
  /** The operator whose window it is. */
  readonly agent?: { readonly id: number; readonly name: string };
  /** Only watching. */
  readonly watching: boolean;
  readonly ui: Ui;
  /** The whole window. */
  readonly root: HTMLElement;
  readonly transport: Transport;
  /** Inside somebody's page. */
  readonly inline: boolean;
  readonly storage: PageStorage;
  readonly composer: Composer;
  /** Entries are commands, too. */
  readonly menu: { add(entry: MenuEntry): () => void };
  /** What operators can do by name and by keys while this conversation is in front; visitors have neither. */
  readonly commands: { add(command: Command): () => void };
  /** Leaves an ended conversation and begins anew; absent where that is not possible. */
  readonly again?: () => void;
  /** Loaded when they are needed. */
  readonly parts: Parts;
  /** What the server hands over for this conversation (hook `chat.options`); asked for where the window was opened without. */
  options(): Promise<Readonly<Record<string, unknown>>>;
}

/** What comes before a conversation, or instead of it. */
export interface Outcome {
  /** `chat`, or the name of a screen: `survey`, `leaveMessage`. */
  readonly next: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a screen is mounted with: `apps.define('survey', (element, options: ScreenMount) => …)`. */
export interface ScreenMount {
  /** Tools with the templates and texts of the screen's own part. */
  readonly ui: Ui;
  readonly transport: Transport;
  /** `surveyOptions`, `leaveMessageOptions`: RPC spec section 9. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the page knows of the visitor, as `open` was told it: url, referrer, locale, group, info, name, email. Send it along. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Inside somebody's page. */
  readonly inline: boolean;
  /** Storage of this tab, for what was typed and not sent. */
  readonly drafts: Pick<PageStorage, 'get' | 'set' | 'remove'>;
  readonly parts: Parts;
  /** Leads on, without loading the page anew. */
  done(outcome: Outcome): void;
  /** Nothing more is to be done here: where the panel is opened next time it begins anew. */
  finished(): void;
  /** Begins anew now. */
  again(): void;
  /** Puts the panel away, where there is one. */
  minimise?(): void;
}
