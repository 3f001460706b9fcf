/** How long the scripts of one host keep a page's main thread busy, task by task. */

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** µs */
  readonly ts: number;
  readonly dur?: number;
  /** Processor time, µs: whatever else wants the processor does not count. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string } };
}

/**
 * The longest task as far as scripts from `origin` are at work in it, ms of processor time. Further scripts that they call count,
 * too; what others do in the same task does not.
 * @param trace of categories `toplevel` and `devtools.timeline`
 */
export function longestOwn(trace: Buffer, origin: string): number {
  const { traceEvents } = JSON.parse(String(trace)) as { readonly traceEvents: readonly TraceEvent[] };
  const whole = traceEvents.filter(({ ph }) => ph === 'X').toSorted((a, b) => a.ts - b.ts);
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const pages = new Set(traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(thread));
  const endOf = ({ ts, dur = 0 }: TraceEvent) => ts + dur;
  const isOwn = ({ name, args }: TraceEvent) =>
    ['EvaluateScript', 'FunctionCall', 'v8.evaluateModule'].includes(name) &&
    (args?.data?.url ?? '').startsWith(origin);
  let longest = 0;
  for (const page of pages) {
    const events = whole.filter((one) => thread(one) === page);
    const tasks = events.filter(({ name }) => name.endsWith('RunTask'));
    const own = events.filter(isOwn);
    if (tasks.length === 0) throw new Error('the browser noted no tasks');
    for (const task of tasks) {
      let until = 0;
      let time = 0;
      for (const one of own) {
        // What another one of them has called is counted with it.
        if (one.ts < task.ts || endOf(one) > endOf(task) || one.ts < until) continue;
        until = endOf(one);
        time += one.tdur ?? 0;
      }
      longest = Math.max(longest, time / 1000);
    }
  }
  return longest;
}
