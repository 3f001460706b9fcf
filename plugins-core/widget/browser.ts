/** What a browser says about whom it belongs to and what it wants not to be done. */
import { sessionCookie, type OperatorsService } from '../operators/api.ts';
import type { CallerRequest } from '../rpc/api.ts';

type Heard = Pick<CallerRequest, 'header'>;

/** Value of a cookie as it was sent, whoever had it sent; undefined when there is none. */
export function sentCookie(request: Heard, name: string): string | undefined {
  const line = request.header('cookie');
  if (line === undefined) return undefined;
  const start = `; ${line}`.indexOf(`; ${name}=`);
  if (start < 0) return undefined;
  const from = start + name.length + 1;
  const end = line.indexOf(';', from);
  return line.slice(from, end < 0 ? undefined : end);
}

/** Do Not Track or Global Privacy Control. */
export const declines = (request: Heard): boolean => request.header('sec-gpc') === '1' || request.header('dnt') === '1';

/**
 * Is it an operator's own? Of all that his cookie could do it does this alone, so it counts on sockets and scripts, which tell no
 * trustworthy origin, as well.
 */
export function operatorCookie(request: CallerRequest): string | undefined {
  const posted = request.carrier !== 'socket' && request.header('origin') !== undefined;
  return posted ? request.cookie(sessionCookie) : sentCookie(request, sessionCookie);
}

export const isOperators = async (
  operators: Pick<OperatorsService, 'session'>,
  request: CallerRequest,
): Promise<boolean> => {
  const cookie = operatorCookie(request);
  return cookie !== undefined && (await operators.session(cookie)) !== undefined;
};

const shape = /^[\w-]{43}$/;
/** The tracking secret; undefined for what is none. */
export const secretOf = (text: string | undefined): string | undefined =>
  text !== undefined && shape.test(text) ? text : undefined;
