import { defineSettings, field } from '../settings/api.ts';

export const bansSettings = defineSettings('bans', {
  enableban: field.switch({ default: false }),
});
