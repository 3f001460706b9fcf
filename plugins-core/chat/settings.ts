import { isAddress } from '../mailer/api.ts';
import { defineSettings, field } from '../settings/api.ts';

/** What themes link to: an address of the web, or one of our own; `javascript:` and its like are neither. */
const address = '[hH][tT][tT][pP][sS]?:\\/\\/.*|(?![^\\/?#]*:).*';

export const chatSettings = defineSettings('chat', {
  title: field.text({ default: 'Your Company', maxLength: 255, section: 'company' }),
  hosturl: field.text({ default: 'https://mibew.org', maxLength: 255, pattern: address, section: 'company' }),
  logo: field.text({ default: '', maxLength: 255, pattern: address, section: 'company' }),
  email: field.text({
    default: '',
    maxLength: 254,
    section: 'company',
    check: (value) =>
      value === '' || isAddress(value) ? undefined : 'must be one e-mail address, such as name@example.com, or empty',
  }),
  chattitle: field.text({ default: 'Live Support', maxLength: 255, section: 'window' }),
  sendmessagekey: field.choice({ options: ['center', 'enter'], default: 'center', section: 'window' }),
  usercanchangename: field.switch({ default: true, section: 'window' }),
  max_connections_from_one_host: field.number({ default: 10, min: 0, max: 100_000, section: 'limits' }),
  thread_lifetime: field.number({ default: 600, min: 0, max: 31_536_000, unit: 's', section: 'patience' }),
  connection_timeout: field.number({ default: 30, min: 5, max: 3600, unit: 's', section: 'patience' }),
  /** How much longer a silent visitor may come back before his operator is told that he is gone: phones sleep and change networks. */
  disconnect_grace: field.number({ default: 30, min: 0, max: 3600, unit: 's', section: 'patience' }),
  updatefrequency_chat: field.number({ default: 2, min: 1, max: 60, unit: 's', section: 'patience' }),
  message_max_length: field.number({ default: 4000, min: 1, max: 60_000, section: 'limits' }),
  /** Messages per second that one sender may keep up; a burst is ten times that. 0 is no limit. */
  message_rate: field.number({ default: 20, min: 0, max: 100_000, section: 'limits' }),
  /** Conversations per minute that may be begun from one address, all at once or spread; twice as many unknown visitors may come. 0 is no limit. */
  start_rate: field.number({ default: 600, min: 0, max: 100_000, section: 'limits' }),
});
