/** The board of the workspace: who is on the site, and who is invited. */
import type { Page } from 'playwright-core';
import { patience, type Person } from './people.ts';

const soon = { timeout: patience };

export const toBoard = ({ page }: Person) => page.getByRole('tab', { name: /^Visitors on the site/ }).click();

export const toQueue = ({ page }: Person) => page.getByRole('tab', { name: /^Queue/ }).click();

/** The visitor's row; by his name, his page, or anything else that stands in it. */
export const onBoard = ({ page }: Person, text: string | RegExp) =>
  page.locator('[data-visitor]:visible').filter({ hasText: text });

/** What is shown of the visitor who was chosen last. */
export const cardOf = ({ page }: Person) => page.locator('.mb-visitor');

/** Titles of the pages on the card, the newest first. */
export const pathOf = (operator: Person): Promise<string[]> =>
  cardOf(operator).locator('.mb-track__step a').allTextContents();

/** Invites from the card, which stays open. */
export async function invite(operator: Person, name: string, greeting: string): Promise<void> {
  await onBoard(operator, name).click();
  await cardOf(operator).getByRole('heading', { name: 'Path on the site' }).waitFor(soon);
  await cardOf(operator).getByRole('textbox', { name: 'First message' }).fill(greeting);
  await cardOf(operator).getByRole('button', { name: 'Invite to a conversation' }).click();
  await operator.page.locator('[data-visitors-section=invited]').getByText(name).waitFor(soon);
}

/** Calls a function of the page's `Mibew` as code of the page does that need not wait for the launcher. */
export const tell = (page: Page, ...call: readonly [name: string, ...args: unknown[]]): Promise<void> =>
  page.evaluate((one) => {
    const holder = window as unknown as { Mibew?: unknown[] };
    (holder.Mibew ||= []).push(one);
  }, call as unknown);
