/** The ticket of an invitation: whoever has it may look at the conversation, and is the one who was invited. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 bits. */
const length = 16;

/** What is stored: without the server's secret nobody makes a ticket of it. */
export const makeSeed = (): string => randomBytes(length).toString('base64url');

/** 22 characters of base64url, the same each time: an invitation may be shown in several windows, by several nodes. */
export const ticketOf = (secret: string, threadId: number, seed: string): string =>
  createHmac('sha256', secret)
    .update(`invitation.ticket\n${threadId}\n${seed}`)
    .digest()
    .subarray(0, length)
    .toString('base64url');

/** In constant time. */
export function isTicket(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
