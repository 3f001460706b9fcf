/** Keeps the times of a page true while it stays open, by the viewer's clock and in his time zone: the server knows neither. */
import { exactly, inWords, type TimeFormat } from '../times.ts';

const root = document.documentElement;

/** The sentences stand in the page, written by the server in its language. */
function formatOf(): TimeFormat | undefined {
  const said = document.querySelector<HTMLElement>('[data-mb-times]')?.dataset['mbTimes'];
  return said === undefined ? undefined : { language: root.lang, words: JSON.parse(said) as TimeFormat['words'] };
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
  const format = formatOf();
  const first = document.querySelector<HTMLTimeElement>('time[data-mb-ago]');
  if (!format || !first) return;
  // When the page was made, by the server's clock. By a clock that is slow, what was done just now would be yet to come.
  const slow = Math.max(0, Number(first.dataset['mbAgo']) - Date.now());
  const run = () => tick(format, Date.now() + slow);
  run();
  setInterval(run, 30_000);
  document.addEventListener('visibilitychange', () => document.hidden || run());
}
