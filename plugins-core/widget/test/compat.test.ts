import { expect, it } from 'vitest';
import { chromiumPath } from '../../../test/support/browser.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { openHost } from './host.ts';

const chromium = {
  what: 'Chromium (apt-get install chromium, or MIBEW_CHROMIUM)',
  present: chromiumPath !== undefined,
};
const soon = { timeout: 30_000 };

/** What the original's generator made; as it stands on pages. */
const code = (options: string, tracking = '') => `
<p id="top">Shop</p>
<!-- mibew button --><a id="mibew-agent-button" href="CHAT/chat?locale=en&amp;group=3" target="_blank" onclick="Mibew.Objects.ChatPopups['52a1b2c3d4e5f678'].open();return false;"><img src="CHAT/b?i=mibew&amp;lang=en&amp;group=3" border="0" alt="" /></a><script type="text/javascript" src="CHAT/js/compiled/chat_popup.js"></script><script type="text/javascript">Mibew.ChatPopup.init({"id":"52a1b2c3d4e5f678","url":"CHAT\\/chat?locale=en&group=3","modSecurity":false,"forceSecure":false,"width":640,"height":480,"resizable":true,"styleLoader":"CHAT\\/chat\\/style\\/popup\\/default",${options}});</script>${tracking}<!-- / mibew button -->
<form id="mibew-operator-code-form" action="" onsubmit="Mibew.Objects.ChatPopups['52a1b2c3d4e5f678'].open('CHAT/chat?locale=en&operator_code=' + document.getElementById('mibew-operator-code-field').value);return false;"><input id="mibew-operator-code-field"></form>`;
const tracking = `<div id="mibew-invitation"></div><script type="text/javascript" src="CHAT/js/compiled/widget.js"></script><script type="text/javascript">Mibew.Widget.init({"inviteStyle":"CHAT\\/styles\\/invitations\\/default\\/invite.css","requestTimeout":10000,"requestURL":"CHAT\\/widget","locale":"en","visitorCookieName":"MIBEW_VisitorID","silentInvitation":true});Mibew.Objects.widget.sendToServer({"cart":3});Mibew.Invitation.on('accept',function(){window.accepted=true});</script>`;

describeWith([chromium], 'a page with the codes of the original', () => {
  const host = openHost();

  it('opens the chat inside the page where that was preferred, in the language and group of the code', async () => {
    const { page, watch } = await host.visit(code('"preferIFrame":true'));
    const frames: string[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))));
    await page.locator('#mibew-agent-button').click();
    await page.locator('mibew-chat').getByRole('textbox').waitFor();
    await expect
      .poll(() => frames.find((frame) => frame.includes('"open"')), soon)
      .toMatch(/"locale":"en","group":"3"/);
    await page.evaluate(() => {
      const { Objects } = window.Mibew as unknown as { Objects: { ChatPopups: Record<string, { close(): void }> } };
      Objects.ChatPopups['52a1b2c3d4e5f678']!.close();
    });
    await page.locator('mibew-chat').getByRole('textbox').waitFor({ state: 'hidden' });
    expect(page.context().pages()).toHaveLength(1);
    watch.calm();
  });

  it('hands over the code of an operator', async () => {
    const { page } = await host.visit(code('"preferIFrame":true'));
    const frames: string[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))));
    await page.locator('#mibew-operator-code-field').fill('zoe');
    await page.keyboard.press('Enter');
    await expect.poll(() => frames.some((frame) => frame.includes('"operator_code":"zoe"')), soon).toBe(true);
  });

  it('opens a window of its own where that was preferred, once, and loads nothing else', async () => {
    const { page, asked, watch } = await host.visit(code('"preferIFrame":false'));
    expect(asked.toSorted()).toEqual(['/b?i=mibew&lang=en&group=3', '/js/compiled/chat_popup.js']);
    const features = page.evaluate(
      () =>
        new Promise((done) => {
          const open = window.open.bind(window);
          window.open = (url, name, list) => {
            done([name, list]);
            return open(url, name, list);
          };
        }),
    );
    const [window_] = await Promise.all([page.waitForEvent('popup'), page.locator('#mibew-agent-button').click()]);
    expect(await features).toEqual([
      'mibewChat52a1b2c3d4e5f678',
      'toolbar=0,scrollbars=0,location=0,status=1,menubar=0,width=640,height=480,resizable=1',
    ]);
    await window_.getByRole('textbox').waitFor();
    await page.locator('#mibew-agent-button').click();
    expect(page.context().pages()).toHaveLength(2);
    watch.calm();
  });

  it('opens the window where the launcher does not come', async () => {
    const { page } = await host.visit(code('"preferIFrame":true'), {
      expected: [/net::ERR_FAILED/],
      before: (one) => one.route('**/mibew.js', (route) => route.abort()),
    });
    const [window_] = await Promise.all([page.waitForEvent('popup'), page.locator('#mibew-agent-button').click()]);
    expect(window_.url()).toContain('/chat');
  });

  it('has its calls kept until somebody follows visitors, and shares one launcher', async () => {
    const { page, watch, asked } = await host.visit(
      code('"preferIFrame":true', tracking) + code('"preferIFrame":true'),
    );
    expect(asked.filter((address) => address === '/mibew.js')).toHaveLength(1);
    expect(await page.locator('mibew-chat').count()).toBe(1);
    expect(
      await page
        .locator('script[data-mibew-compat]')
        .evaluate((script) => Object.assign({}, (script as HTMLElement).dataset)),
    ).toEqual({
      mibewCompat: '',
      button: 'none',
      locale: 'en',
      silent: '1',
    });
    const told = await page.evaluate(() => {
      const all: unknown[] = [];
      const mibew = window.Mibew as unknown as {
        part(name: string, start: (door: { extend(functions: object): void }) => void, css: string): void;
        Invitation: { trigger(event: string): void };
      };
      mibew.part('late', (door) => door.extend({ sendToServer: (parameters: unknown) => all.push(parameters) }), '');
      mibew.Invitation.trigger('accept');
      return [...all, (window as unknown as { accepted?: boolean }).accepted];
    });
    expect(told).toEqual([{ cart: 3 }, true]);
    watch.calm();
  });

  it('finds the original’s helpers for cookies', async () => {
    const { page, watch } = await host.visit(code('"preferIFrame":false'));
    const found = await page.evaluate(() => {
      const { Utils } = window.Mibew as unknown as {
        Utils: { createCookie(name: string, value: string): void; readCookie(name: string): string | false };
      };
      Utils.createCookie('mine', 'a; b=ü');
      return [Utils.readCookie('mine'), Utils.readCookie('other')];
    });
    expect(found).toEqual(['a; b=ü', false]);
    watch.calm();
  });

  it('serves no other scripts under the old addresses', async () => {
    expect((await host.kernel.request('/js/compiled/widget.js')).headers.get('cross-origin-resource-policy')).toBe(
      'cross-origin',
    );
    for (const file of ['chat_app.js', '../compat/widget.ts', 'constructor'])
      expect((await host.kernel.request(`/js/compiled/${encodeURIComponent(file)}`)).status, file).toBe(404);
  });
});
