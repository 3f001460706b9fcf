#!/usr/bin/env node
// Builds what is needed: compiles the sources where a compiler is installed (a checkout); an installed package is built already.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const config = fileURLToPath(new URL('../../tsconfig.build.json', import.meta.url));
const built = fileURLToPath(new URL('../../dist/kernel/cli.js', import.meta.url));

if (existsSync(compiler) && existsSync(config)) {
  const { status } = spawnSync(process.execPath, [compiler, '-b', config], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
} else if (!existsSync(built)) {
  process.stderr.write(
    'Nothing is built and no compiler is installed: run "npm ci" (with development packages) first.\n',
  );
  process.exit(2);
}
