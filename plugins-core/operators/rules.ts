/** What an account must look like. */
import type { NewOperator, OperatorChanges, OperatorIssue } from './api.ts';

export const limits = { login: 64, name: 64, email: 254, code: 64, password: { min: 8, max: 200 } } as const;

/** How names are compared: without regard to case. */
export const keyOf = (text: string): string => text.normalize('NFKC').toLowerCase();

/** An account, trimmed, with its defaults. */
export interface Account {
  readonly login: string;
  readonly name: string;
  readonly commonName: string;
  readonly email: string;
  readonly permissions: readonly string[];
  readonly code: string;
}

export const accountOf = (input: NewOperator): Account => {
  const name = input.name.trim();
  return {
    login: input.login.trim(),
    name,
    commonName: input.commonName?.trim() || name,
    email: input.email.trim(),
    permissions: [...new Set(input.permissions)],
    code: input.code?.trim() ?? '',
  };
};

/** What an account becomes by a change. */
export function changedAccount(before: Account, { name, commonName, email, code }: OperatorChanges): Account {
  const called = name?.trim() ?? before.name;
  // Whoever has one name for everybody keeps it so.
  const common = commonName ?? (before.commonName === before.name ? '' : before.commonName);
  return {
    ...before,
    name: called,
    commonName: common.trim() || called,
    email: email?.trim() ?? before.email,
    code: code?.trim() ?? before.code,
  };
}

const control = /\p{Cc}/u;

export function passwordIssues(password: string): OperatorIssue[] {
  const { length } = password;
  if (length === 0) return [{ field: 'password', code: 'required' }];
  if (length < limits.password.min) return [{ field: 'password', code: 'too_short' }];
  return length > limits.password.max ? [{ field: 'password', code: 'too_long' }] : [];
}

export function accountIssues({ login, name, commonName, email, code }: Account): OperatorIssue[] {
  const issues: OperatorIssue[] = [];
  const check = (field: OperatorIssue['field'], value: string, max: number, pattern?: RegExp) => {
    if (value === '') issues.push({ field, code: 'required' });
    else if (value.length > max) issues.push({ field, code: 'too_long' });
    else if (control.test(value) || (pattern && !pattern.test(value))) issues.push({ field, code: 'invalid' });
  };
  check('login', login, limits.login, /^[\w.]+$/);
  check('name', name, limits.name);
  check('commonName', commonName, limits.name);
  check('email', email, limits.email, /^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+$/);
  // Its key is stored as well, and one character may be many when it is written out.
  if (keyOf(email).length > limits.email && email.length <= limits.email)
    issues.push({ field: 'email', code: 'too_long' });
  if (code !== '') check('code', code, limits.code, /^\w+$/);
  return name === commonName ? issues.filter(({ field }) => field !== 'commonName') : issues;
}

/** Login, e-mail and code belong to one operator only. @param others everybody else */
export function takenIssues(
  { login, email, code }: Account,
  others: readonly Pick<Account, 'login' | 'email' | 'code'>[],
) {
  const taken = (field: 'login' | 'email' | 'code', value: string): OperatorIssue[] =>
    value !== '' && others.some((other) => keyOf(other[field]) === keyOf(value)) ? [{ field, code: 'taken' }] : [];
  return [...taken('login', login), ...taken('email', email), ...taken('code', code)];
}
