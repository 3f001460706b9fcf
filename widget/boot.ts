/** What the server puts into the script: facts that a page could not know. */
import type { LauncherOptions } from './api.ts';

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
    /** Outside the opening hours. */
    readonly closed: string;
  };
  /** Milliseconds between polls where sockets are refused. */
  readonly poll: number;
  /** What the administrators chose; the page's own word counts more. */
  readonly options: LauncherOptions;
  /** Parts that are wanted on this page, by name; their scripts lie at `plugins/widget/part/<name>.js` below the folder. */
  readonly parts: readonly { readonly name: string; readonly facts: Readonly<Record<string, unknown>> }[];
  /** Style sheet of the button: tokens of the theme and `launcher.css`. */
  readonly css: string;
}
