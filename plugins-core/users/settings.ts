import { defineSettings, field } from '../settings/api.ts';

export const usersSettings = defineSettings('users', {
  usernamepattern: field.text({ default: '{name}', maxLength: 64 }),
  updatefrequency_operator: field.number({ default: 2, min: 1, max: 60, unit: 's' }),
  showonlineoperators: field.switch({ default: false }),
  enablepopupnotification: field.switch({ default: false }),
});
