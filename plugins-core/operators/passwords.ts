/** Passwords: argon2id, 19 MiB, two passes. Never called inside a transaction. */
import { hash, verify } from '@node-rs/argon2';

/** Argon2id is the library's default; its enum exists at compile time only. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** With no hash at hand it costs the same and is false: the time tells nobody which names exist. */
  matches(passwordHash: string | undefined, password: string): Promise<boolean>;
}

export function createPasswords(argon: { hash: typeof hash; verify: typeof verify } = { hash, verify }): Passwords {
  let nobody: Promise<string> | undefined;
  return {
    hash: (password) => argon.hash(password, cost),
    async matches(passwordHash, password) {
      const known = passwordHash ?? (await (nobody ??= argon.hash('nobody has this password', cost)));
      const matched = await argon.verify(known, password);
      return matched && passwordHash !== undefined;
    },
  };
}
