/** Messages that visitors leave when nobody is there. */
import * as v from 'valibot';
import { defineHook } from '../../kernel/tokens.ts';
import { senderKey, threadProcessor, type Thread } from '../chat/api.ts';
import { defineRpc } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';

/** Codes of function errors: 10 and 11 are the spec's, 140–149 are ours. */
export const leaveMessageErrors = {
  wrongCaptcha: 10,
  wrongEmail: 11,
  nameEmpty: 140,
  nameTooLong: 141,
  messageEmpty: 142,
  messageTooLong: 143,
  /** Too many messages were left from one address. */
  tooMany: 144,
  /** The key was used for another message. */
  keyReused: 145,
} as const;

/** What the form starts with: RPC spec section 9.3, and what is ours. */
export interface LeaveMessageForm {
  readonly name: string;
  readonly email: string;
  readonly groupId: number;
  readonly groupName: string;
  readonly info: string;
  /** Address of the page where the visitor was and, on a second line, of the one before it. */
  readonly referrer: string;
  readonly showCaptcha: boolean;
  readonly privacyPolicyUrl?: string;
  readonly groups: readonly GroupOption[] | false;
  /** Where challenges come from, if `showCaptcha`. */
  readonly captchaUrl?: string;
  /** What the visitor has typed already. */
  readonly message: string;
  readonly maxLength: { readonly name: number; readonly email: number; readonly message: number };
}
export interface GroupOption {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly online: boolean;
  readonly selected: boolean;
}

const text = v.optional(v.nullable(v.string()));
const group = v.optional(v.nullable(v.union([v.number(), v.string()])));

/** Functions of the `thread` processor: `processLeaveMessage` of RPC spec section 7, and ours (`operatorsOnline`). */
export const leaveMessageRpc = defineRpc(threadProcessor, {
  processLeaveMessage: {
    input: v.object({
      name: text,
      email: text,
      message: text,
      info: text,
      referrer: text,
      groupId: group,
      /** A solution: base64 of JSON, as the plugin captcha takes it. */
      captcha: text,
      locale: text,
      /** The same key again stores nothing again. */
      key: v.optional(senderKey),
      consent: v.optional(v.nullable(v.boolean())),
    }),
    output: v.object({}),
  },
  /** Is somebody there: for the thread of the call, else for the group? */
  operatorsOnline: { input: v.object({ groupId: group }), output: v.object({ online: v.boolean() }) },
});

/** For the workspace: how many messages wait. The server calls `leftMessagesChanged` there when that may have changed. */
export const leaveMessageUsersRpc = defineRpc(usersProcessor, {
  leftMessages: {
    input: v.object({}),
    output: v.object({
      /** In sight of whoever asks. */
      count: v.number(),
      /** There are more than were counted. */
      more: v.boolean(),
      /** Of their list. */
      address: v.string(),
    }),
  },
});

/** A visitor left a message. */
export const messageLeft =
  defineHook.notify<
    [{ readonly thread: Thread; readonly name: string; readonly email: string; readonly message: string }]
  >('leave-message.message.left');
