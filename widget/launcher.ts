/** The launcher: a button, and behind it what is loaded when somebody wants it. */
import type { Conversation, LauncherOptions, MibewApi, MibewCalls } from './api.ts';
import type { LauncherBoot } from './boot.ts';
import { createButton } from './button.ts';
import type { StartChat } from './chat.ts';
import { icon, make, sheet } from './dom.ts';
import { createEmitter, guarded } from './emitter.ts';
import type { ChatLink, LauncherDoor, Panel, PanelDoor, StartPanel } from './part.ts';
import { createLoad } from './scripts.ts';
import { createShelf } from './storage.ts';

/** Bound around the bundle by the server. */
declare const mibewBoot: LauncherBoot;

type Call = readonly [name: string, ...args: unknown[]];
type Run = (...args: unknown[]) => unknown;

/** Calls that wait for a part that answers them. */
const mostWaiting = 100;
const firstPause = 5000;
const longestPause = 300_000;

/** A selector of the page's; a mistake in it is nothing that each click should complain about. */
const closest = (target: Element, selector: string): Element | null => {
  try {
    return target.closest(selector);
  } catch {
    return null;
  }
};
const parsed = (value: unknown): unknown => {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return undefined;
  }
};

const script = document.currentScript as HTMLScriptElement | null;

function launch(boot: LauncherBoot, source: HTMLScriptElement): void {
  const base = source.src.replace(/[?#].*$/, '').replace(/[^/]*$/, '');
  const data = source.dataset;
  const prefix = `mibew:${base}:`;
  const shelf = createShelf(prefix);
  const events = createEmitter();
  const load = createLoad(source);
  const button = createButton(boot, toggle);
  const chosen: LauncherOptions = {};
  let asked: Conversation = {};
  let ready = false;
  let loading = false;
  let isOpen = false;
  let panel: Panel | undefined;
  /** What had the focus before the panel was opened. */
  let opener: HTMLElement | null = null;

  /** What the server, the page, its scripts and the path say, the later the weightier. */
  function options(): LauncherOptions {
    const all: LauncherOptions = Object.assign({}, boot.options, data, chosen);
    for (const rule of (parsed(all.rules) as LauncherOptions['rules']) || [])
      if (location.pathname.indexOf(rule.path) === 0) Object.assign(all, rule);
    return Object.assign(all, asked);
  }

  function look(): void {
    const { hours } = options();
    button.look(options());
    clearTimeout(minute);
    if (hours) minute = window.setTimeout(look, 60_000);
  }
  let minute = 0;

  // The chat app keeps the conversation under `chat`.
  const running = () => shelf.get('chat') !== null || shelf.keys('outbox:').some((key) => shelf.get(key));

  const consentListeners: ((given: boolean) => void)[] = [];
  // What a part asks for is asked for, unless the page says otherwise.
  const asks = boot.parts.some(({ facts }) => facts['consent']) ? 'required' : 'none';
  const demanded = () => (options().consent ?? asks) !== 'none';
  const consented = () => {
    const kept = shelf.get('consent');
    return kept ? kept === '1' : !demanded();
  };
  function consent(given = true): void {
    if (!given) for (const key of shelf.keys(running() ? 'part:' : '')) shelf.set(key, null);
    shelf.set('consent', given ? '1' : demanded() ? null : '0');
    for (const listener of consentListeners) listener(given);
    loadParts();
  }

  const chatListeners: ((chat: ChatLink | undefined) => void)[] = [];
  let link: ChatLink | undefined;
  const begun: Record<string, string> = {};

  function doorOf(name: string, css: string): LauncherDoor {
    return {
      facts: boot.parts.filter((part) => part.name === name).map(({ facts }) => facts)[0] || {},
      base,
      locale: options().locale || boot.locale,
      rtl: boot.rtl,
      css,
      data,
      shelf: createShelf(`${prefix}part:`),
      consented,
      onConsent: (listener) => void consentListeners.push(listener),
      load,
      extend(functions) {
        Object.assign(api, functions);
        for (const call of waiting.splice(0)) push(call);
      },
      on: events.on,
      open,
      chat: () => link,
      onChat: (listener) => void chatListeners.push(listener),
      begin: (fields) => void Object.assign(begun, fields),
    };
  }
  const panelDoor = (css: string): PanelDoor => ({
    boot,
    base,
    css,
    shelf,
    prefix,
    source,
    button,
    dom: { icon, make, sheet },
    begun,
    options,
    isOpen: () => isOpen,
    close,
    emit: events.emit,
    linked(chat) {
      link = chat;
      for (const listener of chatListeners) listener(chat);
    },
  });

  /** Parts wait until the page has everything of its own. */
  let late = false;
  function loadParts(): void {
    if (late || !ready || !consented()) return;
    late = true;
    const idle = () => (window.requestIdleCallback || setTimeout)(() => loadPart(0));
    if (document.readyState === 'complete') idle();
    else window.addEventListener('load', idle);
  }
  const started: Record<string, boolean> = {};
  /** One after the other: where one is served no more, this launcher is of yesterday, and the next page asks for what there is. */
  function loadPart(index: number, pause = firstPause): void {
    const part = boot.parts[index];
    if (!part) return;
    if (!consented()) {
      late = false;
      return;
    }
    const { name } = part;
    const goOn = () => pause === firstPause && loadPart(index + 1);
    load(`${base}plugins/widget/part/${name}.js`).then(
      () => started[name] && goOn(),
      () => {
        goOn();
        setTimeout(() => loadPart(index, Math.min(pause * 2, longestPause)), pause);
      },
    );
  }

  function loadChat(): void {
    if (loading) return;
    loading = true;
    button.stay();
    button.say('');
    button.setBusy(true);
    const locale = encodeURIComponent(options().locale || boot.locale);
    load(`${base}plugins/widget/chat.js?locale=${locale}`, true).catch(failed);
  }
  /** Called by the chat's module. */
  function define(start: StartPanel, css: string, begin: StartChat): void {
    start(panelDoor(css), begin).then((made) => {
      panel = made;
      button.setBusy(false);
      panel(isOpen);
    }, failed);
  }
  function failed(): void {
    loading = false;
    button.setBusy(false);
    setOpen(false);
    button.say(boot.texts.failed);
  }

  function setOpen(value: boolean): void {
    if (!ready) return wait(value ? 'open' : 'close');
    if (value === isOpen) return;
    isOpen = value;
    shelf.set('open', value ? '1' : null);
    button.setOpen(value);
    if (value) loadChat();
    if (panel) panel(value);
    if (!value) {
      (opener && opener.isConnected ? opener : button.element).focus();
      opener = null;
    }
    events.emit(value ? 'open' : 'close', undefined);
  }
  function open(conversation?: Conversation): void {
    if (conversation) asked = conversation;
    setOpen(true);
  }
  function close(): void {
    setOpen(false);
  }
  function toggle(): void {
    setOpen(!isOpen);
  }

  const waiting: Call[] = [];
  const wait = (...call: Call) => void (waiting.length < mostWaiting && waiting.push(call));
  function push(...calls: readonly Call[]): void {
    for (const [name, ...args] of calls) {
      const run = api[name];
      if (run) guarded(() => run(...args));
      else wait(name, ...args);
    }
  }
  const early = window.Mibew;
  const calls = Array.isArray(early) ? (early.splice(0) as unknown as Call[]) : [];
  const own: MibewCalls = {
    open,
    close,
    toggle,
    on: events.on,
    off: events.off,
    consent,
    configure(more) {
      Object.assign(chosen, more);
      if (ready) look();
    },
    identify: (...args) => wait('identify', ...args),
    track: (...args) => wait('track', ...args),
  };
  // Whatever else lies there stays: codes of the original's, functions for its handlers.
  const api = Object.assign({}, early, own, {
    push,
    define,
    part(name: string, start: (door: LauncherDoor) => void, css: string) {
      started[name] = true;
      start(doorOf(name, css));
    },
  }) as unknown as Record<string, Run | undefined>;
  window.Mibew = api as unknown as MibewApi;

  const begin = () => {
    ready = true;
    look();
    document.body.appendChild(button.host);
    // Links work without scripts; with them they open the chat in this page.
    document.addEventListener('click', (event) => {
      const target = event.target instanceof Element ? event.target : null;
      if (!target || event.defaultPrevented || event.button > 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      const { button: own } = options();
      const selector = '[data-mibew-open],#mibew-agent-button';
      if (!target.closest(selector) && !(own && own !== 'none' && closest(target, own))) return;
      event.preventDefault();
      opener = target.closest('a,button');
      open();
    });
    if (running()) (shelf.get('open') ? open : loadChat)();
    for (const call of waiting.splice(0)) push(call);
    loadParts();
  };
  push(...calls);
  if (document.body) begin();
  else document.addEventListener('DOMContentLoaded', begin);
}

if (script && !(window.Mibew && 'open' in window.Mibew)) launch(mibewBoot, script);
