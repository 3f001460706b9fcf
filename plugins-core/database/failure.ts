/** Everything that this plugin reports: one sentence that says what happened and what to do. */
import { PluginError } from '../../kernel/errors.ts';

export type FailureCode =
  | 'DATABASE_URL_INVALID'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_NESTED'
  | 'DATABASE_TRANSACTION_OVER'
  | 'DATABASE_STUCK'
  | 'DATABASE_ROLLED_BACK'
  | 'DATABASE_CLOSED'
  | 'DATABASE_PARAM_INVALID'
  | 'MIGRATION_MISSING'
  | 'MIGRATION_CHANGED'
  | 'MIGRATION_UNKNOWN'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_LOCKED';

export function failure(code: FailureCode, reason: string, cause?: unknown): PluginError {
  return new PluginError(code, { plugin: 'database', reason, cause });
}

export const reasonOf = (error: unknown): string => (error instanceof Error && error.message) || String(error);
