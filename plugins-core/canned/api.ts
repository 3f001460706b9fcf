/** Canned messages: what operators write again and again, at hand in each conversation. */
import { defineService } from '../../kernel/tokens.ts';
import type { Thread } from '../chat/api.ts';
import { InputError, type Operator } from '../operators/api.ts';

/** A canned message. */
export interface CannedMessage {
  readonly id: number;
  /** Language of the conversations that it is offered in. */
  readonly locale: string;
  /** Group whose conversations it is offered in; 0 for all. */
  readonly groupId: number;
  readonly title: string;
  /** May hold placeholders: `{visitor}`, `{operator}`, `{group}`, `{title}`, `{id}`. */
  readonly body: string;
}
export type CannedInput = Omit<CannedMessage, 'id'>;

/** What is wrong with one field. */
export interface CannedIssue {
  readonly field: keyof CannedInput;
  readonly code: 'required' | 'too_long' | 'unknown' | 'changed';
}

/** CANNED_INVALID and CANNED_CHANGED (somebody else changed it meanwhile), both with `issues`; CANNED_UNKNOWN. */
export class CannedError extends InputError<'CANNED_INVALID' | 'CANNED_CHANGED' | 'CANNED_UNKNOWN', CannedIssue> {
  override readonly name = 'CannedError';
}

/** An answer as conversations are offered it: `messageForm.predefinedAnswers` of RPC spec section 9.1. */
export interface PredefinedAnswer {
  /** What stands in the list: the title, else the beginning of the text. */
  readonly short: string;
  /** What is written, placeholders filled in. */
  readonly full: string;
}

/** Which messages are meant. */
export interface CannedFilter {
  readonly locale: string;
  /** 0: those for all groups; absent: every one. */
  readonly groupId?: number;
}

export interface CannedService {
  byId(id: number): Promise<CannedMessage | undefined>;
  /** By title. */
  list(
    filter: CannedFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<readonly CannedMessage[]>;
  count(filter: CannedFilter): Promise<number>;
  /** What the operator of this conversation is offered: messages of its group, then those for all. */
  answers(thread: Thread, operator: Operator): Promise<readonly PredefinedAnswer[]>;
  /** @throws CannedError */
  create(input: CannedInput): Promise<CannedMessage>;
  /**
   * @param expected what was seen of the fields that are to change; what is not said of is changed in any case
   * @throws CannedError
   */
  update(id: number, changes: Partial<CannedInput>, expected?: Partial<CannedInput>): Promise<CannedMessage>;
  /** @returns what was deleted; undefined when there is no such message */
  delete(id: number): Promise<CannedMessage | undefined>;
  /** Brings back what was deleted, under its number; safe to repeat. */
  restore(message: CannedMessage): Promise<void>;
}
/** @example const answers = await ctx.use.canned.answers(thread, operator) */
export const canned = defineService<CannedService>('canned.messages');
