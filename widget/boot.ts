/** What the server puts into the script: facts that a page could not know. */
export interface LauncherBoot {
  readonly locale: string;
  readonly rtl: boolean;
  readonly title: string;
  readonly texts: {
    readonly open: string;
    readonly close: string;
    /** With `{0}`: number of unread messages. */
    readonly unread: string;
    readonly failed: string;
  };
  /** Milliseconds between polls where sockets are refused. */
  readonly poll: number;
  /** Paths below the address of the script's folder. */
  readonly paths: { readonly chat: string; readonly gateway: string; readonly module: string };
  /** Style sheet of button and panel: tokens of the theme and `launcher.css`. */
  readonly css: string;
}
