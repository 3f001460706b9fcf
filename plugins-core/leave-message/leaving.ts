/** A visitor leaves a message: tested, stored once, told to the house. One way for RPC and for the plain form. */
import { createHash } from 'node:crypto';
import type { CaptchaService } from '../captcha/api.ts';
import {
  createRate,
  escapeHtml,
  messageKind,
  type chatSettings,
  type Draft,
  type StartInput,
  type Thread,
  type ThreadsService,
  type Visitor,
} from '../chat/api.ts';
import type { Database } from '../database/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { AttemptsService } from '../operators/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import type { PrivacyService } from '../survey/api.ts';
import { leaveMessageErrors as codes } from './api.ts';
import type { Post } from './post.ts';
import { issuesOf, limits, plain, typedOf, type Typed } from './rules.ts';
import type { leaveMessageSettings } from './settings.ts';
import type { Store } from './store.ts';
import type { Left } from './tables.ts';
import { createTurns } from './turns.ts';

export const captchaPurpose = 'leave-message';
const minute = 60_000;
/** In seconds, in which {@link createRate} counts. */
const tenMinutes = 600;

export interface LeavingNeeds {
  readonly db: Pick<Database, 'isUniqueViolation'>;
  readonly store: Store;
  readonly threads: Pick<ThreadsService, 'leave' | 'byId'>;
  readonly post: Pick<Post, 'left'>;
  readonly locales: Pick<LocalesService, 'text' | 'match'>;
  readonly attempts: AttemptsService;
  readonly settings: Values<typeof leaveMessageSettings>;
  readonly chat: Values<typeof chatSettings>;
  readonly captcha: Pick<CaptchaService, 'verify'> | undefined;
  readonly privacy: Pick<PrivacyService, 'agreed'> | undefined;
  readonly left: (thread: Thread, typed: Typed) => void;
}

/** A form as it was sent. */
export interface LeftForm {
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly message?: string | null | undefined;
  readonly captcha?: string | null | undefined;
  readonly key?: string | undefined;
  readonly consent?: boolean | null | undefined;
  /** From a browser without scripts, which can calculate nothing: fewer messages instead. */
  readonly withoutScripts?: true;
}

const digestOf = (typed: Typed) =>
  createHash('sha256')
    .update(JSON.stringify([typed.name, typed.email, typed.message]))
    .digest('base64url');

export type Leaving = ReturnType<typeof createLeaving>;

export function createLeaving(needs: LeavingNeeds) {
  const { db, store, threads, post, locales, settings, chat, captcha } = needs;
  const rate = createRate(() => settings.leave_rate / tenMinutes, tenMinutes);
  const unproved = needs.attempts.of({ free: 1, first: 5 * minute, longest: 60 * minute, forget: 120 * minute });
  const inTurn = createTurns();

  const localeOf = (input: StartInput) => (input.locale && locales.match(input.locale)) || 'en';
  const refuse = (input: StartInput, code: number, name: string, args: Record<string, string | number> = {}) =>
    new RpcError(code, name, locales.text(localeOf(input), `leave-message.issue.${code}`, args));

  /** The same key again is the same message. */
  function again(row: Left, typed: Typed, input: StartInput): void {
    if (row.digest !== digestOf(typed)) throw refuse(input, codes.keyReused, 'KEY_REUSED');
  }

  /** @returns what takes the count back. @throws RpcError 144 */
  function count(input: StartInput, proved: boolean): () => void {
    const network = needs.attempts.network(input.remote);
    const tooMany = (minutes: number) =>
      refuse(input, codes.tooMany, 'TOO_MANY_MESSAGES', { minutes: Math.ceil(minutes) });
    // The time in which there is room for one more.
    if (!rate.take(network)) throw tooMany(tenMinutes / 60 / settings.leave_rate);
    const wait = proved ? 0 : unproved.begin(network);
    if (wait > 0) {
      rate.giveBack(network);
      throw tooMany(wait / minute);
    }
    return () => {
      rate.giveBack(network);
      if (!proved) unproved.undo(network);
    };
  }

  const isGuarded = () => settings.enablecaptcha && captcha !== undefined;

  /** @throws RpcError 10 */
  async function prove(input: StartInput, form: LeftForm): Promise<void> {
    if (!isGuarded() || form.withoutScripts) return;
    if (!(await captcha!.verify(captchaPurpose, form.captcha ?? undefined)))
      throw refuse(input, codes.wrongCaptcha, 'ERROR_WRONG_CAPTCHA');
  }

  /** What a form is refused for whoever sent it. @returns that he agreed, if that is wanted. @throws RpcError 10, 11, 131, 140–143 */
  async function assertFit(input: StartInput, form: LeftForm, typed: Typed): Promise<Draft | undefined> {
    const [issue] = issuesOf(typed, chat.message_max_length);
    if (!issue) return needs.privacy?.agreed(form.consent, localeOf(input));
    // The proof is told of first: RPC spec section 7.
    await prove(input, form);
    throw refuse(input, issue.code, issue.name, {
      max: issue.field === 'name' ? limits.name : chat.message_max_length,
    });
  }

  function openingOf(input: StartInput, typed: Typed, consent: Draft | undefined): Draft[] {
    const locale = localeOf(input);
    const draft = (kind: Draft['kind'], body: string, name: string | null = null): Draft => ({
      kind,
      body,
      name,
      agentId: 0,
      plugin: '',
      data: [],
    });
    const safe = (value: string | undefined, longest: number) =>
      escapeHtml(Array.from(plain(value)).slice(0, longest).join(''));
    const hidden = (
      what: 'from' | 'fromVia' | 'email' | 'info',
      value: string | undefined,
      longest: number,
      more = {},
    ) => {
      const text = safe(value, longest);
      return text === ''
        ? []
        : [draft(messageKind.forAgent, locales.text(locale, `leave-message.opening.${what}`, { text, ...more }))];
    };
    const [page, before] = input.url ? [input.url, safe(input.referrer, 2048)] : [input.referrer, ''];
    return [
      ...hidden(before === '' ? 'from' : 'fromVia', page, 2048, { referrer: before }),
      ...hidden('email', typed.email, limits.email),
      ...hidden('info', input.info, limits.info),
      ...(consent ? [consent] : []),
      draft(messageKind.user, typed.message, typed.name),
    ];
  }

  return {
    /** What is wrong with a form, for pages that say all at once. */
    issues: (form: LeftForm) => issuesOf(typedOf(form), chat.message_max_length),
    /** Whether messages are taken with a proof only. */
    get guarded(): boolean {
      return isGuarded();
    },
    /**
     * @param enroll makes the visitor; asked when the form is good, so that a bad one leaves nobody behind
     * @throws RpcError 10, 11, 131, 140–145, or what `enroll` refuses with
     */
    async leave(enroll: () => Promise<Visitor>, input: StartInput, form: LeftForm): Promise<void> {
      const typed = typedOf(form);
      const consent = await assertFit(input, form, typed);
      const visitor = await enroll();
      const takeIt = () => take(visitor, input, form, typed, consent);
      if (form.key === undefined) return takeIt();
      // Who sends again before he has an answer would find his own proof used and his own message counted. So he waits for the
      // first one, and where that was stored gets its answer. Between servers the unique key decides; a proof is asked for anew.
      return inTurn(`${visitor.id}:${form.key}`, async () => {
        const known = await store.sent(visitor.id, form.key!);
        await (known ? again(known, typed, input) : takeIt());
      });
    },
  };

  async function take(
    visitor: Visitor,
    input: StartInput,
    form: LeftForm,
    typed: Typed,
    consent?: Draft,
  ): Promise<void> {
    await prove(input, form);
    const uncount = count(input, !(isGuarded() && form.withoutScripts));
    let thread: Thread;
    let row: Left;
    try {
      ({ thread, row } = await keep(visitor, { ...input, name: typed.name }, typed, form.key, consent));
    } catch (error) {
      uncount();
      const first = db.isUniqueViolation(error) && form.key ? await store.sent(visitor.id, form.key) : undefined;
      if (first) return again(first, typed, input);
      throw error;
    }
    await post.left(row, thread);
    needs.left(thread, typed);
  }

  async function keep(visitor: Visitor, input: StartInput, typed: Typed, key: string | undefined, consent?: Draft) {
    const kept: Omit<Left, 'threadId'> = {
      visitorId: visitor.id,
      senderKey: key ?? null,
      digest: digestOf(typed),
      name: typed.name,
      email: typed.email,
      info: Array.from(plain(input.info)).slice(0, limits.info).join(''),
      state: 'open',
      createdAt: Date.now(),
      changedBy: 0,
      changedName: '',
      changedAt: 0,
      mailId: null,
    };
    // In the transaction of the thread: there is no thread without its row, and none twice under one key.
    const thread = await threads.leave(visitor, input, openingOf(input, typed, consent), (tx, threadId) =>
      store.add(tx, { ...kept, threadId }),
    );
    return { thread, row: { ...kept, threadId: thread.id } };
  }
}
