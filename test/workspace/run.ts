/** The workspace of one operator in Chromium while the desk is in a rush: how long it keeps the browser busy, and what it keeps in memory. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { password } from '../support/login.ts';
import { openRush, startDesk } from './rush.ts';

export interface WorkspacePlan {
  /** Open conversations. */
  readonly open: number;
  /** How often it is measured: the first part warms up. */
  readonly parts: number;
  /** Changes from one measurement to the next. */
  readonly changes: number;
  readonly perSecond: number;
}
interface Part {
  /** After a forced collection, kB. */
  readonly heap: number;
  /** The longest task of the page, ms of processor time. */
  readonly longest: number;
  /** Rows of the queue on the page. */
  readonly rows: number;
}
export interface WorkspaceOutcome {
  readonly parts: readonly Part[];
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** Tasks may take so long, ms. */
const longestTask = 50;
/** Rows near the eye, and not many more. */
const mostRows = 60;
/** What is kept may grow by this much from the second part to the last. */
const growth = 1.1;
/** Tasks are looked at for this many changes of a part: the browser's notes of them are long. */
const traced = 500;

/** Processor time, too, is longer where others want the same processor. That comes and goes; what the workspace does comes every time. */
const attempts = 3;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time, µs. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * The longest task on the main threads of pages. Processor time, not what the clock says: whatever else runs on this machine shall not
 * count. Everything counts that such a task does, scripts, styles and layout alike: nothing else than the workspace runs there.
 */
export function longestOf(trace: Buffer): number {
  const { traceEvents } = JSON.parse(String(trace)) as { readonly traceEvents: readonly TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const pages = new Set(traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(thread));
  const tasks = traceEvents.filter((one) => one.ph === 'X' && one.name.endsWith('RunTask') && pages.has(thread(one)));
  if (tasks.length === 0) throw new Error('the browser noted no tasks');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

async function heapOf(session: CDPSession): Promise<number> {
  // What the first collection lets go of may hold more.
  for (let twice = 0; twice < 2; twice += 1) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return Math.round((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1024);
}

/** Ann puts away what has ended, as everybody does who needs the room. */
const tidy = (page: Page) =>
  page.evaluate(() => {
    for (const one of document.querySelectorAll<HTMLElement>('.mb-seat--over [data-action=close]')) one.click();
  });

/** Numbers at the headings of the queue, as a script of the page. */
const headings = `JSON.stringify(['waiting', 'mine', 'others'].map((one) => Number(document.querySelector('[data-count=' + one + ']').textContent)))`;

async function logInAt(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true })).newPage();
  await page.goto(`${url}/operator/users`);
  await page.fill('[name=login]', 'ann');
  await page.fill('[name=password]', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-rows=waiting] .mb-thread');
  return page;
}

export async function runWorkspace({ open, parts, changes, perSecond }: WorkspacePlan): Promise<WorkspaceOutcome> {
  const server = await startDesk();
  const browser = await launchBrowser();
  try {
    const rush = await openRush(server, { open, own: 5, others: Math.round(open / 10) });
    const page = await logInAt(browser, server.url);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`the page threw ${error.message}`));
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const measured: Part[] = [];
    for (let part = 0; part < parts; part += 1) {
      // The operator looks around meanwhile.
      await page.evaluate((top) => document.querySelector('[data-part=scroll]')!.scrollTo(0, top), (part % 4) * 4000);
      let longest = Infinity;
      for (let attempt = 0; attempt < attempts && longest > longestTask; attempt += 1) {
        await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
        await rush.run(Math.min(changes, traced), perSecond);
        longest = longestOf(await browser.stopTracing());
      }
      for (let left = changes - traced; left > 0; left -= traced) {
        await rush.run(Math.min(left, traced), perSecond);
        await tidy(page);
      }
      await tidy(page);
      const rows = await page.locator('[data-rows] > *').count();
      measured.push({ heap: await heapOf(session), longest, rows });
      if (longest > longestTask) faults.push(`part ${part + 1}: a task of ${longest.toFixed(0)} ms`);
      if (rows > mostRows) faults.push(`part ${part + 1}: ${rows} rows on the page`);
    }
    const [before, after] = [measured[1]!.heap, measured.at(-1)!.heap];
    if (after > before * growth) faults.push(`the page keeps ${after} kB, at first it kept ${before} kB`);
    const { waiting, mine, others } = rush.standing();
    const wanted = JSON.stringify([waiting, mine, others]);
    await page
      .waitForFunction(`${headings} === '${wanted}'`)
      .catch(async () => faults.push(`the queue says ${String(await page.evaluate(headings))}, there are ${wanted}`));
    return { parts: measured, counts: rush.counts, faults };
  } finally {
    await browser.close();
    await server.stop();
  }
}
