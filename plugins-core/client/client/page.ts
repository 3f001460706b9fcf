/** What happens to a page, told to those who care: away, back, online again. */
import type { Outbox } from './outbox.ts';
import type { Transport } from './transport.ts';

export interface PageNeeds {
  readonly transports: readonly Transport[];
  /** Started here, and stopped with the page. */
  readonly outbox?: Outbox;
}

/**
 * Wakes transports and outbox when there is reason to hope, and leaves the outbox to the next page when this one goes.
 *
 * @returns a function that ends it
 */
export function followPage({ transports, outbox }: PageNeeds): () => void {
  function wake(): void {
    for (const transport of transports) transport.wake();
    outbox?.wake();
  }
  const onVisible = () => {
    if (document.visibilityState === 'visible') wake();
  };
  const onHide = () => outbox?.stop();
  const onShow = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    outbox?.start();
    wake();
  };
  const ends = transports.map(({ status }) =>
    status.subscribe((now, before) => {
      if (now.connection === 'online' && before.connection !== 'online') outbox?.wake();
    }),
  );
  document.addEventListener('visibilitychange', onVisible);
  window.addEventListener('online', wake);
  window.addEventListener('pagehide', onHide);
  window.addEventListener('pageshow', onShow);
  outbox?.start();
  return () => {
    for (const end of ends) end();
    document.removeEventListener('visibilitychange', onVisible);
    window.removeEventListener('online', wake);
    window.removeEventListener('pagehide', onHide);
    window.removeEventListener('pageshow', onShow);
  };
}
