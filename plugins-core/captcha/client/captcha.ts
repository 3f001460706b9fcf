/** A line in a form that says how far the work is, and the solution for whoever sends the form. */
import type { CaptchaChallenge, CaptchaMount, MountedCaptcha } from '../api.ts';
import { payloadOf, solve } from './solver.ts';

/** The server takes solutions for twenty minutes; ours are fresh. */
const freshFor = 10 * 60_000;

interface Solved {
  readonly payload: string;
  readonly at: number;
}

export function mountCaptcha(element: HTMLElement, { ui, url, form, onSolved }: CaptchaMount): MountedCaptcha {
  let stopped = false;
  let solved: Solved | undefined;
  let working: Promise<string> | undefined;
  let givenUp = false;
  // In somebody's page an address without a host would lead to theirs: this module came from ours.
  const address = new URL(url, import.meta.url);
  const place = document.createElement('p');
  // Said when there is time for it: nobody has to do anything.
  place.setAttribute('role', 'status');
  element.replaceChildren(place);

  function say(state?: 'working' | 'done' | 'failed'): void {
    const text = state && ui.text(`captcha.status.${state}`);
    ui.fill(place, 'captcha/status', { text, failed: state === 'failed' });
  }

  async function work(): Promise<string> {
    say('working');
    try {
      const response = await fetch(address, { headers: { accept: 'application/json' }, credentials: 'omit' });
      if (!response.ok) throw new Error(`the server gave no challenge: ${response.status}`);
      const challenge = (await response.json()) as CaptchaChallenge;
      const number = await solve(challenge, () => stopped);
      if (number === undefined) throw new Error('the challenge was not solved');
      solved = { payload: payloadOf(challenge, number), at: performance.now() };
      say('done');
      onSolved?.(solved.payload);
      return solved.payload;
    } catch (error) {
      if (!stopped) say('failed');
      throw error;
    } finally {
      working = undefined;
    }
  }

  function payload(): Promise<string> {
    if (solved && performance.now() - solved.at < freshFor) return Promise.resolve(solved.payload);
    solved = undefined;
    working ??= work();
    return working;
  }
  // What failed stands in the line; whoever needs the solution asks again, and is told.
  const begin = () => void payload().catch(() => undefined);

  function spent(): void {
    solved = undefined;
    say();
  }

  function field(of: HTMLFormElement): HTMLInputElement {
    const there = of.elements.namedItem('captcha');
    if (there instanceof HTMLInputElement) return there;
    const made = document.createElement('input');
    Object.assign(made, { type: 'hidden', name: 'captcha' });
    of.append(made);
    return made;
  }

  function onSubmit(event: SubmitEvent): void {
    // Without a solution the server's own means have to do; it says so if they do not.
    if (!form || givenUp) return;
    if (solved && performance.now() - solved.at < freshFor) {
      field(form).value = solved.payload;
      return;
    }
    event.preventDefault();
    const submitter = event.submitter instanceof HTMLElement ? event.submitter : null;
    payload()
      .catch(() => void (givenUp = true))
      // Not before this event is over: a form is not sent while it is being sent.
      .then(() => setTimeout(() => form.requestSubmit(submitter)), reportError);
  }

  const onClick = (event: Event) => {
    if ((event.target as Element).closest('[data-action="captcha-retry"]')) begin();
  };
  element.addEventListener('click', onClick);
  form?.addEventListener('submit', onSubmit);
  if (form) begin();

  return {
    payload,
    spent,
    stop() {
      stopped = true;
      element.removeEventListener('click', onClick);
      form?.removeEventListener('submit', onSubmit);
      element.replaceChildren();
    },
  };
}
