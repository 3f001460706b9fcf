import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { causeOf, causes, explain } from '../causes.ts';

const error = (fields: object) => Object.assign(new Error('words of the system'), fields);

describe('the cause of an error', () => {
  it.each([
    [{ code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'refused'],
    [{ code: 'ESOCKET', originalCode: 'EHOSTUNREACH' }, 'unreachable'],
    [{ code: 'EDNS', originalCode: 'ESERVFAIL' }, 'hostUnknown'],
    [{ code: 'EDNS', originalCode: 'EAI_AGAIN' }, 'hostUnknown'],
    [{ code: 'ESOCKET', originalCode: 'ETIMEDOUT' }, 'timeout'],
    [{ code: 'ETIMEDOUT' }, 'timeout'],
    [{ code: 'ESOCKET', originalCode: 'ECONNRESET' }, 'closed'],
    [{ code: 'ECONNECTION' }, 'closed'],
    [{ code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }, 'certificate'],
    [{ code: 'ESOCKET', originalCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'certificate'],
    [{ code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'certificate'],
    [{ code: 'ESOCKET', originalCode: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'encryption'],
    [{ code: 'ETLS', responseCode: 502, command: 'STARTTLS' }, 'encryption'],
    [{ code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }, 'login'],
    [{ code: 'EAUTH', responseCode: 454, command: 'AUTH PLAIN' }, 'deferred'],
    [{ code: 'EENVELOPE', responseCode: 530, command: 'MAIL FROM' }, 'login'],
    [{ code: 'EPROTOCOL', responseCode: 554, command: 'CONN' }, 'turnedAway'],
    [{ code: 'ECONNECTION', responseCode: 421, command: 'CONN' }, 'deferred'],
    [{ code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' }, 'sender'],
    [{ code: 'EENVELOPE', responseCode: 552, command: 'MAIL FROM' }, 'tooLarge'],
    [{ code: 'EENVELOPE', responseCode: 552, command: 'RCPT TO' }, 'recipient'],
    [{ code: 'EMESSAGE', responseCode: 552, command: 'DATA' }, 'tooLarge'],
    [{ code: 'EMESSAGE', responseCode: 550, command: 'DATA' }, 'content'],
    [{ code: 'EMESSAGE', command: 'MAIL FROM' }, 'tooLarge'],
    [{ code: 'ESTREAM' }, 'other'],
    [{}, 'other'],
  ])('is found in %o: %s', (fields, cause) => expect(causeOf(error(fields))).toBe(cause));
});

describe('a failure in plain words', () => {
  const texts = JSON.parse(readFileSync(new URL('../locales/en.json', import.meta.url), 'utf8')) as Record<
    string,
    string
  >;
  const text = (key: string, { words = '' }: Readonly<Record<string, string>>) =>
    texts[key.replace('mailer.', '')]!.replace('{words}', words);

  it.each(causes.filter((cause) => cause !== 'other'))('has a sentence for "%s" and keeps the very words', (cause) => {
    const reason = '550 5.1.1 no such mailbox';
    const { plain, detail } = explain(text, { cause, reason });
    expect(plain).toMatch(/^[A-Z].*\S$/);
    expect(plain.includes(reason)).toBe(detail === undefined);
    expect(`${plain} ${detail ?? ''}`).toContain(reason);
  });

  it('is told in the words of the system where no sentence fits', () => {
    expect(explain(text, { cause: 'other', reason: 'EWHATEVER' })).toEqual({ plain: 'EWHATEVER' });
  });
});
