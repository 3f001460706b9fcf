/** What a field accepts. */
import type { Field, SettingIssue } from './api.ts';

/** A value of a setting. */
export type SettingValue = string | number | boolean;
/** Why a value does not fit. */
export type Misfit = Omit<SettingIssue, 'key'>;

const longest = 10_000;

/** @returns why the value does not fit, or undefined when it does */
export function problemOf(field: Field, value: unknown): Misfit | undefined {
  switch (field.type) {
    case 'switch':
      return typeof value === 'boolean' ? undefined : { problem: 'switch', message: 'expected true or false' };
    case 'number': {
      const { min = -Infinity, max = Infinity } = field;
      if (typeof value !== 'number' || !Number.isFinite(value))
        return { problem: 'number', message: 'expected a number' };
      if (value < min) return { problem: 'min', message: `must be at least ${min}` };
      return value > max ? { problem: 'max', message: `must be at most ${max}` } : undefined;
    }
    case 'text': {
      const { maxLength = longest, multiline = false, pattern } = field;
      if (typeof value !== 'string') return { problem: 'text', message: 'expected text' };
      if (value.length > maxLength) return { problem: 'long', message: `must have at most ${maxLength} characters` };
      if (!multiline && /[\r\n]/.test(value)) return { problem: 'line', message: 'must be a single line' };
      return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(value)
        ? undefined
        : { problem: 'form', message: 'has the wrong form' };
    }
    default:
      return field.options.includes(value as string)
        ? undefined
        : { problem: 'option', message: `must be one of: ${field.options.join(', ')}` };
  }
}
