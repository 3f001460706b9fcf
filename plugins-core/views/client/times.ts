/** Keeps the times of a page true while it stays open, by the viewer's clock and in his time zone: the server knows neither. */
import { exactly, inWords, type TimeFormat } from '../times.ts';

const root = document.documentElement;

interface Said {
  readonly words: TimeFormat['words'];
  /** When the page was made, ms by the server's clock. */
  readonly at: number;
}

/** They stand in the page, written by the server in its language. */
function saidOf(): Said | undefined {
  const said = document.querySelector<HTMLElement>('[data-mb-times]')?.dataset['mbTimes'];
  return said === undefined ? undefined : (JSON.parse(said) as Said);
}

function tick(format: TimeFormat, now: number): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-mb-ago]')) {
    const time = Date.parse(element.dateTime);
    const text = inWords(time, now, format);
    if (element.textContent !== text) element.textContent = text;
    const title = exactly(time, format);
    if (element.title !== title) element.title = title;
  }
}

/** Now, every half minute, and when somebody comes back to the page. */
export function keepTimes(): void {
  const said = saidOf();
  if (!said || !document.querySelector('time[data-mb-ago]')) return;
  const format = { language: root.lang, words: said.words };
  // By a clock that is slow, what was done just now would be yet to come.
  const slow = Math.max(0, said.at - Date.now());
  const run = () => tick(format, Date.now() + slow);
  run();
  setInterval(run, 30_000);
  document.addEventListener('visibilitychange', () => document.hidden || run());
}
