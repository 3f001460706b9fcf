import { describe, expect, it } from 'vitest';
import { isOpen } from '../../../widget/hours.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { settings } from '../../settings/api.ts';

const zone = 'Europe/Berlin';
const at = (text: string) => new Date(`${text}+01:00`);

describe('opening hours', () => {
  it('are days and times, in the time of the house', () => {
    const hours = 'Mo-Fr 09:00-12:30,13:30-18:00; Sa 10:00-14:00';
    const open = (time: string) => isOpen({ hours, zone }, at(time));
    // 2026-01-16 is a Friday.
    expect(open('2026-01-16T08:59')).toBe(false);
    expect(open('2026-01-16T09:00')).toBe(true);
    expect(open('2026-01-16T12:29')).toBe(true);
    expect(open('2026-01-16T12:30')).toBe(false);
    expect(open('2026-01-16T17:59')).toBe(true);
    expect(open('2026-01-17T13:59')).toBe(true);
    expect(open('2026-01-17T14:00')).toBe(false);
    expect(open('2026-01-18T11:00')).toBe(false);
    expect(isOpen({ hours, zone: 'Asia/Tokyo' }, at('2026-01-16T08:59'))).toBe(true);
  });

  it('may end on the next day, go over the end of the week, and name single days', () => {
    const night = { hours: 'Fr 22:00-02:00', zone };
    expect(isOpen(night, at('2026-01-16T23:00'))).toBe(true);
    expect(isOpen(night, at('2026-01-17T01:59'))).toBe(true);
    expect(isOpen(night, at('2026-01-17T02:00'))).toBe(false);
    expect(isOpen(night, at('2026-01-16T01:00'))).toBe(false);
    expect(isOpen({ hours: 'Sa-Mo 00:00-24:00', zone }, at('2026-01-18T12:00'))).toBe(true);
    expect(isOpen({ hours: 'Sa-Mo 00:00-24:00', zone }, at('2026-01-20T12:00'))).toBe(false);
    expect(isOpen({ hours: 'Mo,We,Fr 08:00-09:00', zone }, at('2026-01-14T08:30'))).toBe(true);
    expect(isOpen({ hours: 'Mo,We,Fr 08:00-09:00', zone }, at('2026-01-15T08:30'))).toBe(false);
  });

  it('send nobody away for a mistake in writing', () => {
    for (const hours of ['', 'always', 'Mo-Fr', '9-5'])
      expect(isOpen({ hours }, at('2026-01-18T03:00')), hours).toBe(true);
    expect(isOpen({ hours: 'Mo 09:00-10:00', zone: 'Nowhere/Town' }, at('2026-01-18T03:00'))).toBe(true);
  });
});

describe('settings of the launcher', () => {
  it('are told to pages, as far as they say something', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const told = async () => {
      const source = await (await t.request('/mibew.js')).text();
      return JSON.parse(/"options":(\{.*?\}),"parts"/.exec(source)?.[1] ?? '') as unknown;
    };
    expect(await told()).toEqual({});
    const service = t.service(settings);
    await service.change(
      {
        launcher_position: 'start',
        launcher_color: '#123456',
        launcher_label: 'Ask </script> us',
        launcher_hours: 'Mo-Fr 09:00-17:00',
        launcher_zone: 'Europe/Berlin',
        launcher_closed: 'hide',
      },
      'test',
    );
    expect(await told()).toEqual({
      position: 'start',
      color: '#123456',
      label: 'Ask </script> us',
      hours: 'Mo-Fr 09:00-17:00',
      zone: 'Europe/Berlin',
      closed: 'hide',
    });
  });

  it('are refused where no launcher could read them', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const service = t.service(settings);
    for (const wrong of [
      { launcher_hours: 'Mo-Fr 9-5' },
      { launcher_hours: 'Mo-Fr 09:00-25:00' },
      { launcher_hours: 'Monday 09:00-17:00' },
      { launcher_zone: 'Berlin' },
      { launcher_color: 'red; }' },
      { launcher_image: 'javascript:alert(1)' },
      { launcher_position: 'left' },
    ])
      await expect(service.change(wrong, 'test'), JSON.stringify(wrong)).rejects.toMatchObject({
        code: 'SETTING_INVALID',
      });
  });
});
