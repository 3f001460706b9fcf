/** The conversation to take home: by mail and as a file. */
import * as v from 'valibot';
import { senderKey, threadProcessor } from '../chat/api.ts';
import { defineRpc } from '../rpc/api.ts';

/** Codes of function errors: 10 and 11 are the spec's, 103 is that of the chat, 160–169 are ours. */
export const transcriptErrors = {
  wrongCaptcha: 10,
  wrongEmail: 11,
  /** The key was used for a mail to another address, or with another clock. */
  keyReused: 103,
  /** Switched off, or no mail server is configured. */
  off: 160,
  /** Too many were asked for. */
  tooMany: 161,
} as const;

/** `txt`: lines as the original has them. `html`: a page of its own. */
export const transcriptFormats = ['txt', 'html'] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** What the visitor's chat is told, as `transcript` of its options. */
export interface TranscriptOffer {
  /** The conversation may be mailed. */
  readonly mail: boolean;
  /** It may be saved as a file. */
  readonly download: boolean;
  /** Where challenges come from, if a mail needs proof of work. */
  readonly captchaUrl?: string;
}

const zone = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(64))));

/** Functions of the `thread` processor, all about the visitor's own thread. */
export const transcriptRpc = defineRpc(threadProcessor, {
  /** The mail goes into the outbox. */
  mailTranscript: {
    input: v.object({
      user: v.literal(true),
      email: v.string(),
      captcha: v.optional(v.nullable(v.string())),
      /** The same key again sends nothing again. */
      key: v.optional(senderKey),
      /** Zone of the clock that the visitor knows, e.g. `Europe/Berlin`. */
      timeZone: zone,
    }),
    output: v.object({}),
  },
  transcript: {
    input: v.object({ user: v.literal(true), format: v.picklist(transcriptFormats), timeZone: zone }),
    output: v.object({ name: v.string(), type: v.string(), content: v.string() }),
    rate: { perSecond: 1, burst: 5 },
  },
});
