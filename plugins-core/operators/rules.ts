/** What an account must look like. */
import type { NewOperator, OperatorIssue } from './api.ts';

export const limits = { login: 64, name: 64, email: 254, password: { min: 8, max: 200 } } as const;

/** How names are compared: without regard to case. */
export const keyOf = (text: string): string => text.normalize('NFKC').toLowerCase();

/** An account, trimmed, with its defaults. */
export interface Account {
  readonly login: string;
  readonly name: string;
  readonly commonName: string;
  readonly email: string;
  readonly permissions: readonly string[];
}

export const accountOf = (input: NewOperator): Account => {
  const name = input.name.trim();
  return {
    login: input.login.trim(),
    name,
    commonName: input.commonName?.trim() || name,
    email: input.email.trim(),
    permissions: [...new Set(input.permissions)],
  };
};

const control = /\p{Cc}/u;

export function passwordIssues(password: string): OperatorIssue[] {
  const { length } = password;
  if (length === 0) return [{ field: 'password', code: 'required' }];
  if (length < limits.password.min) return [{ field: 'password', code: 'too_short' }];
  return length > limits.password.max ? [{ field: 'password', code: 'too_long' }] : [];
}

export function accountIssues({ login, name, commonName, email }: Account): OperatorIssue[] {
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
  return name === commonName ? issues.filter(({ field }) => field !== 'commonName') : issues;
}
