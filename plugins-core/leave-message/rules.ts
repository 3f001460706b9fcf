/** What a left message must look like: the same for every way in. */
import { isAddress } from '../mailer/api.ts';
import { leaveMessageErrors } from './api.ts';

export const limits = { name: 64, email: 254, info: 1024 } as const;

/** What a visitor typed. */
export interface Typed {
  readonly name: string;
  readonly email: string;
  readonly message: string;
}
/** What is wrong with a field. Text: `leave-message.issue.<code>`. */
export interface Issue {
  readonly field: keyof Typed;
  readonly code: number;
  readonly name: string;
}

/** No NUL, no half characters, line breaks as everybody but forms writes them. */
export const plain = (text: string | null | undefined): string =>
  (text ?? '')
    .replaceAll('\r\n', '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\0', '')
    .trim();
/** The page and the one before it, as forms carry them: on two lines. */
export const joinPages = ({ url, referrer }: { readonly url?: string; readonly referrer?: string }): string =>
  [plain(url), plain(referrer)].join('\n').trim();
/** The way back. */
export function splitPages(text: string | null | undefined): { readonly url?: string; readonly referrer?: string } {
  const [url, referrer] = plain(text).split('\n');
  return { ...(url && { url }), ...(referrer && { referrer }) };
}
/** Of one line. */
const line = (text: string | null | undefined): string => plain(text).replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ');

export const typedOf = (given: { readonly [K in keyof Typed]?: string | null | undefined }): Typed => ({
  name: line(given.name),
  email: plain(given.email),
  message: plain(given.message),
});

const longer = (text: string, max: number) => text.length > max && Array.from(text).length > max;

/** In the order in which they are told: RPC spec section 7 puts the e-mail first. */
export function issuesOf({ name, email, message }: Typed, longest: number): Issue[] {
  const issues: Issue[] = [];
  const say = (field: Issue['field'], word: keyof typeof leaveMessageErrors, errorName: string) =>
    issues.push({ field, code: leaveMessageErrors[word], name: errorName });
  if (!isAddress(email)) say('email', 'wrongEmail', 'ERROR_WRONG_EMAIL');
  if (name === '') say('name', 'nameEmpty', 'NAME_EMPTY');
  else if (longer(name, limits.name)) say('name', 'nameTooLong', 'NAME_TOO_LONG');
  if (message === '') say('message', 'messageEmpty', 'MESSAGE_EMPTY');
  else if (longer(message, longest)) say('message', 'messageTooLong', 'MESSAGE_TOO_LONG');
  return issues;
}
