/** Joins the workspace: a mark on the rows of visitors who were here before, and what they said then beside the conversation. */
import { controls, succeed, type Transport, type Ui } from '../../client/client/index.ts';
import type { WireThread } from '../../users/api.ts';
import type { EarlierThread } from '../api.ts';

/** The parts of the slots' contexts that are used here. */
interface RowContext {
  thread(): WireThread;
  on(listener: (row: WireThread) => void): () => void;
  readonly ui: Ui;
}
interface FactsContext {
  readonly row: WireThread;
  readonly ui: Ui;
  readonly transport: Transport;
  readonly agentId: number;
}
interface Earlier {
  readonly count: number;
  readonly threads: readonly EarlierThread[];
  readonly all: string;
}

controls.add<RowContext>('users/queued_thread', {
  name: 'visits',
  weight: 100,
  mount(element, context) {
    const { ui } = context;
    let drawn = 0;
    const draw = ({ earlier: count = 0 }: WireThread) => {
      // A row that is gone says nothing any more; what was said of it stays until it has left.
      if (count === drawn) return;
      drawn = count;
      element.hidden = count === 0;
      const short = ui.text('thread-log.visits.short', { visit: count + 1 });
      ui.fill(element, 'thread-log/visits', { short, title: ui.text('thread-log.visits.title', { count }) });
    };
    // Empty, the place takes no room.
    element.hidden = true;
    draw(context.thread());
    return context.on(draw);
  },
});

controls.add<FactsContext>('users/facts', {
  name: 'earlier',
  weight: 50,
  mount(element, { row, ui, transport, agentId }) {
    let shown = true;
    const model = (thread: EarlierThread) => {
      const at = thread.created * 1000;
      const when = ui.formats.dayOfYear(at);
      return { ...thread, when, exact: ui.formats.exact(at), machine: new Date(at).toISOString() };
    };
    const wanted = { count: 'count', threads: 'threads', all: 'all' };
    const args = { agentId, thread: row.id, return: wanted };
    transport.call([{ function: 'earlierThreads', arguments: args }], { force: true }).then(
      (result) => {
        const { count, threads, all } = succeed(result) as unknown as Earlier;
        if (shown && count > 0) ui.fill(element, 'thread-log/earlier', { count, all, threads: threads.map(model) });
      },
      // The menu of the conversation leads there, too.
      () => undefined,
    );
    return () => void (shown = false);
  },
});
