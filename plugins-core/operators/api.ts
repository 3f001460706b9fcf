/** Operators: accounts, sessions, permissions. */
import type { Context } from 'hono';
import type { Access } from '../../kernel/plugin.ts';
import { defineHook, definePoint, defineService } from '../../kernel/tokens.ts';

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
}

export interface OperatorsService {
  byId(id: number): Promise<Operator | undefined>;
  byLogin(login: string): Promise<Operator | undefined>;
  list(): Promise<readonly Operator[]>;
  /** @throws OperatorError with `issues: { field, code }[]` */
  create(input: NewOperator): Promise<Operator>;
  /** Only while there is no operator with `admin`, in one compare-and-set. @returns undefined when one exists already */
  createFirst(input: NewOperator): Promise<Operator | undefined>;
  hasAdministrator(): Promise<boolean>;
  setPassword(id: number, password: string): Promise<void>;
  setDisabled(id: number, disabled: boolean): Promise<void>;
  /** The session behind a cookie value, from a cache that any change empties. @param cookie value of `MibewSessionID` */
  session(cookie: string | undefined): Promise<OperatorSession | undefined>;
  /** The session of a page request (cookie of the context), remembered for the request. */
  current(context: Context): Promise<OperatorSession | undefined>;
  /** Starts a session and sets its cookie on the context. */
  logIn(context: Context, operator: Operator): Promise<OperatorSession>;
  /** Ends one session everywhere, its sockets included. */
  logOut(sessionId: number): Promise<void>;
  can(operator: Operator, permission: string): boolean;
  /** True if the form field / header matches the session's token, in constant time, and the request's origin is our own. */
  checkCsrf(context: Context, session: OperatorSession, token: string | undefined): boolean;
}
/** @example const session = await ctx.use.operators.current(c) */
export const operators = defineService<OperatorsService>('operators');

export interface AvailabilityService {
  /** Marks the operator as seen now, with the status he has. */
  touch(operatorId: number): Promise<void>;
  setAway(operatorId: number, away: boolean): Promise<void>;
  /** Seen within `online_timeout`, available or away. */
  isOnline(operatorId: number): Promise<boolean>;
  /** Somebody with status available was seen within `online_timeout`. */
  hasOnlineOperators(): Promise<boolean>;
  /** Operators that are online now. */
  online(): Promise<readonly { readonly operator: Operator; readonly away: boolean }[]>;
  /** Ends presence at once (log-out). */
  gone(operatorId: number): Promise<void>;
}
/** @example if (!(await ctx.use.availability.hasOnlineOperators())) … */
export const availability = defineService<AvailabilityService>('operators.availability');
/** Somebody came online, went away or left: who is available may have changed. */
export const availabilityChanged = defineHook.notify<[{ readonly operatorId: number }]>('operators.availability.changed');

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

/** Contributes permissions; the core ones are `admin takeover viewthreads modifyprofile statistics`. */
export const permissions = definePoint<readonly { readonly name: string; readonly label: string }[]>('operators.permissions', { required: true });

/** Hooks for `operatorCreate`, `operatorUpdate`, `operatorDelete` of the original. */
export const operatorCreated = defineHook.notify<[{ readonly operator: Operator }]>('operators.operator.created');
export const operatorUpdated = defineHook.notify<[{ readonly operator: Operator; readonly original: Operator }]>('operators.operator.updated');
export const operatorDeleted = defineHook.notify<[{ readonly id: number }]>('operators.operator.deleted');
export const operatorLoggedIn = defineHook.notify<[{ readonly operator: Operator; readonly sessionId: number }]>('operators.session.started');
/** A session ended: log-out, expiry, disabling, new password. Its sockets must go. */
export const operatorLoggedOut = defineHook.notify<[{ readonly operatorId: number; readonly sessionId: number }]>('operators.session.ended');
/** Lets a plugin log somebody in by other means; first operator returned wins. */
export const authenticate = defineHook.decide<[Context], Operator>('operators.authenticate');
