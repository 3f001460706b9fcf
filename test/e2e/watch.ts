/** Listens to all that goes wrong in a browser context, so that a journey can say: nothing did. */
import type { BrowserContext } from 'playwright-core';
import { expect } from 'vitest';

export interface Watch {
  /** What went wrong so far and was not to be expected. */
  readonly problems: readonly string[];
  /** Reports against a policy, from all documents; they are problems, too. */
  readonly violations: readonly string[];
  /** From now on, what matches is no problem. */
  expecting(pattern: RegExp): void;
  /** Fails with the list when there is one. */
  calm(): void;
}

/** Requests that a reload or a closed page gives up. */
const given = /net::ERR_ABORTED/;

export async function watch(context: BrowserContext, ...expected: RegExp[]): Promise<Watch> {
  const problems: string[] = [];
  const violations: string[] = [];
  const note = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) problems.push(text);
  };
  context.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => note(`page error: ${error.error().stack ?? error.error().message}`));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (!given.test(why)) note(`request failed: ${request.method()} ${request.url()} ${why}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) note(`answer ${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  await context.exposeBinding('mibewViolation', (_, text: string) => {
    violations.push(text);
    note(`policy: ${text}`);
  });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { mibewViolation } = window as unknown as { mibewViolation: (text: string) => void };
      const { effectiveDirective, blockedURI, documentURI, sourceFile, lineNumber } = event;
      mibewViolation(`${effectiveDirective} ${blockedURI} in ${documentURI} by ${sourceFile}:${lineNumber}`);
    });
  });
  return {
    problems,
    violations,
    expecting: (pattern) => void expected.push(pattern),
    calm: () => expect(problems).toEqual([]),
  };
}
