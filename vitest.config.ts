import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const mariadb = at('test/setup/mariadb.ts');

export default defineConfig({
  resolve: {
    alias: [
      { find: /^mibew\/kernel$/, replacement: at('kernel/index.ts') },
      { find: /^mibew\/tokens$/, replacement: at('kernel/tokens.ts') },
      { find: /^mibew\/testing$/, replacement: at('kernel/testing.ts') },
      { find: /^mibew\/client$/, replacement: at('plugins-core/client/client/index.ts') },
      { find: /^mibew\/plugins\/([\w-]+)$/, replacement: `${at('plugins-core')}/$1/api.ts` },
    ],
  },
  test: {
    include: ['{kernel,plugins-core,plugins-contrib,widget,themes,test}/**/*.test.ts'],
    globalSetup: existsSync(mariadb) ? [mariadb] : [],
    reporters: ['default', at('test/setup/reporter.ts')],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
