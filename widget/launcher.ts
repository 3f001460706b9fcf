/** The launcher: a button, and behind it the chat, loaded when somebody wants it. */
import type { InlineChat, InlineHost } from '../plugins-core/chat/client/inline.ts';
import { createEmitter, type Early, type MibewApi, type StartChat } from './api.ts';
import type { LauncherBoot } from './boot.ts';
import { createFrame, type Frame } from './frame.ts';
import { visitorSecret } from './secret.ts';
import { createShelf } from './storage.ts';

/** Bound around the bundle by the server. */
declare const mibewBoot: LauncherBoot;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}
const script = document.currentScript as HTMLScriptElement | null;

let trust = (url: string): string => url;

/** Pages that demand trusted types allow this policy beside the chat's own, `mibew`. */
function makePolicy(): void {
  try {
    const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
    const policy = types && types.createPolicy('mibew-loader', { createScriptURL: (url) => url });
    if (policy) trust = (url) => policy.createScriptURL(url);
  } catch {
    // The page allows no such policy: where it demands one as well, the browser says what is missing.
  }
}

/** What the page says for fields of the survey: `data-field-order="4711"`. */
function fieldsOf(source: Element): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { name, value } of Array.from(source.attributes))
    if (name.slice(0, 11) === 'data-field-') fields[name.slice(11)] = value;
  return fields;
}

function launch(boot: LauncherBoot, source: HTMLScriptElement): void {
  const base = source.src.replace(/[?#].*$/, '').replace(/[^/]*$/, '');
  const asked = source.dataset;
  const locale = asked.locale ?? boot.locale;
  const prefix = `mibew:${base}:`;
  const shelf = createShelf(prefix);
  const events = createEmitter();
  let frame: Frame | undefined;
  let app: InlineChat | undefined;
  let state: 'idle' | 'loading' | 'running' = 'idle';
  let isOpen = false;
  /** What had the focus before the panel was opened. */
  let opener: HTMLElement | null = null;

  const host = (place: HTMLElement): InlineHost => ({
    place,
    visitor: visitorSecret(shelf),
    prefix,
    arguments: {
      url: location.href,
      referrer: document.referrer,
      locale,
      group: asked.group ?? null,
      operator_code: asked.operatorCode ?? null,
      info: asked.info ?? null,
      name: asked.name ?? null,
      email: asked.email ?? null,
      fields: fieldsOf(source),
    },
    open: () => isOpen,
    minimise: close,
    unread(count) {
      frame?.setUnread(count);
      events.emit('unread', count);
    },
  });

  function failed(): void {
    state = 'idle';
    frame?.setBusy(false);
    frame?.setFailed(true);
  }

  function run(start: StartChat): void {
    if (!frame || state === 'running') return;
    state = 'running';
    const server = { url: base + boot.paths.gateway, requestsFrequency: boot.poll / 1000 };
    const place = document.createElement('div');
    frame.chat.appendChild(place);
    start(frame.chat, { host: host(place), server, title: boot.title }).then((chat) => {
      app = chat;
      frame?.setBusy(false);
      if (isOpen) app.shown();
    }, failed);
  }

  /** Script elements with the page's nonce are what a strict policy lets through. */
  function load(): void {
    if (state !== 'idle') return;
    state = 'loading';
    frame?.showButton();
    frame?.setBusy(true);
    frame?.setFailed(false);
    const chunk = document.createElement('script');
    chunk.type = 'module';
    chunk.src = trust(`${base}${boot.paths.module}?locale=${encodeURIComponent(locale)}`);
    chunk.nonce = source.nonce || source.getAttribute('nonce') || '';
    chunk.crossOrigin = 'anonymous';
    chunk.onerror = () => {
      chunk.remove();
      failed();
    };
    document.head.appendChild(chunk);
  }

  function setOpen(open: boolean): void {
    if (open === isOpen || !frame) return;
    isOpen = open;
    shelf.set('open', open ? '1' : null);
    frame.setOpen(open);
    if (open) {
      load();
      app?.shown();
    } else {
      app?.hidden();
      if (opener && opener.isConnected) opener.focus();
      else frame.focusButton();
      opener = null;
    }
    events.emit(open ? 'open' : 'close', undefined);
  }
  function close(): void {
    setOpen(false);
  }
  const open = () => setOpen(true);
  const toggle = () => setOpen(!isOpen);

  const api: MibewApi = {
    open,
    close,
    toggle,
    on: events.on,
    define: run,
    push(...calls) {
      for (const [name, ...args] of calls) (api[name] as (...args: unknown[]) => void)(...args);
    },
  };
  const early = window.Mibew as Early[] | undefined;
  window.Mibew = api;

  makePolicy();
  const begin = () => {
    frame = createFrame(boot, toggle, asked.button === 'none');
    // Links work without scripts; with them they open the chat in this page.
    document.addEventListener('click', (event) => {
      const target = event.target instanceof Element ? event.target : null;
      if (!target || event.defaultPrevented || event.button > 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      if (!target.closest('[data-mibew-open], #mibew-agent-button')) return;
      event.preventDefault();
      opener = target.closest('a, button');
      open();
    });
    // The chat app keeps the conversation under `chat`.
    const running = shelf.get('chat') !== null || shelf.holds('outbox:');
    if (shelf.get('open') !== null && running) open();
    else if (running) load();
    if (Array.isArray(early)) api.push(...early);
  };
  if (document.body) begin();
  else document.addEventListener('DOMContentLoaded', begin);
}

if (script && !(window.Mibew && 'open' in window.Mibew)) launch(mibewBoot, script);
