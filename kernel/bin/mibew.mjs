#!/usr/bin/env node
// The command line: built code where it exists, else the sources through tsx (a checkout in development).
import { existsSync } from 'node:fs';

const built = new URL('../../dist/kernel/cli.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('../cli.ts', import.meta.url).href);
}
