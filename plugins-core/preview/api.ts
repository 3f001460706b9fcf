/** What a visitor types, before he sends it: shown to operators where that is switched on, and kept nowhere. */
import * as v from 'valibot';
import { threadProcessor } from '../chat/api.ts';
import { defineRpc } from '../rpc/api.ts';

/** Codes of function errors. */
export const previewErrors = {
  /** Nobody sees what is typed. */
  off: 250,
} as const;

/**
 * `preview`: what stands in the visitor's writing field now; `''` takes it back. `previewed`: what stands there, for operators who see the
 * thread. Their sockets are told by `receivePreview`, with the same and the thread's reference.
 */
export const previewRpc = defineRpc(threadProcessor, {
  preview: {
    /** What is too long to be sent is cut. */
    input: v.object({ user: v.literal(true), text: v.string() }),
    output: v.object({}),
    rate: { perSecond: 5, burst: 20 },
  },
  previewed: {
    input: v.object({ user: v.literal(false) }),
    output: v.object({ text: v.string() }),
  },
});
