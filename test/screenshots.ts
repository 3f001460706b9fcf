/**
 * Pictures of every state, for people who look: `npm run screenshots` writes them to docs/screenshots with a page that shows all.
 * Names of surfaces draw those alone. With a folder they go there, as PNG and in every look: `npm run screenshots -- /tmp/looks`.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { setStage } from './e2e/stage.ts';
import { looks, sections, walk, widths, type Look, type View } from './e2e/surfaces.ts';
import { launchBrowser } from './support/browser.ts';
import { root } from './support/server.ts';

const given = process.argv.slice(2);
const elsewhere = given.find((one) => one.includes('/'));
const names = given.filter((one) => one !== elsewhere);
const folder = elsewhere ?? join(root, 'docs/screenshots');

/** Shown in every look; the others in light alone, or the folder would be heavier than the product. */
const inEveryLook = new Set([
  'survey-errors',
  'leave',
  'chat-talking',
  'chat-over',
  'workspace-talking',
  'workspace-handover',
  'dashboard',
  'left-message',
  'group',
  'ratings',
  'board-visitor',
  'invitation',
]);
const looksOf = (name: string): readonly Look[] => (elsewhere || inEveryLook.has(name) ? looks : ['light']);
const fileOf = (name: string, { look, width }: View) =>
  `${name}-${width}${look === 'light' ? '' : `-${look}`}.${elsewhere ? 'png' : 'webp'}`;

/** Longer pages repeat themselves. */
const longest = 2400;

async function picture(page: Page, file: string, whole: boolean): Promise<void> {
  const path = join(folder, file);
  const { width, height } = page.viewportSize()!;
  const inside = whole ? await page.evaluate(() => document.documentElement.scrollHeight) : height;
  const clip = { x: 0, y: 0, width, height: Math.min(longest, Math.max(height, inside)) };
  if (elsewhere) {
    await page.screenshot({ path, animations: 'disabled', fullPage: whole, clip });
    return;
  }
  // Of the kinds that browsers make themselves the smallest; playwright knows only the others.
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 80,
    captureBeyondViewport: whole,
    clip: { ...clip, scale: 1 },
  });
  await devtools.detach();
  await writeFile(path, data, 'base64');
}

function index(): string {
  const lines = [
    '# Every state',
    '',
    'Written by `npm run screenshots`; the same walk is checked by `test/e2e/states.test.ts`.',
    '',
  ];
  for (const { title, surfaces } of sections) {
    lines.push(`## ${title}`, '');
    for (const { name, about } of surfaces) {
      lines.push(`### ${about}`, '');
      for (const look of looksOf(name)) {
        const shown = widths.map((width) => {
          const words = `${about}, ${look === 'rtl' ? 'right to left' : look}, ${width} px`;
          return `<img src="${fileOf(name, { look, width })}" alt="${words}" height="360">`;
        });
        lines.push(shown.join(' '), '');
      }
    }
  }
  return lines.join('\n');
}

await mkdir(folder, { recursive: true });
if (given.length === 0)
  for (const file of await readdir(folder)) if (file.endsWith('.webp')) await rm(join(folder, file));
const stage = await setStage();
const browser = await launchBrowser();
try {
  for (const { surfaces } of sections) {
    for (const surface of surfaces) {
      if (names.length > 0 && !names.includes(surface.name)) continue;
      const see = (page: Page, view: View) => picture(page, fileOf(surface.name, view), surface.long === true);
      await walk(browser, stage, surface, see, looksOf(surface.name)).catch((error: unknown) => {
        process.exitCode = 1;
        process.stderr.write(`${surface.name}: ${String(error)}\n`);
      });
    }
  }
  if (!elsewhere) await writeFile(join(folder, 'README.md'), index());
} finally {
  await browser.close();
  await stage.stop();
}
