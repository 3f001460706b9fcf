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
  /** Parts that are wanted on this page, by name; their scripts lie at `plugins/widget/part/<name>.js` below the folder. */
  readonly parts: readonly { readonly name: string; readonly facts: Readonly<Record<string, unknown>> }[];
  /** Style sheet of button and panel: tokens of the theme and `launcher.css`. */
  readonly css: string;
}
