/** Issues of a form as texts beside its fields. */
import type { Context } from 'hono';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorIssue } from '../operators/api.ts';

export type Texts = Pick<LocalesService, 'of' | 'text'>;

/** Issues whose text speaks of the field, not in general. */
const own = new Set([
  'login.invalid',
  'login.taken',
  'email.invalid',
  'email.taken',
  'password.too_short',
  'password.too_long',
]);

export function errorsOf(
  texts: Texts,
  context: Context,
  issues: readonly OperatorIssue[],
): Readonly<Record<string, string>> {
  const locale = texts.of(context);
  return Object.fromEntries(
    issues.map(({ field, code }) => {
      const key = own.has(`${field}.${code}`) ? `${field}.${code}` : code;
      return [field, texts.text(locale, `operators.issue.${key}`)];
    }),
  );
}
