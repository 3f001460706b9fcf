/** Looks now and then whether somebody has come, as long as the page is looked at. */
import { succeed, type Arguments, type Transport } from '../../client/client/index.ts';

/** Somebody who is gone is known as gone after half a minute: five seconds are left to tell it. */
const pause = 4_000;
/** Coming back to the page is a reason to look, but not each time that somebody changes windows. */
const least = 2_000;

/** @param about arguments that tell whom it is asked for: a thread of the visitor, or `groupId` @returns a function that ends it */
export function watchForOperators(
  transport: Transport,
  about: () => Arguments,
  tell: (online: boolean) => void,
): () => void {
  let asked = -least;
  let ended = false;

  async function look(): Promise<void> {
    if (ended || document.visibilityState !== 'visible' || performance.now() - asked < least) return;
    asked = performance.now();
    const args = { ...about(), return: { online: 'online' } };
    try {
      const { online } = succeed(
        await transport.call([{ function: 'operatorsOnline', arguments: args }], { force: true }),
      );
      if (!ended) tell(online === true);
    } catch {
      // Whether somebody is there is not known, which is no news.
    }
  }

  const soon = () => void look();
  soon();
  const timer = setInterval(soon, pause);
  document.addEventListener('visibilitychange', soon);
  window.addEventListener('focus', soon);
  return () => {
    ended = true;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', soon);
    window.removeEventListener('focus', soon);
  };
}
