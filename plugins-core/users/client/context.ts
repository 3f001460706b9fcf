/** What controls of plugins get in the slots of the workspace. */
import type { Command, KeyValue, Transport, Ui } from '../../client/client/index.ts';
import type { WireThread } from '../api.ts';
import type { Board, BoardPlace } from './boards.ts';
import type { Clock } from './clock.ts';
import type { LongList, LongListNeeds } from './long-list.ts';
import type { Guest } from './panel.ts';
import type { createSearching } from './search.ts';
import type { createSorted } from './sorted.ts';

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
  /** What the server hands to the workspace: hook `users.options`. */
  readonly page: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

/** Context of the slot `users/queue`: below the list, for what else waits to be done, and the door for views of the left column beside the queue. */
export interface QueueContext {
  readonly ui: Ui;
  /** Way to the queue: functions of the `users` processor. */
  readonly transport: Transport;
  readonly agentId: number;
  readonly agentName: string;
  /** What can be done in the workspace by name and by keys. */
  readonly commands: { add(command: Command): () => void };
  /** What the server hands to the workspace: hook `users.options`. */
  readonly page: Readonly<Record<string, unknown>>;
  /** Storage of this window. */
  readonly session: KeyValue;
  /** Time by the server's clock. Each `<time data-since>` of the workspace goes on by itself. */
  readonly clock: Clock;
  /** Views of the left column beside the queue, each under a tab. */
  readonly boards: { add(board: Board): BoardPlace };
  /** The panel beside the conversation: it shows something else until a conversation comes to the front or the operator leaves it. */
  readonly panel: { lend(guest: Guest): void; reclaim(): boolean };
  /** A row of the queue, also after it went. */
  thread(id: number): WireThread | undefined;
  /** When this conversation becomes the operator's own, he is told so in these words; `undefined`: as always. */
  expect(thread: number, words: string | undefined): void;
  /** What long lists are made of, as the queue is. */
  readonly lists: {
    /** Draws at once what changed once, and with the frames of the screen what changes all the time. */
    pace(draw: () => void): () => void;
    long<Entry>(needs: LongListNeeds<Entry>): LongList;
    readonly sorted: typeof createSorted;
    readonly searching: typeof createSearching;
  };
}
