import { defineSettings, field } from '../settings/api.ts';

export const transcriptSettings = defineSettings('transcript', {
  /** Visitors have their conversation mailed to them; needs the plugin mailer and a mail server. */
  usercansendemail: field.switch({ default: true }),
  /** Whoever wants a mail proves that he is no machine; needs the plugin captcha. */
  enableemailcaptcha: field.switch({ default: false }),
  /** Visitors save their conversation as a file. */
  usercandownload: field.switch({ default: true }),
});
