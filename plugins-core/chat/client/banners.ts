/** Lines above the messages: the connection is lost, the browser keeps nothing. */
import type { Outbox, PageStorage, Transport, Ui } from '../../client/client/index.ts';

export interface BannerNeeds {
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly transport: Transport;
  readonly outbox: Outbox;
  readonly threadId: number;
  readonly storage: PageStorage;
  /** Tell that nothing outlives a reload: the visitor in somebody's page. */
  readonly volatile: boolean;
}

/** A connection that is back so soon was never missed, ms. */
const patience = 2000;

export function createBanners({ place, ui, transport, outbox, threadId, storage, volatile }: BannerNeeds) {
  let lost = false;
  let understood = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';

  function draw(): void {
    const waiting = outbox.entries(threadId).filter((entry) => !entry.reason).length;
    const lines = [];
    if (lost) {
      const text = waiting > 0 ? ui.text('chat.window.lost.waiting', { count: waiting }) : ui.text('chat.window.lost');
      lines.push({ kind: 'lost', text });
    }
    if (volatile && !storage.lasting && !understood) {
      const action = { action: 'understood', actionText: ui.text('chat.visitor.understood') };
      lines.push({ kind: 'info', text: ui.text('chat.visitor.volatile'), ...action });
    }
    const html = lines.map((line) => ui.render('chat/status/message', line)).join('');
    if (html === shown) return;
    shown = html;
    place.replaceChildren(...lines.map((line) => ui.element('chat/status/message', line)));
  }

  function setLost(now: boolean): void {
    clearTimeout(timer);
    timer = undefined;
    lost = now;
    draw();
  }

  function follow(): void {
    const { connection } = transport.status.get();
    if (connection === 'offline') timer ??= setTimeout(setLost, patience, true);
    // A socket that has not noticed yet is no connection.
    else if (connection === 'online' && navigator.onLine) setLost(false);
  }
  /** The browser knows at once; the transport would wait for an answer that is missing. */
  const onOffline = () => setLost(true);

  const ends = [transport.status.subscribe(follow), outbox.on('changed', draw)];
  window.addEventListener('offline', onOffline);
  window.addEventListener('online', follow);
  if (!navigator.onLine) lost = true;
  follow();
  draw();
  return {
    understood() {
      understood = true;
      draw();
    },
    stop() {
      clearTimeout(timer);
      window.removeEventListener('offline', onOffline);
      window.removeEventListener('online', follow);
      for (const end of ends) end();
    },
  };
}
