import { defineSettings, field } from '../settings/api.ts';

export const leaveMessageSettings = defineSettings('leave-message', {
  /** Visitors who leave a message prove that they are no machine; needs the plugin captcha. */
  enablecaptcha: field.switch({ default: false }),
  /** Language of the mails about left messages; empty: the language of the house. */
  left_messages_locale: field.text({
    default: '',
    maxLength: 8,
    check: (value, { languages }) =>
      value === '' || languages.includes(value) ? undefined : `must be empty or one of: ${languages.join(', ')}`,
  }),
  /** Messages per ten minutes that may be left from one address, all at once or spread. 0 is no limit. */
  leave_rate: field.number({ default: 30, min: 0, max: 100_000 }),
});
