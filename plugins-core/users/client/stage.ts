/** What the operator looks at: the queue, one of his conversations, or what stands in the way of one. No DOM. */
import { createModel, type Transport } from '../../client/client/index.ts';
import type { Desk, PutAway } from './desk.ts';
import { isWaiting, type Queue } from './queue.ts';
import { take } from './taking.ts';

/** Shown in place of a conversation. */
export type Interlude =
  | { readonly kind: 'taking'; readonly id: number }
  /** Another operator has it. */
  | { readonly kind: 'held'; readonly id: number; readonly message: string }
  | { readonly kind: 'over'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

export interface StageState {
  /** What phones show. */
  readonly pane: 'queue' | 'desk';
  readonly interlude: Interlude | undefined;
}

export interface StageNeeds {
  readonly queue: Queue;
  readonly desk: Desk;
  readonly threads: Pick<Transport, 'call'>;
  /** The conversation came to the front because the operator asked for it. */
  readonly opened: (id: number) => void;
  /** So many conversations have room side by side. */
  readonly fit?: () => number;
  /** One was put away; the operator may have slipped. */
  readonly left?: (gone: PutAway) => void;
  /** The operator is taking it, or did not get it: that it becomes his is no news to him. */
  readonly takes?: (id: number, now: boolean) => void;
}

export function createStage({ queue, desk, threads, opened, takes, fit = () => 1, left }: StageNeeds) {
  const state = createModel<StageState & { readonly turn: number }>({ pane: 'queue', interlude: undefined, turn: 0 });
  // The desk is not part of the model; a new turn tells listeners that it changed.
  const turn = (patch: Partial<StageState>) => state.set({ ...patch, turn: state.get().turn + 1 });

  function show(id: number | undefined) {
    desk.show(id);
    turn({ interlude: undefined, pane: id === undefined ? 'queue' : 'desk' });
    if (id !== undefined) opened(id);
  }
  function beside(id: number | undefined) {
    if (id === undefined || !desk.has(id)) return;
    desk.beside(id, fit());
    turn({ interlude: undefined, pane: 'desk' });
    opened(id);
  }
  const cover = (interlude: Interlude) => turn({ interlude, pane: 'desk' });

  async function takeIt(id: number, force: boolean): Promise<void> {
    const row = queue.row(id);
    if (!row) return cover({ kind: 'over', id });
    const mine: Interlude = { kind: 'taking', id };
    cover(mine);
    takes?.(id, true);
    const outcome = await take(threads, row, force);
    if (outcome.kind === 'taken') desk.open({ id, token: row.token, watch: false });
    else takes?.(id, false);
    // The operator may have gone on to something else meanwhile: then nothing jumps at him.
    if (state.get().interlude !== mine) return turn({});
    if (outcome.kind === 'taken') show(id);
    else cover({ ...outcome, id });
  }

  return {
    state,
    /** The thread that is looked at. */
    current: () => state.get().interlude?.id ?? desk.active,
    show,
    /** A visitor who waits is taken; a conversation of another operator is shown with what can be done about it. */
    async open(id: number): Promise<void> {
      const row = queue.row(id);
      if (desk.has(id)) return show(id);
      if (!row) return cover({ kind: 'over', id });
      const section = queue.sectionOf(row);
      if (isWaiting(section)) return takeIt(id, false);
      if (section === 'others') return cover({ kind: 'held', id, message: '' });
      desk.open({ id, token: row.token, watch: false });
      show(id);
    },
    /** Takes what another operator has. */
    force: (id: number) => takeIt(id, true),
    /** Opens a conversation of another operator without taking it. */
    watch(id: number) {
      const row = queue.row(id);
      if (!row) return cover({ kind: 'over', id });
      desk.open({ id, token: row.token, watch: true });
      show(id);
    },
    /** Back to what was shown before. */
    dismiss() {
      turn({ interlude: undefined, pane: desk.active === undefined ? 'queue' : 'desk' });
    },
    putAway(id: number) {
      const wasActive = desk.active === id;
      const gone = desk.close(id);
      turn(desk.active === undefined ? { pane: 'queue' } : {});
      // Whoever wrote there writes on in the next one.
      if (wasActive && desk.active !== undefined) opened(desk.active);
      if (gone) left?.(gone);
    },
    /** Brings back what was put away. */
    bringBack(gone: PutAway) {
      desk.reopen(gone);
      show(gone.seat.id);
    },
    /** Shows an open conversation beside the others. */
    beside,
    /** Shows the active conversation alone. */
    alone() {
      desk.alone();
      turn({});
    },
    /** The operator went to one of those that are shown: keys and facts are about it from now on. */
    entered(id: number) {
      if (id === desk.active || state.get().interlude) return;
      desk.show(id);
      turn({});
    },
    toQueue: () => turn({ interlude: undefined, pane: 'queue' }),
    /** The queue changed: what is shown may be over. */
    follow() {
      const { interlude } = state.get();
      if (interlude?.kind === 'held' && !queue.row(interlude.id)) cover({ kind: 'over', id: interlude.id });
    },
  };
}

export type Stage = ReturnType<typeof createStage>;
