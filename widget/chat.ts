/** The chat app, as `/plugins/widget/chat.js` hands it over. */
import type { InlineChat, InlineOptions } from '../plugins-core/chat/client/inline.ts';

/** Starts the chat app in a shadow root. */
export type StartChat = (
  root: ShadowRoot,
  options: Pick<InlineOptions, 'host' | 'server' | 'title'>,
) => Promise<InlineChat>;
