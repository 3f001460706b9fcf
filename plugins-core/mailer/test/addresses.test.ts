import { describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { shownAddress, wireAddress } from '../address.ts';
import { isAddress, mailer } from '../api.ts';
import { describeServer, mailboxFor, parseMailbox, parseServer } from '../server-address.ts';

describe('an address', () => {
  it.each([
    'ann@example.com',
    'ann.lee+tea@mail.example.co.uk',
    "o'neil_1@example.com",
    'ann@bücher.example',
    'ann@xn--bcher-kva.example',
    'ann@例え.テスト',
    'ann@пример.рф',
  ])('is %s', (address) => expect(isAddress(address)).toBe(true));

  it.each([
    '',
    'ann',
    '@example.com',
    'ann@',
    'ann@localhost',
    'ann@127.0.0.1',
    'ann@[127.0.0.1]',
    'ann@example..com',
    'ann@-a.example',
    'ann@exa mple.com',
    'ann@example.com.',
    '.ann@example.com',
    'a..n@example.com',
    'ann lee@example.com',
    'Ann <ann@example.com>',
    'ann@example.com, bob@example.com',
    'ann@example.com\r\nBcc: bob@example.com',
    'ann@example.com\n',
    'ann\0@example.com',
    'ann@exam%70le.com',
    'ann@example.com/path',
    'ann@example.com:25',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a'.repeat(64)}.example`,
    `ann@${'abcdefg.'.repeat(32)}example`,
  ])('is not %j', (address) => expect(isAddress(address)).toBe(false));

  it('goes over the wire in ASCII and is shown in its own letters, whichever way it was typed', () => {
    for (const typed of ['ann@Bücher.example', 'ann@xn--bcher-kva.example']) {
      expect(wireAddress(typed)).toBe('ann@xn--bcher-kva.example');
      expect(shownAddress(typed)).toBe('ann@bücher.example');
    }
  });
});

describe('the mail server', () => {
  it('is encrypted unless it is on this machine, or somebody decided otherwise', () => {
    expect(parseServer('smtp://ann:p%40ss@mail.example.com')).toEqual({
      host: 'mail.example.com',
      port: 587,
      encryption: 'tls',
      auth: { user: 'ann', pass: 'p@ss' },
    });
    expect(parseServer('smtps://mail.example.com')).toMatchObject({ port: 465, encryption: 'ssl' });
    expect(parseServer('smtp://localhost')).toEqual({ host: 'localhost', port: 25, encryption: 'none' });
    expect(parseServer('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, encryption: 'none' });
    expect(parseServer('smtp://mailhog:1025', 'none')).toMatchObject({ port: 1025, encryption: 'none' });
    expect(parseServer('smtp://mail.example.com', 'ssl')).toMatchObject({ port: 465, encryption: 'ssl' });
    expect(describeServer(parseServer('smtps://ann:secret@mail.example.com'))).toBe('smtps://mail.example.com:465');
  });

  it.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://a:b/c@mail.example.com',
    'smtp://a:100%@mail.example.com',
    'smtp://ann@mail.example.com',
    'smtp://:secret@mail.example.com',
    'smtp://mail.example.com:0',
    'smtp://mail.example.com:99999',
    'smtp://xn--a.example',
  ])('is not %s', (text) => expect(() => parseServer(text)).toThrow());
  it('is reached under the name that name servers know, however it was written', () => {
    for (const host of ['mail.bücher.example', 'mail.xn--bcher-kva.example'])
      expect(parseServer(`smtp://${host}`)).toMatchObject({ host: 'mail.xn--bcher-kva.example' });
    expect(parseServer('smtp://mail_server:1025')).toMatchObject({ host: 'mail_server' });
  });
  it('is not encrypted in two ways at once', () =>
    expect(() => parseServer('smtps://mail.example.com', 'none')).toThrow('smtps'));

  it('gives mails a sender where nobody named one', () => {
    const server = parseServer('smtp://help%40shop.example:x@mail.example.com');
    expect(mailboxFor(undefined, server)).toEqual({ name: '', address: 'help@shop.example' });
    expect(mailboxFor(undefined, undefined, 'chat.shop.example').address).toBe('mibew@chat.shop.example');
    expect(mailboxFor(undefined, parseServer('smtp://mail.example.com')).address).toBe('mibew@mail.example.com');
    expect(parseMailbox('"Tea, House" <tea@shop.example>')).toEqual({
      name: 'Tea, House',
      address: 'tea@shop.example',
    });
    for (const text of [
      'tea',
      'Tea <tea>',
      'Tea\r\nBcc: x@y.example <tea@shop.example>',
      '<a@b.example> <c@d.example>',
    ])
      expect(() => parseMailbox(text)).toThrow();
  });

  it.each([
    [{ MIBEW_SMTP: 'smtp://ann:secret@' }, 'MIBEW_SMTP'],
    [{ MIBEW_SMTP: 'imap://ann:secret@mail.example.com' }, 'MIBEW_SMTP'],
    [{ MIBEW_SMTP: 'imap://ann:secret@mail.example.com' }, 'must begin with smtp:// or smtps://'],
    [{ MIBEW_SMTP: 'mail.example.com' }, 'write smtp://user:password@host:587'],
    [{ MIBEW_SMTP: 'smtp://:secret@mail.example.com' }, 'MIBEW_SMTP'],
    [{ MIBEW_MAILBOX: 'Tea\r\nBcc: eve@shop.example <tea@shop.example>' }, 'MIBEW_MAILBOX'],
    [{ MIBEW_SMTP: 'smtps://ann:secret@mail.example.com', MIBEW_SMTP_ENCRYPTION: 'none' }, 'smtps'],
    [{ MIBEW_SMTP_ENCRYPTION: 'rot13' }, 'MIBEW_SMTP_ENCRYPTION'],
    [{ MIBEW_MAILBOX: 'nobody' }, 'MIBEW_MAILBOX'],
  ])('is told apart from nonsense at the start: %j', async (env, named) => {
    await using kernel = await createTestKernel({ plugins: ['mailer'], env, mayFail: true });
    const { status, problems } = kernel.report().plugins.find(({ id }) => id === 'mailer')!;
    expect(status).toBe('failed');
    expect(problems.map(({ code }) => code)).toEqual(['CONFIG_INVALID']);
    expect(JSON.stringify(problems)).toContain(named);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('need not be there at the start: mails wait for it', async () => {
    await using kernel = await createTestKernel({ plugins: ['mailer'], env: { MIBEW_SMTP: 'smtp://mail..invalid' } });
    expect(kernel.report().plugins.find(({ id }) => id === 'mailer')).toMatchObject({ status: 'active', problems: [] });
    const { id } = await kernel
      .service(mailer)
      .send({ template: 'test_mail', locale: 'en', to: 'eve@example.com', values: {} });
    expect(await kernel.service(mailer).state(id)).toBe('waiting');
  });
});
