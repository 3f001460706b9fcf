import { expect, test } from 'vitest';
import { menuOf, sectionsOf } from '../menu.ts';

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

test('entries stand below their headings, daily work first and without one', () => {
  const items = [
    { label: 'settings', route: 'mailer.outbox', weight: 1, section: 'admin' as const },
    { label: 'queue', route: 'admin.dashboard', weight: 2 },
  ];
  const entries = menuOf(items, [], '/', { url: (route: string) => urls[route]! }, (key) => key);
  const sections = sectionsOf(entries, (key) => key);
  expect(sections.map(({ heading, entries: own }) => [heading, own.map(({ label }) => label)])).toEqual([
    [undefined, ['queue']],
    ['views.menu.admin', ['settings']],
  ]);
});
