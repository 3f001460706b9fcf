import { defineSettings, field } from '../settings/api.ts';

export const operatorsSettings = defineSettings('operators', {
  online_timeout: field.number({ default: 30, min: 5, max: 3600, unit: 's' }),
});
