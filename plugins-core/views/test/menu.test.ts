import { expect, test } from 'vitest';
import { menuOf } from '../menu.ts';

const urls: Record<string, string> = {
  'admin.dashboard': '/chat/operator',
  'mailer.outbox': '/chat/operator/mail',
};
const currentOn = (path: string) =>
  menuOf(
    Object.keys(urls).map((route, weight) => ({ label: route, route, weight })),
    [],
    path,
    { url: (route: string) => urls[route]! },
    (key) => key,
  )
    .filter(({ current }) => current)
    .map(({ label }) => label);

test('the nearest entry above a page is the current one', () => {
  expect(currentOn('/chat/operator/mail')).toEqual(['mailer.outbox']);
  expect(currentOn('/chat/operator/mail/waiting')).toEqual(['mailer.outbox']);
  expect(currentOn('/chat/operator/mailbox')).toEqual([]);
});

test('the dashboard is the current one on its own address alone', () => {
  expect(currentOn('/chat/operator')).toEqual(['admin.dashboard']);
  expect(currentOn('/chat/operator/profile')).toEqual([]);
});
