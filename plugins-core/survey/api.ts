/** What a visitor is asked before a chat: the survey, its extra fields, and his consent to the privacy policy. */
import * as v from 'valibot';
import { defineService } from '../../kernel/tokens.ts';
import { threadProcessor, type Draft } from '../chat/api.ts';
import type { GroupChoice } from '../groups/api.ts';
import { defineRpc, wireInteger } from '../rpc/api.ts';
import { usersProcessor } from '../users/api.ts';

/** Codes of function errors: 11 is the spec's, 130–139 are ours. */
export const surveyErrors = {
  wrongEmail: 11,
  nameTooLong: 130,
  /** A client that shows the box sent it unticked. */
  consentMissing: 131,
  messageTooLong: 132,
  /** A field of the administrator's own: required and empty, too long, or not one of the choices. */
  fieldInvalid: 133,
} as const;

/** The policy that visitors agree to. */
export interface PrivacyPolicy {
  /** Address of the page; part of what is kept of a consent, so that it says which one it was. */
  readonly url: string;
}

export interface PrivacyService {
  /** Undefined while `enableprivacypolicy` is off or `privacypolicy` has no address. */
  policy(): PrivacyPolicy | undefined;
  /**
   * Tests the argument `consent` of a client and says what is kept of it: a hidden message, so that it lives and goes with
   * the conversation. A client that has no box (the original's shows the notice alone) sends no such argument; that it was
   * shown the notice is kept then.
   *
   * @returns undefined where there is no policy to agree to
   * @throws RpcError 131 when the visitor was asked and did not agree
   * @example const line = ctx.use.privacy?.agreed(args.consent, visitorLocale)
   */
  agreed(consent: boolean | null | undefined, locale: string): Draft | undefined;
}
/** @example needs: { privacy: optional(privacy) } */
export const privacy = defineService<PrivacyService>('survey.privacy');

/** Kinds of a field that an administrator adds. */
export const fieldKinds = ['text', 'choice', 'checkbox', 'hidden'] as const;
export type FieldKind = (typeof fieldKinds)[number];

/** A field as the survey shows it. */
export interface SurveyField {
  /** Name of the argument: `[a-z][a-z0-9_-]{0,31}`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** In the visitor's language. */
  readonly label: string;
  readonly required: boolean;
  readonly maxLength: number;
  /** Of a choice. */
  readonly options: readonly string[];
  /** From the embed code or the query; `'1'` is a ticked box. */
  readonly value: string;
}

/** An answer to one of those fields, as operators see it. */
export interface SurveyAnswer {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

const optionalText = v.optional(v.nullable(v.string()));

/** `processSurvey` of RPC spec section 7, and what is ours: `fields`, `consent`, `operator_code`, `locale`. */
export const surveyRpc = defineRpc(threadProcessor, {
  processSurvey: {
    input: v.object({
      name: optionalText,
      email: optionalText,
      message: optionalText,
      info: optionalText,
      referrer: optionalText,
      groupId: v.optional(v.nullable(v.union([v.number(), v.string()]))),
      operator_code: optionalText,
      locale: optionalText,
      fields: v.optional(v.nullable(v.record(v.string(), v.string()))),
      consent: v.optional(v.nullable(v.boolean())),
    }),
    output: v.object({
      next: v.picklist(['chat', 'survey', 'leaveMessage']),
      options: v.record(v.string(), v.unknown()),
    }),
  },
});

/** For the panel beside a conversation in the workspace. */
export const surveyUsersRpc = defineRpc(usersProcessor, {
  surveyFields: {
    input: v.object({ thread: wireInteger }),
    output: v.object({ fields: v.pipe(v.array(v.custom<SurveyAnswer>(() => true)), v.readonly()) }),
  },
});

/** `surveyForm` of the original, and what is ours: `fields`, `operatorCode`, `locale`, `maxLength`. */
export interface SurveyForm {
  readonly name: string;
  readonly groupId: number;
  readonly email: string;
  readonly info: string;
  /** Address of the page and, on a line of its own, where the visitor came from. */
  readonly referrer: string;
  readonly showEmail: boolean;
  readonly showMessage: boolean;
  readonly canChangeName: boolean;
  readonly privacyPolicyUrl?: string;
  readonly groups: readonly GroupChoice[] | false;
  readonly fields: readonly SurveyField[];
  readonly operatorCode: string;
  readonly locale: string;
  /** Characters of the question. */
  readonly maxLength: number;
}
