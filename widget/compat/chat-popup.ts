/** `/js/compiled/chat_popup.js`: the buttons of the original. Widget spec section 2. */
import { addHelpers } from './cookies.ts';
import { conversationOf, loadLauncher, objects, thePage } from './page.ts';

interface PopupOptions {
  readonly id: string;
  /** Where the chat begins; language and group are in its query. */
  readonly url: string;
  readonly preferIFrame?: boolean;
  readonly modSecurity?: boolean;
  readonly forceSecure?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly resizable?: boolean;
}
interface ChatPopup {
  open(url?: string): void;
  close(): void;
}

/** In a window of its own. */
function createWindow(options: PopupOptions): ChatPopup {
  let opened: Window | null = null;
  const of = (address: string) => {
    const bare = options.modSecurity ? address.replace(/^https?:\/\//, '') : address;
    return encodeURIComponent(bare);
  };
  return {
    open(url = options.url) {
      if (opened && !opened.closed) return;
      const { width = 640, height = 480, resizable = true } = options;
      const address = `${url}${url.indexOf('?') < 0 ? '?' : '&'}url=${of(location.href)}&referrer=${of(document.referrer)}`;
      const features = `toolbar=0,scrollbars=0,location=0,status=1,menubar=0,width=${width},height=${height},resizable=${resizable ? 1 : 0}`;
      opened = window.open(address, `mibewChat${options.id}`, features);
      if (!opened) return;
      opened.focus();
      opened.opener = window;
    },
    close() {
      if (opened) opened.close();
      opened = null;
    },
  };
}

/** In the page, as it is today: what was a frame is the chat that the launcher opens. */
function createInline(options: PopupOptions): ChatPopup {
  const apart = createWindow(options);
  let missing = false;
  loadLauncher(
    { locale: conversationOf(options.url).locale || '' },
    {
      secure: !!options.forceSecure,
      failed() {
        missing = true;
      },
    },
  );
  return {
    open(url = options.url) {
      // Without the launcher a click still leads to the chat.
      if (missing) apart.open(url);
      else thePage().push(['open', conversationOf(url)]);
    },
    close() {
      apart.close();
      if (!missing) thePage().push(['close']);
    },
  };
}

addHelpers();
const page = thePage();
page.ChatPopup = page.ChatPopup || {
  init(options: PopupOptions) {
    const all = objects();
    const popups = (all.ChatPopups = all.ChatPopups || {});
    popups[options.id] = options.preferIFrame ? createInline(options) : createWindow(options);
  },
};
objects().ChatPopups = objects().ChatPopups || {};
