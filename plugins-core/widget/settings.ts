/** How the launcher looks and when it is there, on pages that say nothing else. */
import type { LauncherOptions } from '../../widget/api.ts';
import { defineSettings, field, type Values } from '../settings/api.ts';

const day = '(Mo|Tu|We|Th|Fr|Sa|Su)';
const days = `${day}(-${day})?(,${day}(-${day})?)*`;
const time = '([01]\\d|2[0-3]):[0-5]\\d';
const times = `${time}-(${time}|24:00)(,${time}-(${time}|24:00))*`;
/** `Mo-Fr 09:00-12:30,13:30-18:00; Sa 10:00-14:00`; what the launcher would read otherwise is refused here. */
const hoursShape = new RegExp(`^${days} ${times}(; ?${days} ${times})*$`);

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const widgetSettings = defineSettings('widget', {
  launcher_position: field.choice({ options: ['end', 'start'], default: 'end', page: 'common' }),
  launcher_color: field.text({
    default: '',
    maxLength: 9,
    check: (value) => (/^(#([\da-f]{3}){1,2})?$/i.test(value) ? undefined : 'must be a colour such as #4250db'),
  }),
  launcher_label: field.text({ default: '', maxLength: 40 }),
  launcher_image: field.text({
    default: '',
    maxLength: 1024,
    check: (value) =>
      value === '' || /^(https?:\/\/|\/)\S+$/.test(value)
        ? undefined
        : 'must be an address such as https://example.com/us.png',
  }),
  launcher_hours: field.text({
    default: '',
    maxLength: 255,
    check: (value) =>
      value === '' || hoursShape.test(value) ? undefined : 'must be hours such as Mo-Fr 09:00-18:00; Sa 10:00-14:00',
  }),
  launcher_zone: field.text({
    default: '',
    maxLength: 64,
    check: (value) => (value === '' || isZone(value) ? undefined : 'must be a time zone such as Europe/Berlin'),
  }),
  launcher_closed: field.choice({ options: ['say', 'hide'], default: 'say', page: 'common' }),
});

/** What of it the launcher is told: nothing that it would do anyway. */
export function optionsOf(values: Values<typeof widgetSettings>): LauncherOptions {
  const { launcher_hours: hours } = values;
  return {
    ...(values.launcher_position === 'start' && { position: 'start' }),
    ...(values.launcher_color && { color: values.launcher_color }),
    ...(values.launcher_label && { label: values.launcher_label }),
    ...(values.launcher_image && { image: values.launcher_image }),
    ...(hours && { hours, zone: values.launcher_zone || Intl.DateTimeFormat().resolvedOptions().timeZone }),
    ...(hours && values.launcher_closed === 'hide' && { closed: 'hide' }),
  };
}
