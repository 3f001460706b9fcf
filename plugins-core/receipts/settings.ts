import { defineSettings, field } from '../settings/api.ts';

export const receiptsSettings = defineSettings('receipts', {
  /** Whoever writes sees whether it was delivered and read. */
  receipts_enabled: field.switch({ default: true }),
  /** Operators see what a visitor has read; without, what was delivered to him. */
  receipts_visitors: field.switch({ default: true }),
  /** Visitors see what an operator has read; without, what was delivered to him. */
  receipts_operators: field.switch({ default: true }),
});
