/** Undo: what an operator deleted is kept for a day, and he can bring it back as it was. */
import type { Context } from 'hono';
import { definePoint, defineService } from '../../kernel/tokens.ts';
import type { Operator } from '../operators/api.ts';

/** `taken`: something else stands in its place by now, and nothing was brought back. */
export type UndoOutcome = 'restored' | 'taken';

/** A kind of thing that can be brought back. */
export interface Undoable {
  /** `<plugin>.<noun>`, e.g. `canned.message`. */
  readonly kind: string;
  /** Permission that is needed still when it is brought back. */
  readonly permission?: string;
  /**
   * Brings back exactly what was there, under its old number; safe to repeat.
   * @param value what {@link UndoService.keep} was given, as JSON gives it back
   */
  restore(value: unknown, operator: Operator): Promise<UndoOutcome>;
  /** Address of the page that is shown then, with a notice of its own. */
  page(value: unknown, outcome: UndoOutcome): string;
}
/**
 * Contributes a kind of thing that can be brought back.
 * @example ctx.contribute(undoable({ kind: 'bans.ban', restore: (value) => bans.restore(value as Ban), page: () => ctx.url('list') }))
 */
export const undoable = definePoint<Undoable>('undo.undoable', { required: true });

/** Button of a notice: the model of `views/alert`. */
export interface UndoAction {
  readonly label: string;
  /** Posted to. */
  readonly href: string;
}

export interface UndoService {
  /**
   * Keeps for a day what was just deleted, for whoever deleted it.
   * @param value anything that JSON can hold; read in the transaction that deleted it, so that it is what was there
   * @returns number for `?undo=` of the page that is shown next
   */
  keep(kind: string, value: unknown, operator: Operator): Promise<number>;
  /**
   * Brings it back, once.
   * @returns undefined when there is nothing (any more) that this operator deleted under this number, or may bring back
   */
  restore(
    id: number,
    operator: Operator,
  ): Promise<{ readonly outcome: UndoOutcome; readonly page: string } | undefined>;
  /**
   * The button that undoes what `?undo=` of this page names; undefined when that is not possible (any more).
   * @example notice: { kind: 'success', text, action: await undo.action(context) }
   */
  action(context: Context): Promise<UndoAction | undefined>;
}
/** @example const id = await ctx.use.undo.keep('canned.message', message, operator) */
export const undo = defineService<UndoService>('undo.undo');
