/** Pages that still carry the codes of the original, and pages that run the original's own client: both are followed and invited. */
import { expect, it } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { startServer } from '../support/server.ts';
import { invite, onBoard, tell, toBoard } from './board.ts';
import { chromium, endConversation, patience } from './people.ts';
import { openSite } from './site.ts';
import { openWorld } from './world.ts';

const soon = { timeout: patience };
const gone = { ...soon, state: 'detached' } as const;

/** What the original's generator made. */
const codes = `<title>Old shop</title><h1>Old shop</h1>
<!-- mibew button --><a id="mibew-agent-button" href="CHAT/chat?locale=en" target="_blank" onclick="Mibew.Objects.ChatPopups['52a1b2c3d4e5f678'].open();return false;">Chat</a><script type="text/javascript" src="CHAT/js/compiled/chat_popup.js"></script><script type="text/javascript">Mibew.ChatPopup.init({"id":"52a1b2c3d4e5f678","url":"CHAT\\/chat?locale=en","preferIFrame":true,"modSecurity":false,"forceSecure":false,"width":640,"height":480,"resizable":true,"styleLoader":"CHAT\\/chat\\/style\\/popup\\/default"});</script><div id="mibew-invitation"></div><script type="text/javascript" src="CHAT/js/compiled/widget.js"></script><script type="text/javascript">Mibew.Widget.init({"inviteStyle":"CHAT\\/styles\\/invitations\\/default\\/invite.css","requestTimeout":10000,"requestURL":"CHAT\\/widget","locale":"en","visitorCookieName":"MIBEW_VisitorID","silentInvitation":true});
var heard = []; Mibew.Invitation.on('show', function () { heard.push('show') }); Mibew.Invitation.on('accept', function () { heard.push('accept') });</script><!-- / mibew button -->`;

/** The original's client told anew, from what is known of its protocol: it polls by script elements and knows no other way. */
const client = `<meta name="referrer" content="unsafe-url"><title>Older shop</title><h1>Older shop</h1>
<a href="/basket">Basket</a> <a id="mibew-agent-button" href="CHAT/chat?locale=en" target="_blank">Chat</a>
<div id="mibew-invitation"></div>
<script>
var Mibew = { Objects: {}, APIFunctions: {} }, blocked = true, answers = [], once = {};
function put(name, value) { document.cookie = name + '=' + encodeURIComponent(value) + '; path=/' }
function got(name) { var found = document.cookie.match('(?:^|; )' + name + '=([^;]*)'); return found && decodeURIComponent(found[1]) }
function ask(more) {
  var rnd = String(Math.random()), query = 'entry=' + escape(document.referrer) + '&locale=en&rnd=' + rnd + '&silent=1';
  put('mibewRndValue', rnd);
  if (got('MIBEW_VisitorID')) query += '&user_id=' + got('MIBEW_VisitorID');
  var script = document.createElement('script');
  script.id = 'mibew-response-script';
  script.src = 'CHAT/widget?' + query + (more || '');
  document.body.appendChild(script);
}
Mibew.Objects.widget = { onResponse: function (answer) {
  answers.push(answer);
  for (var at = 0; at < answer.handlers.length; at++) {
    var run = Mibew.APIFunctions[answer.handlers[at]];
    if (!answer.dependencies[answer.handlers[at]].length) run(answer.data);
  }
  document.getElementById('mibew-response-script').remove();
  setTimeout(ask, 500);
} };
Mibew.APIFunctions.updateCookiesBlockStatus = function (data) { blocked = data.cookiesBlocked };
Mibew.APIFunctions.updateUserId = function (data) { put('MIBEW_VisitorID', data.user.id) };
Mibew.APIFunctions.invitationCreate = function (data) {
  if (blocked) return;
  document.getElementById('mibew-invitation').innerHTML = '<div id="mibew-invitation-popup"><p>' + data.invitation.operatorName +
    '</p><iframe id="mibew-invitation-frame" src="' + data.invitation.threadUrl + '"></iframe><button id="mibew-invitation-accept">' +
    data.invitation.acceptCaption + '</button></div>';
  document.getElementById('mibew-invitation-accept').onclick = function () {
    document.getElementById('mibew-agent-button').click();
    Mibew.APIFunctions.invitationClose();
  };
};
Mibew.APIFunctions.invitationClose = function () { document.getElementById('mibew-invitation').innerHTML = '' };
ask();
</script>`;

/** A page that wants to know what it was not told: it asks as the original does, and keeps the answers. */
const curious = `<title>Curious</title><script>
var answers = [], Mibew = { Objects: { widget: { onResponse: function (answer) { answers.push(answer) } } } };
function pry(query) {
  document.cookie = 'mibewRndValue=0.5; path=/';
  return new Promise(function (done, failed) {
    var script = document.createElement('script');
    script.onload = function () { done(answers[answers.length - 1]) };
    script.onerror = failed;
    script.src = 'CHAT/widget?rnd=0.5' + query;
    document.body.appendChild(script);
  });
}
</script><body>`;

describeWith([chromium], 'a page of the original', () => {
  // The survey is on: who is invited is not asked there, either.
  const world = openWorld({ start: () => startServer({ with: ['tracking', 'invitation'] }), attended: true });
  const site = (html: string, host?: '127.0.0.1') => openSite(html.replaceAll('CHAT', world.server.url), host);

  it('is followed by its codes, shows invitations, and opens the chat', async () => {
    const { ann } = world;
    const visitor = await world.visitor(await site(codes), { expected: [/favicon/] });
    await toBoard(ann);
    await onBoard(ann, 'Old shop').waitFor(soon);
    await tell(visitor.page, 'identify', { name: 'Ada' });
    await invite(ann, 'Ada', 'May I help you?');
    const popup = visitor.page.locator('#mibew-invitation-popup');
    await popup.getByText('May I help you?').waitFor(soon);
    await visitor.page.getByRole('link', { name: 'Chat' }).click();
    await popup.waitFor(gone);
    await visitor.sees('May I help you?');
    await visitor.say('Yes, please');
    await ann.sees('Yes, please');
    expect(visitor.page.context().pages()).toHaveLength(1);
    expect(await visitor.page.evaluate(() => (window as unknown as { heard: string[] }).heard)).toEqual(['show']);
    await endConversation(ann);
    visitor.watch.calm();
  }, 120_000);

  it('is followed and invited over the original’s own client, from the same host under another port', async () => {
    const { ann } = world;
    const visitor = await world.visitor(await site(client, '127.0.0.1'), { expected: [/favicon/] });
    const { page } = visitor;
    await toBoard(ann);
    const row = onBoard(ann, new URL(page.url()).host);
    await row.getByText('One page').waitFor(soon);
    await page.getByRole('link', { name: 'Basket' }).click();
    await row.getByText('2 pages').waitFor(soon);
    await invite(ann, `${new URL(page.url()).host}/basket`, 'May I help <b>you</b>?');

    const popup = page.locator('#mibew-invitation-popup');
    await popup.getByText('Ann').waitFor(soon);
    const frame = page.frameLocator('#mibew-invitation-frame');
    await frame.getByText('May I help <b>you</b>?').waitFor(soon);

    // Meanwhile others look: the same host without his secret, and another site, in his browser and in the operator's.
    const secret = (await page.context().cookies()).find(({ name }) => name === 'MIBEW_VisitorID')!.value;
    expect(secret).toMatch(/^[\w-]{43}$/);
    const pry = async (context: typeof page, address: string, query = '') => {
      const tab = await context.context().newPage();
      await tab.goto(address);
      const answer = await tab.evaluate(
        (more) => (window as unknown as { pry(query: string): Promise<Record<string, unknown>> }).pry(more),
        query,
      );
      await tab.close();
      return answer;
    };
    const said = (cookiesBlocked: boolean) => ({
      load: [],
      handlers: ['updateCookiesBlockStatus'],
      dependencies: { updateCookiesBlockStatus: [] },
      data: { cookiesBlocked },
    });
    const stranger = await site(curious);
    const neighbour = await site(curious, '127.0.0.1');
    expect(await pry(page, stranger)).toEqual(said(true));
    expect(await pry(page, stranger, `&user_id=${'x'.repeat(43)}`)).toEqual(said(true));
    expect(await pry(ann.page, stranger)).toEqual(said(true));
    expect(await pry(ann.page, neighbour)).toEqual(said(false));
    const asNobody = await pry(page, neighbour);
    const { user, ...rest } = asNobody['data'] as { user: { id: string } };
    expect([user.id === secret, rest]).toEqual([false, { cookiesBlocked: false }]);
    expect(asNobody['handlers']).toEqual(['updateCookiesBlockStatus', 'updateUserId']);
    // They brought the probe of his page down with theirs; his goes on.
    await expect.poll(() => popup.count(), soon).toBe(1);

    const [chat] = await Promise.all([
      page.waitForEvent('popup'),
      popup.getByRole('button', { name: 'Chat now' }).click(),
    ]);
    await chat.getByRole('log').getByText('May I help <b>you</b>?').waitFor(soon);
    expect(await chat.getByRole('button', { name: 'Start the chat' }).count()).toBe(0);
    await chat.getByRole('textbox').fill('With the lamp, please');
    await chat.getByRole('button', { name: 'Send' }).click();
    await ann.page
      .locator('.mb-toast')
      .filter({ hasText: 'accepted the invitation' })
      .getByRole('button', { name: 'Open' })
      .click();
    await ann.sees('With the lamp, please');
    await ann.say('Gladly');
    await chat.getByRole('log').getByText('Gladly').waitFor(soon);
    await endConversation(ann);
    visitor.watch.calm();
  }, 120_000);
});
