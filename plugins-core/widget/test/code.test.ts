import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin } from '../../../kernel/index.ts';
import { createTestKernel } from '../../../kernel/testing.ts';
import { groups } from '../../groups/api.ts';
import { operators } from '../../operators/api.ts';
import { createBrowser, fieldsIn } from '../../operators/test/browser.ts';
import { settings } from '../../settings/api.ts';
import { filterCode } from '../api.ts';
import { codeOf, textOf as writtenOf, type CodeOptions } from '../code.ts';

const options: CodeOptions = {
  kind: 'script',
  base: 'https://chat.example.com/mibew',
  image: 'mibew',
  imageLocale: 'en',
  apart: false,
  words: { caption: 'Chat “now” & <here>', code: 'Code', go: 'Go' },
};
const textOf = ({ nonce = false, ...changes }: Partial<CodeOptions> & { nonce?: boolean } = {}) => {
  const choice = { ...options, ...changes };
  return writtenOf(codeOf(choice), choice.kind, nonce);
};

describe('the code', () => {
  it('is one line for the button in the corner', () => {
    expect(textOf()).toBe('<script src="https://chat.example.com/mibew/mibew.js" async></script>');
    expect(textOf({ locale: 'de', group: 3 })).toBe(
      '<script src="https://chat.example.com/mibew/mibew.js" data-locale="de" data-group="3" async></script>',
    );
    expect(textOf({ nonce: true })).toContain(' nonce="YOUR-NONCE" async>');
    expect(textOf({ base: '/mibew' })).toBe('<script src="/mibew/mibew.js" async></script>');
  });

  it('is a picture or a text that works as a link alone, and opens the chat in the page where the script is', () => {
    const link = '<a id="mibew-agent-button" href="https://chat.example.com/mibew/chat?locale=de&amp;group=3"';
    const picture = textOf({ kind: 'button', locale: 'de', imageLocale: 'de', group: 3 });
    expect(picture.split('\n')).toEqual([
      '<!-- mibew button -->',
      `${link} target="_blank" rel="noopener"><img src="https://chat.example.com/mibew/b?i=mibew&amp;lang=de&amp;group=3" alt="Chat “now” &amp; &lt;here&gt;" border="0"></a>`,
      '<script src="https://chat.example.com/mibew/mibew.js" data-button="none" data-locale="de" data-group="3" async></script>',
      '<!-- / mibew button -->',
    ]);
    const text = textOf({ kind: 'text_link', apart: true });
    expect(text).toContain('>Chat “now” &amp; &lt;here&gt;</a>');
    expect(text).not.toContain('<script');
  });

  it('is a form for the code of an operator', () => {
    const text = textOf({ kind: 'operator_code', group: 3, nonce: true });
    expect(text).toContain(
      '<form id="mibew-operator-code-form" action="https://chat.example.com/mibew/chat" method="get"',
    );
    expect(text).toContain('id="mibew-operator-code-field" name="operator_code"');
    expect(text).toContain('<input type="hidden" name="group" value="3">');
    expect(text).not.toContain('<script');
  });
});

describe('the page of the embed code', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  async function begin(
    env: Record<string, string> = {},
    plugins: NonNullable<Parameters<typeof createTestKernel>[0]>['plugins'] = ['admin', 'widget', 'groups'],
  ) {
    const kernel = await createTestKernel({ plugins, env });
    ends.push(() => kernel.dispose());
    const ann = { login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
    await kernel.service(operators).create({ ...ann, permissions: ['admin'] });
    const browser = createBrowser(kernel);
    const base = env['MIBEW_PUBLIC_URL'] ? new URL(env['MIBEW_PUBLIC_URL']).pathname : '';
    await browser.submit(`${base}/operator/login`, { login: ann.login, password: ann.password });
    const page = async (query = '') => {
      const response = await browser.get(`${base}/operator/button-code${query}`);
      const html = await response.text();
      const code = /id="mb-code"[^>]*>\n([^<]*)</.exec(html)?.[1] ?? '';
      const decoded = code.replaceAll(/&(\w+|#x?\w+);/g, (whole, name: string) => {
        const known: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#x3D': '=', '#x27': "'" };
        return known[name] ?? whole;
      });
      return { status: response.status, html, code: decoded };
    };
    return { kernel, browser, base, page };
  }

  it('begins with the line for the corner, with the host in it', async () => {
    const { page } = await begin();
    const { code, html } = await page();
    expect(code.trim()).toBe('<script src="http://localhost/mibew.js" async></script>');
    expect(html).not.toContain('name="i"');
    expect(html).not.toContain('name="group"');
    expect((await page('?codetype=script')).code.trim()).toBe('<script src="/mibew.js" async></script>');
    const secure = await page('?codetype=script&hostname=on&secure=on');
    expect(secure.code.trim()).toBe('<script src="https://localhost/mibew.js" async></script>');
  });

  it('takes how the button looks, for the button that the launcher draws, and that visitors are asked first', async () => {
    const { page, browser } = await begin();
    const looks = 'position=start&label=Ask+%22us%22&colored=on&color=%23123456&consent=on';
    const { code } = await page(`?codetype=script&${looks}`);
    expect(code.trim()).toBe(
      '<script src="/mibew.js" data-position="start" data-color="#123456" data-label="Ask &quot;us&quot;" data-consent="required" async></script>',
    );
    expect((await page('?codetype=script&color=%23123456&position=left')).code).not.toContain('data-');
    expect((await page(`?codetype=text_link&${looks}`)).code).toContain(
      '<script src="/mibew.js" data-button="none" data-consent="required" async></script>',
    );
    const frame = await (await browser.get(`/operator/button-code/preview?codetype=script&${looks}`)).text();
    expect(frame).toContain('data-position="start"');
  });

  it('takes what the original calls its choices, and refuses a kind that there is not', async () => {
    const { kernel, page } = await begin();
    await kernel.service(settings).change({ enablegroups: true }, 'test');
    const { id } = await kernel.service(groups).create({ name: 'Sales' });
    const { code, html } = await page(`?codetype=button&i=mibew&lang=en&group=${id}&hostname=on`);
    expect(code).toContain(
      `<img src="http://localhost/b?i=mibew&amp;lang=en&amp;group=${id}"`.replaceAll('&amp;', '&amp;'),
    );
    expect(html).toMatch(/<option value="\d+" selected>Sales/);
    expect((await page('?codetype=nothing')).status).toBe(400);
    expect((await page('?codetype=button&i=../x&lang=xx&group=99')).code).toContain('/b?i=mibew&amp;lang=en"');
    await kernel.service(settings).change({ enablegroups: false }, 'test');
    expect((await page(`?codetype=button&group=${id}`)).code).not.toContain('group=');
  });

  it('lets plugins have a say in the code and its preview', async () => {
    const plus = definePlugin({
      id: 'plus',
      needs: { operators },
      setup(ctx) {
        ctx.on(filterCode, ({ markup, script = [] }, { kind }) => ({
          markup: `${markup}<p>${kind}</p>`,
          script: [...script, ['data-info', 'plus'] as const],
        }));
      },
    });
    const { browser, page } = await begin({}, ['admin', 'widget', plus]);
    expect((await page('?codetype=text_link')).code).toContain('</a><p>text_link</p>');
    const frame = await (await browser.get('/operator/button-code/preview')).text();
    expect(frame).toMatch(/<p>script<\/p>[^]* data-info="plus"/);
  });

  it('does without groups', async () => {
    const { page } = await begin({}, ['admin', 'widget']);
    expect((await page('?codetype=button')).status).toBe(200);
  });

  it('shows the code at work in a sandbox whose policy lets nothing in but the chat', async () => {
    const { browser, base, page } = await begin({ MIBEW_PUBLIC_URL: 'http://localhost/mibew' });
    const { html, code } = await page('?codetype=text_link&hostname=on&nonce=on');
    expect(code).toContain('http://localhost/mibew/chat');
    expect(html).toContain('script-src &#x27;nonce-YOUR-NONCE&#x27;; connect-src https://localhost wss://localhost');
    expect(html).toMatch(/<iframe[^>]+sandbox="allow-scripts allow-forms allow-popups [^"]+"/);
    const frame = await browser.get(`${base}/operator/button-code/preview?codetype=text_link&nonce=on`);
    const policy = frame.headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'self'");
    const text = await frame.text();
    const nonce = /nonce="([^"]+)"/.exec(text)?.[1];
    expect(policy).toContain(`'nonce-${nonce}'`);
    expect(text.replaceAll('&#x3D;', '=')).toContain('src="http://localhost/mibew/mibew.js"');
    expect(fieldsIn(text)).toEqual({});
  });
});
