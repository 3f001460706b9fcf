import { defineSettings, field } from '../settings/api.ts';

export const surveySettings = defineSettings('survey', {
  /** Visitors are asked something before a chat begins. */
  enablepresurvey: field.switch({ default: true }),
  /** They are asked for their e-mail address. */
  surveyaskmail: field.switch({ default: false }),
  /** They choose a group, while groups are switched on. */
  surveyaskgroup: field.switch({ default: true }),
  /** They write their question before the chat begins. */
  surveyaskmessage: field.switch({ default: false }),
  /** They agree to the privacy policy before they chat or leave a message. */
  enableprivacypolicy: field.switch({ default: false }),
  /** Address of the privacy policy. Empty: there is none to agree to. */
  privacypolicy: field.text({ default: '', maxLength: 255, pattern: '(https?://\\S+)?', page: 'features' }),
});
