import { defineSettings, field } from '../settings/api.ts';

export const leaveMessageSettings = defineSettings('leave-message', {
  /** Visitors who leave a message prove that they are no machine; needs the plugin captcha. */
  enablecaptcha: field.switch({ default: false }),
  /** Language of the mails about left messages; empty: the language of the house. */
  left_messages_locale: field.text({ default: '', maxLength: 8, pattern: '|[A-Za-z]{2,3}([_\\-][A-Za-z0-9]{2,4})?' }),
});
