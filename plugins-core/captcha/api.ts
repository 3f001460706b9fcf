/** Proof of work instead of a puzzle: who wants something from us lets his browser calculate for a moment first. */
import { defineService } from '../../kernel/tokens.ts';
import type { Mounted, Ui } from '../client/client/index.ts';

/** A challenge in ALTCHA's format (version 1): find the `number` for which sha-256 of `salt` + `number` is `challenge`. */
export interface CaptchaChallenge {
  readonly algorithm: string;
  readonly challenge: string;
  /** The number is not larger. */
  readonly maxnumber?: number;
  readonly salt: string;
  readonly signature: string;
}

/** Codes of refusals at `GET /captcha`. */
export const captchaErrors = { tooMany: 150, purpose: 151 } as const;

export interface CaptchaService {
  /**
   * A new challenge.
   *
   * @param purpose what the solution will be good for, and for nothing else: small letters and hyphens
   * @param address whose browser will solve it: who asks for many is given harder ones
   * @returns undefined while the address has asked for too many
   */
  challenge(purpose: string, address: string): Promise<CaptchaChallenge | undefined>;
  /**
   * Is this a solution of one of our challenges, in time, for this purpose, and not used before? It is used up by the question.
   *
   * @param payload what the solver made: base64 of JSON, as ALTCHA's widget sends it
   */
  verify(purpose: string, payload: string | undefined): Promise<boolean>;
  /** Address at which browsers get challenges for a purpose; {@link CaptchaMount} takes it. */
  url(purpose: string): string;
}
/** @example if (!(await ctx.use.captcha?.verify('leave-message', payload))) … */
export const captcha = defineService<CaptchaService>('captcha.captcha');

/** What `apps.mount('captcha', element, options)` takes; the element gets a line that says how far it is. */
export interface CaptchaMount {
  /** Made with the templates and texts of the app `captcha`. */
  readonly ui: Ui;
  /** From {@link CaptchaService.url}. */
  readonly url: string;
  /** A form that browsers send by themselves: it waits for the solution, which travels in its field `captcha`. */
  readonly form?: HTMLFormElement;
  /** Called with each solution. */
  readonly onSolved?: (payload: string) => void;
}
/** What `apps.mount('captcha', …)` gives. */
export interface MountedCaptcha extends Mounted {
  /** A solution that was not sent yet, calculated now if need be. Rejects when the server gives no challenge. */
  payload(): Promise<string>;
  /** The solution was sent; the next one is calculated when it is asked for. */
  spent(): void;
}
