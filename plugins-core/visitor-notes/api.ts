/** Notes about visitors: what operators keep of somebody, seen beside every later conversation with him. */
import * as v from 'valibot';
import { defineRpc, wireInteger } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';

/** Codes of function errors. Besides them 108: no such conversation in the operator's sight. */
export const notesErrors = {
  empty: 260,
  tooLong: 261,
  /** Of this visitor there are as many as there may be, or the operator wrote too many within a minute. */
  tooMany: 262,
  /** No such note about this visitor (any more). */
  unknown: 263,
  /** Somebody else's: only he changes it, and only he and administrators delete it. */
  foreign: 264,
  /** It was changed meanwhile, in another window. */
  changed: 265,
} as const;

/** Characters of a note. */
export const longestNote = 2_000;

/** A note as operators see it. Times in unix seconds. */
export interface VisitorNote {
  readonly id: number;
  /** Plain text with line breaks, not escaped. */
  readonly text: string;
  readonly agentId: number;
  /** As he was called when he wrote it. */
  readonly agentName: string;
  readonly created: number;
  /** 0: never. */
  readonly changed: number;
  /** Whoever asks may delete it; change it he may if it is his own. */
  readonly deletable: boolean;
}

const thread = wireInteger;
const text = v.string();
const one = v.object({ note: v.custom<VisitorNote>(() => true) });

/**
 * Of the `users` processor; `thread` is a conversation with the visitor that the operator may see.
 *
 * @example
 * const { notes } = await users.call('visitorNotes', { agentId: 3, thread: 57 });
 */
export const notesRpc = defineRpc(usersProcessor, {
  /** The newest first. A socket that asks hears from then on of changes: the client function `receiveVisitorNotes`. */
  visitorNotes: {
    input: v.object({ thread }),
    output: v.object({
      notes: v.pipe(v.array(v.custom<VisitorNote>(() => true)), v.readonly()),
      /** Enter alone saves, as it sends messages. */
      enterSaves: v.boolean(),
    }),
  },
  /** The same text again within a minute is the same note: an answer may have been lost. */
  addVisitorNote: { input: v.object({ thread, text }), output: one },
  /** `seen`: the text as it was. */
  changeVisitorNote: { input: v.object({ thread, note: wireInteger, text, seen: text }), output: one },
  /** `undo`: number for `restoreVisitorNote`. */
  deleteVisitorNote: { input: v.object({ thread, note: wireInteger }), output: v.object({ undo: v.number() }) },
  restoreVisitorNote: { input: v.object({ thread, undo: wireInteger }), output: v.object({}) },
});

/** A push over a socket: arguments of the client function `receiveVisitorNotes`. The client asks anew, so that each is told what he may see. */
export interface ReceiveVisitorNotes {
  readonly agentId: null;
  readonly userId: string;
}
