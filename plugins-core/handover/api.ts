/** Handing a conversation over: to a colleague or a group, with a note for whoever comes next. */
import * as v from 'valibot';
import { senderKey, threadProcessor } from '../chat/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';

/** Codes of function errors besides those of the chat (4, 100–103, 109). */
export const handoverErrors = {
  /** No such colleague or group, or none that this operator may know of. */
  targetUnknown: 180,
  /** Neither a colleague nor a group was named, or both. */
  targetMissing: 181,
} as const;

/** Is anybody there? Of a group: is one of its operators, other than who asks. */
export const presences = ['online', 'away', 'offline'] as const;
export type Presence = (typeof presences)[number];

/** Somebody, or a group, that a conversation may be handed to. */
export interface HandoverTarget {
  readonly id: number;
  readonly name: string;
  readonly presence: Presence;
}

/** So many colleagues and so many groups are told at once; a search finds the others. */
export const targetsAtOnce = 100;

const targets = v.pipe(v.array(v.custom<HandoverTarget>(() => true)), v.readonly());

/** Functions of the `thread` processor, for the operator who has the conversation. Others are refused with 109. */
export const handoverRpc = defineRpc(threadProcessor, {
  /** Whom it may be handed to: who is there comes first. `more`: not all of them are told. */
  redirectTargets: {
    input: v.object({ user: v.literal(false), search: v.optional(v.pipe(v.string(), v.maxLength(100))) }),
    output: v.object({ agents: targets, groups: targets, more: v.boolean(), noteLimit: v.number() }),
  },
  /**
   * Hands it over to `agent` or to `group`. The note is stored first, once for each `key`. The same call again is answered as
   * done, and nothing is done twice, as long as the thread waits where it put it.
   */
  redirect: {
    input: v.object({
      user: v.literal(false),
      agent: v.optional(wireInteger),
      group: v.optional(wireInteger),
      note: v.optional(v.string()),
      key: v.optional(senderKey),
    }),
    output: v.object({}),
  },
});
