import { describe, expect, it } from 'vitest';
import { chatSettings } from '../../chat/api.ts';
import { settings } from '../../settings/api.ts';
import { settingCommands } from '../../settings/commands.ts';
import { leaveMessageSettings } from '../settings.ts';
import { createWorld } from './world.ts';

const wrongAddresses = ['not an address', 'one@x.org, two@x.org', 'One <one@x.org>', 'one@x', ' one@x.org'];

describe('the address that left messages are mailed to', () => {
  it.each(wrongAddresses)('is not %j, and the form says what it should be', async (email) => {
    await using world = await createWorld();
    const { browser } = await world.person('ann', ['admin']);
    const page = '/operator/settings?group=chat';
    const values = world.kernel.service(settings).of(chatSettings);
    const fields = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
    expect((await browser.submit(page, { ...fields, email: 'house@example.com' })).status).toBe(302);
    const refused = await browser.submit(page, { ...fields, email });
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('Write one e-mail address, such as name@example.com, or leave it empty.');
    expect(values.email).toBe('house@example.com');
  });

  it('is refused on the command line in the same words, and may be empty or international', async () => {
    await using world = await createWorld();
    const service = world.kernel.service(settings);
    const command = settingCommands(service).find(({ name }) => name === 'setting set')!;
    const set = async (value: string) => command.run({ args: { key: 'email', value }, print: () => {} } as never);
    for (const wrong of wrongAddresses)
      await expect(set(wrong), wrong).rejects.toMatchObject({
        code: 'COMMAND_INVALID',
        message: expect.stringContaining('email: must be one e-mail address'),
      });
    for (const right of ['house@example.com', 'post@bücher.example', '']) {
      await set(right);
      expect(service.of(chatSettings).email).toBe(right);
    }
  });
});

describe('the language of mails about left messages', () => {
  it('is one that there is, or none', async () => {
    await using world = await createWorld();
    const service = world.kernel.service(settings);
    for (const wrong of ['xx', 'EN', 'english', 'de'])
      await expect(service.change({ left_messages_locale: wrong }, 'test'), wrong).rejects.toMatchObject({
        issues: [
          {
            key: 'left_messages_locale',
            message: expect.stringMatching(/^must be empty or one of: (.+, )?en(, .+)?$/),
          },
        ],
      });
    for (const right of ['en', '']) {
      await service.change({ left_messages_locale: right }, 'test');
      expect(service.of(leaveMessageSettings).left_messages_locale).toBe(right);
    }
  });
});
