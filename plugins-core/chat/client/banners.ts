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
      const action = { action: 'understood', actionText: ui.text('chat.window.understood') };
      lines.push({ kind: 'info', text: ui.text('chat.window.volatile'), ...action });
    }
    const html = lines.map((line) => ui.render('chat/status/message', line)).join('');
    if (html === shown) return;
    shown = html;
    place.replaceChildren(...lines.map((line) => ui.element('chat/status/message', line)));
  }

  function follow(): void {
    const { connection } = transport.status.get();
    if (connection === 'offline') {
      timer ??= setTimeout(() => {
        lost = true;
        draw();
      }, patience);
      return;
    }
    if (connection !== 'online') return;
    clearTimeout(timer);
    timer = undefined;
    lost = false;
    draw();
  }

  const ends = [transport.status.subscribe(follow), outbox.on('changed', draw)];
  follow();
  draw();
  return {
    understood() {
      understood = true;
      draw();
    },
    stop() {
      clearTimeout(timer);
      for (const end of ends) end();
    },
  };
}
