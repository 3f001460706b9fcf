import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, type Browser } from '../../operators/test/browser.ts';
import { components } from '../components.ts';

const theme = fileURLToPath(new URL('../../../themes/default/', import.meta.url));
const path = '/operator/design-system';

/** What a whole page stands in: a page can show only its own. */
const frames = /^mb-(?:bare|window|app|plain|page--fill)/;

/** Classes that the theme's sheets know, without their parts: `mb-card__head` goes with `mb-card`. */
function classesOf(css: string): Set<string> {
  const plain = css.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return new Set([...plain.matchAll(/\.(mb-[\w-]+)/g)].map(([, name]) => name!));
}

describe('the page of the design system', () => {
  let kernel: TestKernel;
  let ann: Browser;
  let bob: Browser;
  let html = '';

  beforeAll(async () => {
    kernel = await createTestKernel({ plugins: ['design-system'] });
    const logIn = async (login: string, permissions: readonly string[]) => {
      const account = { login, name: login, email: `${login}@example.com`, password: 'battery staple', permissions };
      await kernel.service(operators).create(account);
      const browser = createBrowser(kernel);
      await browser.submit('/operator/login', { login, password: account.password });
      return browser;
    };
    ann = await logIn('ann', ['admin']);
    bob = await logIn('bob', []);
    html = await (await ann.get(path)).text();
  });
  afterAll(() => kernel.dispose());

  const shown = () => new Set([...html.matchAll(/class="([^"]*)"/g)].flatMap(([, names]) => names!.split(/\s+/)));

  it('is for administrators', async () => {
    expect((await ann.get(path)).status).toBe(200);
    expect((await bob.get(path)).status).toBe(403);
    expect((await bob.get(`${path}/sheet.css`)).status).toBe(403);
  });

  it('shows every class of the theme', () => {
    const known = readdirSync(theme).filter((file) => file.endsWith('.css'));
    const classes = known.flatMap((file) => [...classesOf(readFileSync(`${theme}${file}`, 'utf8'))]);
    expect(classes.length).toBeGreaterThan(100);
    const here = shown();
    expect([...new Set(classes)].filter((name) => !here.has(name) && !frames.test(name))).toEqual([]);
  });

  it('shows every icon', () => {
    const icons = readdirSync(`${theme}icons`).map((file) => file.replace('.svg', ''));
    expect([...html.matchAll(/data-icon="([\w-]+)"/g)].map(([, name]) => name)).toEqual(icons.toSorted());
  });

  it.each(components)('shows $id in the states of the list, and in no others', ({ id, states }) => {
    const section = html.split(`data-component="${id}"`)[1]!.split('data-component=')[0]!;
    expect([...section.matchAll(/data-state="(\w*)"/g)].map(([, name]) => name)).toEqual(states);
    expect(section).not.toContain('mb-sample__name"></');
  });

  it('shows every token of the theme by itself', async () => {
    const sheet = await (await ann.get(`${path}/sheet.css`)).text();
    const tokens = readFileSync(`${theme}tokens.css`, 'utf8');
    for (const [, name] of tokens.matchAll(/^ {2}(--mb-(?:color|space|text|radius|shadow)[\w-]*):/gm)) {
      expect(html).toContain(`data-token="${name}"`);
      expect(sheet).toContain(`[data-token='${name}']`);
    }
  });

  it('is light or dark and runs either way as its address says', async () => {
    const look = async (query: string) => /<html [^>]*>/.exec(await (await ann.get(`${path}?${query}`)).text())![0];
    expect(await look('')).toContain('dir="ltr"');
    expect(await look('')).not.toContain('data-mb-theme');
    expect(await look('scheme=dark&direction=rtl')).toMatch(/dir="rtl".* data-mb-theme="dark"/);
    expect(await look('scheme=light')).toContain('data-mb-theme="light"');
    expect(await look('scheme=plaid&direction=up')).toMatch(/dir="ltr"(?!.*data-mb-theme)/);
  });

  it('does not begin at an error that it only shows', () => {
    expect(html).toContain('aria-invalid="true"');
    expect(html).not.toContain(' autofocus');
  });
});
