/** What pages may call and set: `window.Mibew`. Types only; published as `mibew/widget`. */

/** When there is somebody, and what the button does at other times. */
export interface OpeningHours {
  /** Days and times as schema.org writes them: `Mo-Fr 09:00-12:30,13:30-18:00; Sa 10:00-14:00`. `22:00-02:00` ends on the next day. */
  readonly hours?: string;
  /** Time zone of the hours, such as `Europe/Berlin`; absent: that of the visitor. */
  readonly zone?: string;
  /** Outside the hours the button says so (`say`) or is not there (`hide`). Default `say`. */
  readonly closed?: 'say' | 'hide';
}

/** What a conversation is begun with. */
export interface Conversation {
  /** Number of the group. */
  readonly group?: number | string;
  /** Language of the chat, such as `de`. It is spoken from the first opening on the page. */
  readonly locale?: string;
  /** Whom the visitor wants to talk with. */
  readonly operatorCode?: string;
  /** What operators shall see besides. */
  readonly info?: string;
  readonly name?: string;
  readonly email?: string;
  /** Answers to questions of the survey: `{ order: '4711' }`. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** On pages whose path begins like this: `{ path: '/de/', locale: 'de', group: 3 }`. */
export interface PathRule extends Conversation {
  readonly path: string;
}

/** Each is an attribute of the script element, too: `data-position="start"`; rules and fields are written as JSON there. */
export interface LauncherOptions extends OpeningHours, Conversation {
  /** The corner: at the end of a line of text, or at its start. Default `end`. */
  readonly position?: 'start' | 'end';
  /** Distance from the lower edge of the window, in pixels. */
  readonly bottom?: number | string;
  /** Distance from the edge at the side, in pixels. */
  readonly side?: number | string;
  /** Of the button, as CSS writes colours. */
  readonly color?: string;
  /** Words beside the picture. */
  readonly label?: string;
  /** Address of a picture in place of ours. */
  readonly image?: string;
  /** `none`, or a selector of the page's own elements that open the chat: ours stays away until a conversation begins. */
  readonly button?: string;
  /** `required`: nothing is stored or sent before `Mibew.consent(true)`, unless the visitor opens the chat. */
  readonly consent?: 'required' | 'none';
  /** The last one that fits the page counts most. */
  readonly rules?: readonly PathRule[];
}

/** What happens to the chat: `Mibew.on('unread', (count) => …)`. */
export interface LauncherEvents {
  open: undefined;
  close: undefined;
  /** Messages that wait to be read. */
  unread: number;
}
export type Listener<K extends keyof LauncherEvents> = (value: LauncherEvents[K]) => void;

/** Who the page says that its visitor is; values are shown to operators. */
export interface Identified {
  /** The customer's own number of him. */
  readonly id?: string | number;
  /** HMAC of the number, made by the page's server: without it he is shown as not verified. */
  readonly hash?: string;
  readonly [attribute: string]: string | number | boolean | null | undefined;
}

export interface MibewCalls {
  /** @param conversation what a conversation is begun with, if none is under way */
  readonly open: (conversation?: Conversation) => void;
  readonly close: () => void;
  readonly toggle: () => void;
  /** @returns a function that ends it */
  readonly on: <K extends keyof LauncherEvents>(event: K, listener: Listener<K>) => () => void;
  readonly off: <K extends keyof LauncherEvents>(event: K, listener: Listener<K>) => void;
  /** Changes how the button looks and what conversations are begun with, from now on. */
  readonly configure: (options: LauncherOptions) => void;
  /**
   * The visitor agreed to be followed, or takes it back: then all that is kept of him here is removed but a running chat.
   * @param given default true
   */
  readonly consent: (given?: boolean) => void;
  /** Tells operators who the visitor is; waits until he is followed, and is dropped where nobody is. */
  readonly identify: (attributes: Identified) => void;
  /** Tells operators what happened. @example Mibew.track('basket', { items: 3 }) */
  readonly track: (event: string, data?: Readonly<Record<string, string | number | boolean>>) => void;
}
/** `window.Mibew`, as soon as the launcher is there. */
export interface MibewApi extends MibewCalls {
  /** Pages need not wait for the script: `(window.Mibew = window.Mibew || []).push(['open'])`. */
  readonly push: (...calls: readonly EarlyCall[]) => void;
}

/** A call, written down: `['open']`, or `['on', 'unread', fn]`. */
export type EarlyCall =
  | {
      [K in Exclude<keyof MibewCalls, 'on' | 'off'>]: readonly [name: K, ...args: Parameters<MibewCalls[K]>];
    }[Exclude<keyof MibewCalls, 'on' | 'off'>]
  | {
      [K in keyof LauncherEvents]: readonly [name: 'on' | 'off', event: K, listener: Listener<K>];
    }[keyof LauncherEvents];

declare global {
  interface Window {
    Mibew?: MibewApi | EarlyCall[];
  }
}
