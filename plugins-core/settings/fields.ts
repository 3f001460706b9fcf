/** What a field accepts. */
import type { Field } from './api.ts';

/** A value of a setting. */
export type SettingValue = string | number | boolean;

const longest = 10_000;

/** @returns why the value does not fit, or undefined when it does */
export function problemOf(field: Field, value: unknown): string | undefined {
  switch (field.type) {
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'expected true or false';
    case 'number': {
      const { min = -Infinity, max = Infinity } = field;
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'expected a number';
      if (value < min) return `must be at least ${min}`;
      return value > max ? `must be at most ${max}` : undefined;
    }
    case 'text': {
      const { maxLength = longest, multiline = false, pattern } = field;
      if (typeof value !== 'string') return 'expected text';
      if (value.length > maxLength) return `must have at most ${maxLength} characters`;
      if (!multiline && /[\r\n]/.test(value)) return 'must be a single line';
      return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(value)
        ? undefined
        : 'has the wrong form';
    }
    default:
      return field.options.includes(value as string) ? undefined : `must be one of: ${field.options.join(', ')}`;
  }
}
