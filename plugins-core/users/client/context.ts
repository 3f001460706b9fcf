/** What controls of plugins get in the slots of the workspace. */
import type { Command, Transport, Ui } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';

/**
 * Context of the slot `users/queued_thread`: a row of the queue, filled when the row comes near what is looked at and ended when it leaves.
 * A control that holds nothing to operate (no link, button or field) once it is mounted is a mark: it stands among the row's facts.
 */
export interface RowContext {
  /** The row as it is now. */
  thread(): WireThread;
  /** Called whenever the row has changed. */
  on(listener: (row: WireThread) => void): () => void;
  /** The drawn row. */
  readonly element: HTMLElement;
  readonly ui: Ui;
  /** Way to the queue: functions of the `users` processor. */
  readonly transport: Transport;
}

/** Context of the slot `users/facts`: the panel about a visitor. Filled anew for each conversation that is shown. */
export interface FactsContext {
  /** The row as it is now. */
  readonly row: WireThread;
  /** Called whenever the row has changed. */
  on(listener: (row: WireThread) => void): () => void;
  /** The whole panel. */
  readonly element: HTMLElement;
  readonly ui: Ui;
  /** Way to the queue: functions of the `users` processor. */
  readonly transport: Transport;
  /** Way to the conversations: functions of the `thread` processor. */
  readonly threads: Transport;
  readonly agentId: number;
}

/** Context of the slot `users/queue`: below the list, for what else waits to be done. */
export interface QueueContext {
  readonly ui: Ui;
  /** Way to the queue: functions of the `users` processor. */
  readonly transport: Transport;
  readonly agentId: number;
  /** What can be done in the workspace by name and by keys. */
  readonly commands: { add(command: Command): () => void };
}
