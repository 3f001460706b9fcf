/** Operators: accounts, sessions, permissions. */
import type { Context } from 'hono';
import type { Access, RouteSpec } from '../../kernel/plugin.ts';
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

export { conflictsOf, editsOf, readEdits, seenText, type Edits, type FormEdits, type FormValues } from './edits.ts';

/** An operator as everybody may see him on the server; never carries the password hash. */
export interface Operator {
  readonly id: number;
  /** `[\w.]+`, unique without regard to case. */
  readonly login: string;
  /** Name in the home locale. */
  readonly name: string;
  /** International name. */
  readonly commonName: string;
  readonly email: string;
  readonly permissions: readonly string[];
  readonly disabled: boolean;
  /** Lets a visitor ask for this operator; `''` if none. */
  readonly code: string;
  /** Address of a picture, or `''`. */
  readonly avatar: string;
}

/** A logged-in operator on one browser. */
export interface OperatorSession {
  /** Public id of the session (not its secret). */
  readonly id: number;
  readonly operator: Operator;
  /** Token that forms send as `csrf_token`. */
  readonly csrf: string;
}

export interface NewOperator {
  readonly login: string;
  readonly name: string;
  readonly commonName?: string;
  readonly email: string;
  readonly password: string;
  readonly permissions?: readonly string[];
  /** See {@link Operator.code}. */
  readonly code?: string;
}

/** What is to change of an account. The login stays as it is. */
export interface OperatorChanges {
  readonly name?: string;
  /** `''`: the same as the name. */
  readonly commonName?: string;
  readonly email?: string;
  readonly code?: string;
  /** Ends the operator's sessions. */
  readonly password?: string;
}

/** On whose behalf an account is changed. */
export interface Asked {
  /** Who asks, and must have the right to it; absent: the system itself, or the command line. */
  readonly by?: Operator;
}
export interface OperatorEdit extends Asked {
  /** What was seen of the fields that are to change; what is not said of is changed in any case. */
  readonly expected?: Omit<OperatorChanges, 'password'>;
  /** The password so far: needed by who changes his own. */
  readonly present?: string;
  /** A session that outlives a new password. */
  readonly keep?: number;
}

/** Permissions to give and to take away. */
export interface PermissionChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Input that was refused: a code, and what is wrong entry by entry. Each plugin has a class of its own, so that its refusals are told from others'. */
export abstract class InputError<Code extends string, Issue> extends Error {
  readonly code: Code;
  readonly issues: readonly Issue[];
  constructor(code: Code, message: string, issues: readonly Issue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

/** What is wrong with one field of an account. Texts: `operators.issue.<field>.<code>`, else `operators.issue.<code>`. */
export interface OperatorIssue {
  readonly field:
    | 'login'
    | 'name'
    | 'commonName'
    | 'email'
    | 'password'
    | 'code'
    | 'permissions'
    | 'avatar'
    /** The password so far. */
    | 'present';
  readonly code:
    | 'required'
    | 'too_short'
    | 'too_long'
    | 'too_large'
    | 'too_many'
    | 'invalid'
    | 'taken'
    | 'unknown'
    | 'wrong'
    | 'changed';
}

/**
 * OPERATOR_INVALID and OPERATOR_CHANGED (somebody else changed it meanwhile), both with `issues`; OPERATOR_UNKNOWN; OPERATOR_FORBIDDEN (who
 * asks has not the right); OPERATOR_SELF (nobody disables or deletes himself); LAST_ADMINISTRATOR.
 */
export class OperatorError extends InputError<
  | 'OPERATOR_INVALID'
  | 'OPERATOR_CHANGED'
  | 'OPERATOR_UNKNOWN'
  | 'OPERATOR_FORBIDDEN'
  | 'OPERATOR_SELF'
  | 'LAST_ADMINISTRATOR',
  OperatorIssue
> {
  override readonly name = 'OperatorError';
}

/** A posted form: its fields, or why it was not accepted, with the answer to send. */
export type PostedForm =
  | { readonly ok: true; readonly fields: URLSearchParams }
  | { readonly ok: false; readonly code: FormRefusal; readonly fields: URLSearchParams; readonly response: Response };
/** A posted form with the file that was chosen, if any. */
export type PostedUpload =
  | { readonly ok: true; readonly fields: URLSearchParams; readonly file: Uint8Array | undefined }
  | Extract<PostedForm, { ok: false }>;
/** No form (415), too large (413), posted from elsewhere (403), token missing or wrong (400). */
export type FormRefusal = 'FORM_TYPE' | 'FORM_TOO_LARGE' | 'FORM_FOREIGN' | 'FORM_TOKEN';

export interface OperatorsService {
  byId(id: number): Promise<Operator | undefined>;
  byLogin(login: string): Promise<Operator | undefined>;
  list(): Promise<readonly Operator[]>;
  /** For administrators. @throws OperatorError */
  create(input: NewOperator, asked?: Asked): Promise<Operator>;
  /** Only while there is no operator with `admin`, in one compare-and-set. @returns undefined when one exists already */
  createFirst(input: NewOperator): Promise<Operator | undefined>;
  hasAdministrator(): Promise<boolean>;
  /**
   * For administrators, and with `modifyprofile` for oneself.
   * @throws OperatorError
   * @example await operators.update(7, { name: 'Ann' }, { by: session.operator });
   */
  update(id: number, changes: OperatorChanges, edit?: OperatorEdit): Promise<Operator>;
  /** {@link OperatorsService.update} of the password alone. Ends the operator's sessions. @throws OperatorError */
  setPassword(id: number, password: string, edit?: OperatorEdit): Promise<void>;
  /** For administrators. Nobody gets a permission that there is not. @throws OperatorError */
  setPermissions(id: number, change: PermissionChange, asked?: Asked): Promise<Operator>;
  /** For administrators. Ends the operator's sessions. @throws OperatorError */
  setDisabled(id: number, disabled: boolean, asked?: Asked): Promise<void>;
  /**
   * For administrators, and with `modifyprofile` for oneself.
   * @param picture a PNG, JPEG, GIF or WebP file; absent: none any more
   * @throws OperatorError
   */
  setAvatar(id: number, picture: Uint8Array | undefined, asked?: Asked): Promise<Operator>;
  /** For administrators. Threads and messages stay. @returns false when there is no such operator @throws OperatorError */
  remove(id: number, asked?: Asked): Promise<boolean>;
  /** Whether this operator may change the other's profile and picture, or his own. */
  mayEdit(by: Operator, id: number): boolean;
  /** The pages about an operator, as far as `viewer` may see them. @param current name of the route of the page that shows them */
  tabs(context: Context, id: number, viewer: Operator, current: string): readonly OperatorTabLink[];
  /** All permissions there are: the core ones and what plugins contribute. */
  permissions(): readonly Permission[];
  /** The session behind a cookie value, from a cache that any change empties. @param cookie value of `MibewSessionID` */
  session(cookie: string | undefined): Promise<OperatorSession | undefined>;
  /** The session of a page request (cookie of the context), remembered for the request. */
  current(context: Context): Promise<OperatorSession | undefined>;
  /**
   * Starts a session and sets its cookie on the context; the session that the browser had before ends.
   * @param options.remember the cookie outlives the browser
   */
  logIn(context: Context, operator: Operator, options?: { readonly remember?: boolean }): Promise<OperatorSession>;
  /** Ends one session everywhere, its sockets included. */
  logOut(sessionId: number): Promise<void>;
  can(operator: Operator, permission: string): boolean;
  /** True if the form field / header matches the session's token, in constant time, and the request's origin is our own. */
  checkCsrf(context: Context, session: OperatorSession, token: string | undefined): boolean;
  /**
   * Token for a form on a page: the session's, or for a stranger one that is bound to a cookie of his browser.
   * Call it before the page is rendered: it may set that cookie.
   */
  csrf(context: Context, session?: OperatorSession): string;
  /**
   * Reads a posted form and tests origin and `csrf_token`, of the session or of {@link OperatorsService.csrf} for strangers.
   * @example
   * const form = await operators.form(c, session);
   * if (!form.ok) return form.response;
   */
  form(context: Context, session?: OperatorSession): Promise<PostedForm>;
  /**
   * The same for a form with a file (`multipart/form-data`).
   * @param field name of the file's field
   * @param most bytes of the file
   */
  upload(context: Context, session: OperatorSession, field: string, most: number): Promise<PostedUpload>;
  /** A page (for browsers) or JSON with a coded refusal. The sentence is `operators.refusal.<CODE>` unless given. */
  refuse(
    context: Context,
    status: 400 | 403 | 404 | 409 | 413 | 415 | 429,
    code: string,
    message?: string,
  ): Promise<Response>;
}
/** @example const session = await ctx.use.operators.current(c) */
export const operators = defineService<OperatorsService>('operators');

/** Limits of {@link AttemptsService}; times in milliseconds. */
export interface AttemptLimits {
  /** Failures without a pause. */
  readonly free: number;
  /** The first pause; it doubles with each further failure, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** After this long without a failure everything is forgotten. */
  readonly forget: number;
}
/** Failures of one kind, counted by key (a login, an address). */
export interface Attempts {
  /**
   * Counts an attempt as failed before it is made, so that attempts at the same time count too.
   * @returns 0, or how long to wait; then nothing was counted and the attempt must not be made
   */
  begin(...keys: readonly string[]): number;
  /** How many attempts with this key have failed. */
  failures(key: string): number;
  /** The attempt was good after all: takes it back. */
  undo(...keys: readonly string[]): void;
  /** Forgets all failures of the keys. */
  forget(...keys: readonly string[]): void;
}
/** Makes guessing slow. */
export interface AttemptsService {
  of(limits: AttemptLimits): Attempts;
  /** The key of an address: itself, or its /64 for IPv6, since one customer has that many. */
  network(address: string): string;
}
/** @example const attempts = ctx.use.attempts.of({ free: 10, first: 1_000, longest: 60_000, forget: 3_600_000 }) */
export const attempts = defineService<AttemptsService>('operators.attempts');

/** What an operator chose to be. Whoever is invisible works as always, and is there for nobody else. */
export const statuses = ['available', 'away', 'invisible'] as const;
export type Status = (typeof statuses)[number];
/** What an operator is told of himself. */
export interface OwnStatus {
  readonly status: Status;
  /** He is available, but did nothing for `idle_timeout`: to everybody else he is away until he moves. */
  readonly idle: boolean;
}

/**
 * Who is there. Whoever chose to be invisible is counted and listed nowhere here; whoever is idle counts as away.
 * What is asked of it is answered from memory.
 */
export interface AvailabilityService {
  /**
   * A sign of life of one of the operator's windows, with the status he has.
   * @param sessionId the session that he works in: an open workspace keeps it from idling out
   */
  touch(operatorId: number, sessionId?: number): Promise<void>;
  /** A window was closed in order: unless there is a sign of another one soon, he is gone. */
  leaving(operatorId: number, sessionId: number): Promise<void>;
  /** Ends presence at once, until his next sign of life. */
  gone(operatorId: number): Promise<void>;
  /** Setting `idle_timeout` is on: windows tell that something is done in them. */
  readonly detectsIdle: boolean;
  /** He did something: moved, typed, wrote. */
  active(operatorId: number): Promise<void>;
  /** Stores what he chose. Counts as {@link AvailabilityService.active}. */
  setStatus(operatorId: number, status: Status): Promise<void>;
  /** What he chose, whether he is there or not. */
  ownStatus(operatorId: number): Promise<OwnStatus>;
  /** Seen within `online_timeout`, available or away. */
  isOnline(operatorId: number): Promise<boolean>;
  /**
   * Somebody with status available was seen within `online_timeout`, and {@link fitting} counts him.
   * @param groupId whom it is asked for; absent or 0: for anybody
   */
  hasOnlineOperators(groupId?: number): Promise<boolean>;
  /** Operators that are online now, available or away. @param groupId only those who fit it; absent: all of them */
  online(groupId?: number): Promise<readonly { readonly operator: Operator; readonly away: boolean }[]>;
}
/** @example if (!(await ctx.use.availability.hasOnlineOperators())) … */
export const availability = defineService<AvailabilityService>('operators.availability');
/** On every node: somebody came, left, chose another status or became idle, so who is available may have changed. */
export const availabilityChanged = defineHook.notify<[{ readonly operatorId: number }]>(
  'operators.availability.changed',
);

/**
 * Which of these operators count for a visitor of this group; `groupId` 0: for one without a group.
 *
 * @example ctx.on(fitting, (operators, { groupId }) => operators.filter(({ id }) => isMember(id, groupId)))
 */
export const fitting = defineHook.filter<readonly Operator[], [{ readonly groupId: number }]>(
  'operators.availability.fitting',
);

/** Name of the session cookie. */
export const sessionCookie = 'MibewSessionID';

export interface OperatorAccess extends Access {
  readonly kind: 'operator';
  readonly permission?: string;
}
/** Any logged-in operator; others are sent to the login page (GET) or refused with 403. */
export const loggedIn: OperatorAccess = { kind: 'operator' };
/** An operator with this permission. @example access: withPermission('admin') */
export const withPermission = (permission: string): OperatorAccess => ({ kind: 'operator', permission });

/** What a page of operators does with a request. */
export type OperatorPage = (context: Context, session: OperatorSession) => Response | Promise<Response>;
/**
 * Makes routes of pages that are given the session of whoever asks.
 * @example
 * const route = operatorRoute(operators, withPermission('admin'));
 * return [route('list', 'GET', '/operator/ban', list), route('save', 'POST', '/operator/ban', save)];
 */
export const operatorRoute =
  (operators: Pick<OperatorsService, 'current' | 'refuse'>, access: OperatorAccess) =>
  (name: string, method: RouteSpec['method'], path: string, page: OperatorPage): RouteSpec => ({
    name,
    method,
    path,
    access,
    async handler(context) {
      const session = await operators.current(context);
      // It may have ended since `access` was asked.
      return session ? page(context, session) : operators.refuse(context, 403, 'LOGIN_NEEDED');
    },
  });

/** A right that an administrator can give. */
export interface Permission {
  readonly name: string;
  /** Locale key. */
  readonly label: string;
}
/** Contributes permissions; the core ones are `admin takeover viewthreads modifyprofile statistics`. Administrators have every contributed one. */
export const permissions = definePoint<readonly Permission[]>('operators.permissions', { required: true });

/** A page about one operator, as a tab beside his profile. */
export interface OperatorTab {
  /** Locale key. */
  readonly label: string;
  /** Route name `<plugin>.<name>`; its parameter `operator` is the operator's number. */
  readonly route: string;
  /** The profile has 100, permissions 200, the picture 300. */
  readonly weight: number;
}
/** @example operatorTab({ label: 'groups.tab.operator', route: 'groups.operatorGroups', weight: 400 }) */
export const operatorTab = definePoint<OperatorTab>('operators.tab');
export interface OperatorTabLink {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
}

/** A way on for who cannot log in, below the form. */
export interface LoginLink {
  /** Locale key. */
  readonly label: string;
  /** Route name `<plugin>.<name>`. */
  readonly route: string;
  /** Asked for each page; absent: always. */
  readonly shown?: () => boolean;
}
/** @example loginLink({ label: 'recovery.link', route: 'recovery.ask' }) */
export const loginLink = definePoint<LoginLink>('operators.loginLink');

/** Hooks for `operatorCreate`, `operatorUpdate`, `operatorDelete` of the original. */
export const operatorCreated = defineHook.notify<[{ readonly operator: Operator }]>('operators.operator.created');
export const operatorUpdated =
  defineHook.notify<[{ readonly operator: Operator; readonly original: Operator }]>('operators.operator.updated');
export const operatorDeleted = defineHook.notify<[{ readonly id: number }]>('operators.operator.deleted');
export const operatorLoggedIn =
  defineHook.notify<[{ readonly operator: Operator; readonly sessionId: number; readonly remember: boolean }]>(
    'operators.session.started',
  );
/** On every node: a session ended (log-out, expiry, disabling, new password). Its sockets must go. */
export const operatorLoggedOut =
  defineHook.notify<[{ readonly operatorId: number; readonly sessionId: number }]>('operators.session.ended');
/** A password was changed, by whomever: what could have led to the old one counts no more. */
export const passwordChanged = defineHook.notify<[{ readonly operatorId: number }]>('operators.password.changed');
/** A login by somebody who kept failing, or whose name was guessed at. */
export interface LoginTrial {
  readonly context: Context;
  readonly login: string;
  /** Failures so far of the login or the address, whichever has more. */
  readonly failures: number;
  /** What was posted; absent while the form is only shown. */
  readonly fields?: URLSearchParams;
}
/** What a plugin demands of such a login. */
export interface LoginDemand {
  /** A client app for the form, at a place of its own inside it. */
  readonly app?: { readonly name: string; readonly boot: unknown };
  /** What was posted with the form; without a proof (browsers without scripts have none) the pauses are longer. */
  readonly proof: 'good' | 'wrong' | 'missing';
}
/** What does a login need besides the password, now that it may be guessing? Asked after three failures; the first answer counts. */
export const loginDemand = defineHook.decide<[LoginTrial], LoginDemand>('operators.login.demand');
/** Lets a plugin log somebody in by other means; first operator returned wins. */
export const authenticate = defineHook.decide<[Context], Operator>('operators.authenticate');
