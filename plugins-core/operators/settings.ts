import { defineSettings, field } from '../settings/api.ts';

export const operatorsSettings = defineSettings('operators', {
  online_timeout: field.number({ default: 30, min: 5, max: 3600, unit: 's' }),
  idle_timeout: field.number({ default: 0, min: 0, max: 480, unit: 'min' }),
  /** Bytes of a picture. */
  max_uploaded_file_size: field.number({ default: 100_000, min: 1_000, max: 10_000_000, unit: 'bytes' }),
});
