import { defineSettings, field } from '../settings/api.ts';

export const adminSettings = defineSettings('admin', {
  /** Lines of the log of changes are forgotten after so many days. 0 keeps them for ever. */
  change_log_days: field.number({ default: 365, min: 0, max: 3650, unit: 'd', section: 'log' }),
});
