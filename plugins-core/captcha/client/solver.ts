/** The work itself: in slices, so that the page stays quick, and without `crypto.subtle`, which plain http does not have. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { CaptchaChallenge } from '../api.ts';

/** Milliseconds of work between two breaths of the page; a sixtieth of a second has sixteen. */
const slice = 8;
/** Tries between two looks at the clock. */
const batch = 64;

/** Lets the page do what waits. Not a timer: in a tab that is not seen those wait a second each. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const isSame = (one: Uint8Array, other: Uint8Array) => one.every((byte, index) => byte === other[index]);

/** @returns the number that was looked for, or undefined when there is none, or when `stopped` said so */
export async function solve(
  { challenge, salt, maxnumber = 1_000_000 }: CaptchaChallenge,
  stopped: () => boolean = () => false,
): Promise<number | undefined> {
  const encoder = new TextEncoder();
  const target = fromHex(challenge);
  // The salt is hashed once; each try goes on from there.
  const begun = sha256.create().update(encoder.encode(salt));
  let until = performance.now() + slice;
  for (let number = 0; number <= maxnumber; number++) {
    if (
      isSame(
        begun
          .clone()
          .update(encoder.encode(String(number)))
          .digest(),
        target,
      )
    )
      return number;
    if (number % batch !== 0 || performance.now() < until) continue;
    await breathe();
    if (stopped()) return undefined;
    until = performance.now() + slice;
  }
  return undefined;
}

/** What is sent: as ALTCHA's widget does it. All of it is ASCII. */
export function payloadOf({ algorithm, challenge, salt, signature }: CaptchaChallenge, number: number): string {
  return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
}
