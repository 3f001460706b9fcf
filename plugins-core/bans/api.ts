/** Bans: who is kept out of conversations, by address, range of addresses or visitor, and for how long. */
import { defineHook, defineService } from '../../kernel/tokens.ts';
import { InputError } from '../operators/api.ts';

/** Code of the function error with which somebody banned is refused. */
export const bansErrors = { banned: 200 } as const;

/** A ban. Times in ms since the epoch. */
export interface Ban {
  readonly id: number;
  /** Address, network (`192.0.2.0/24`) or span (`192.0.2.1-192.0.2.9`) in its shortest form; `''` for a ban of a visitor. */
  readonly address: string;
  /** Public id of the banned visitor; `''` for a ban of addresses. */
  readonly userId: string;
  /** Why; for operators only. */
  readonly comment: string;
  readonly createdAt: number;
  /** Until when; 0 for ever. */
  readonly till: number;
  /** Operator who made it. */
  readonly createdBy: number;
}

/** What a ban is made of: addresses or a visitor, never both. */
export interface BanInput {
  readonly address?: string;
  readonly userId?: string;
  readonly comment: string;
  /** Until when, ms since the epoch; 0 for ever. */
  readonly till: number;
}

/** What is wrong with one field. */
export interface BanIssue {
  readonly field: 'address' | 'userId' | 'comment' | 'till';
  readonly code: 'required' | 'invalid' | 'too_long' | 'past' | 'taken' | 'changed';
  /** With `taken`: the ban that is there already. */
  readonly ban?: Ban;
}

/** BAN_INVALID and BAN_CHANGED (somebody else changed it meanwhile), both with `issues`; BAN_UNKNOWN. */
export class BanError extends InputError<'BAN_INVALID' | 'BAN_CHANGED' | 'BAN_UNKNOWN', BanIssue> {
  override readonly name = 'BanError';
}

export interface BansService {
  /** The ban that keeps out whoever comes from this address or is this visitor; from memory. Nobody is while `enableban` is off. */
  match(who: { readonly remote?: string; readonly userId?: string }): Ban | undefined;
  byId(id: number): Promise<Ban | undefined>;
  /** Youngest first, expired ones too. */
  list(page: { readonly offset: number; readonly limit: number }): Promise<readonly Ban[]>;
  count(): Promise<number>;
  /** @throws BanError */
  create(input: BanInput, operatorId: number): Promise<Ban>;
  /**
   * @param changes addresses or a visitor take the place of what was banned, whichever it was
   * @param expected what was seen of the fields that are to change; what is not said of is changed in any case
   * @throws BanError
   */
  update(id: number, changes: Partial<BanInput>, expected?: Partial<BanInput>): Promise<Ban>;
  /** @returns what was lifted; undefined when there is no such ban */
  delete(id: number): Promise<Ban | undefined>;
  /** Brings back what was lifted, under its number; safe to repeat. @returns false when the same is banned anew by now */
  restore(ban: Ban): Promise<boolean>;
}
/** @example const ban = ctx.use.bans.match({ remote: '192.0.2.7' }) */
export const bans = defineService<BansService>('bans.bans');

/** `banCreate`; also when a ban that was lifted is brought back. */
export const banCreated = defineHook.notify<[{ readonly ban: Ban }]>('bans.ban.created');
/** `banUpdate`. */
export const banUpdated = defineHook.notify<[{ readonly ban: Ban; readonly original: Ban }]>('bans.ban.updated');
/** `banDelete`. */
export const banDeleted = defineHook.notify<[{ readonly id: number }]>('bans.ban.deleted');
