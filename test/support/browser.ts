/** The system's Chromium under playwright. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const candidates = [
  process.env['MIBEW_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Path of a Chromium on this machine; undefined: journeys are skipped (in CI that is a failure). */
export const chromiumPath = candidates.find((path): path is string => path !== undefined && existsSync(path));

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium without its own traffic to the outside; `more` are further switches. */
export const launchBrowser = (...more: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath, args: [...switches, ...more] });

/** The same, but as people have it: the page before is kept, and the back button shows it as it was left. */
export const launchBrowserThatKeepsPages = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: switches,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
