import { defineSettings, field } from 'mibew/plugins/settings';

/** The settings plugin draws the form and keeps the values; texts are `settings.<key>` in locales/en.json. */
export const helloSettings = defineSettings('hello', {
  hello_enabled: field.switch({ default: true }),
  hello_name: field.text({ default: 'Mibew', maxLength: 40 }),
});
