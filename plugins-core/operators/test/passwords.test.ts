import { expect, it } from 'vitest';
import { createPasswords } from '../passwords.ts';
import { countingArgon } from './world.ts';

it('hashes with argon2id, 19 MiB and two passes, and knows the password again', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.matches(hash, 'correct horse')).toBe(true);
  expect(await passwords.matches(hash, 'correct hors')).toBe(false);
});

it('makes a guess at an unknown name cost what a guess at a known one costs', async () => {
  const argon = countingArgon();
  const passwords = createPasswords(argon);
  expect(await passwords.matches(undefined, 'nobody has this password')).toBe(false);
  expect(argon.calls).toEqual({ hash: 1, verify: 1 });
  for (const hash of [undefined, 'hash of it', undefined]) await passwords.matches(hash, 'wrong');
  expect(argon.calls).toEqual({ hash: 1, verify: 4 });
});
