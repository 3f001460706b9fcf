import { describe, expect, it } from 'vitest';
import { breach, importsOf, sources } from './boundaries.ts';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the walls of the house', () => {
  it('hold in the whole tree', async () => {
    const breaches = (await importsOf(root, sources(root))).filter(breach);
    expect(breaches).toEqual([]);
  });

  it.each([
    ['kernel/http.ts', 'plugins-core/chat/api.ts'],
    ['plugins-core/users/queue.ts', 'plugins-core/chat/threads.ts'],
    ['plugins-core/chat/api.ts', 'kernel/plugin.ts'],
    ['plugins-core/chat/api.ts', 'drizzle-orm'],
    ['widget/launcher.ts', 'plugins-core/client/client/index.ts'],
    ['widget/launcher.ts', 'handlebars'],
    ['plugins-contrib/hello/plugin.ts', 'kernel/index.ts'],
  ])('refuse that %s imports %s', (file, target) => {
    expect(breach({ file, target })).toBeTypeOf('string');
  });

  it.each([
    ['kernel/http.ts', 'hono'],
    ['plugins-core/users/queue.ts', 'plugins-core/chat/api.ts'],
    ['plugins-core/users/client/app.ts', 'plugins-core/client/client/index.ts'],
    ['plugins-core/chat/api.ts', 'kernel/tokens.ts'],
    ['plugins-core/chat/test/posts.test.ts', 'plugins-core/database/testing.ts'],
    ['plugins-contrib/hello/plugin.ts', 'mibew/kernel'],
  ])('let %s import %s', (file, target) => {
    expect(breach({ file, target })).toBeUndefined();
  });
});
