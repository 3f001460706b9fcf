import { defineSettings, field } from '../settings/api.ts';

export const invitationSettings = defineSettings('invitation', {
  /** Seconds after which an invitation that nobody answered is taken back. */
  invitation_lifetime: field.number({ default: 60, min: 10, max: 86_400, unit: 's' }),
  /** Looks of the invitation: a theme's style sheet may tell several apart. */
  invitation_style: field.text({ default: 'default', maxLength: 40, pattern: '[A-Za-z0-9_-]+', page: 'features' }),
  /** Pages play a sound when an invitation appears, unless they asked for silence. */
  invitation_sound: field.switch({ default: true }),
});
