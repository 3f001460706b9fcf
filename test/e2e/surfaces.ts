/** Every state of a conversation, as its visitor and its operators see it, and the pages around it: one place that walks through all. */
import type { Browser, Locator, Page } from 'playwright-core';
import { hold, lay } from './line.ts';
import { patience } from './people.ts';
import { siteSurfaces } from './site-surfaces.ts';
import type { Stage, VisitorOnStage, Who } from './stage.ts';
import { sizeOf } from './views.ts';

export interface Surface {
  readonly name: string;
  /** What is to be seen, in a few words. */
  readonly about: string;
  readonly who: (stage: Stage) => Who;
  /** Without scripts. */
  readonly plain?: true;
  /** A page to scroll: its picture shows all of it. */
  readonly long?: true;
  /** Prepares the stage. */
  readonly first?: (stage: Stage) => Promise<unknown>;
  /** Brings the page there in any language, and waits until it stands. */
  readonly show: (page: Page, stage: Stage) => Promise<unknown>;
  /** Keeps it there before each look. */
  readonly keep?: (page: Page, stage: Stage) => Promise<unknown>;
  /** Leaves the stage as it was. */
  readonly after?: (stage: Stage) => Promise<unknown>;
}
export interface Section {
  readonly title: string;
  readonly surfaces: readonly Surface[];
}

const visible = (page: Page, selector: string) => page.locator(selector).filter({ visible: true }).first().waitFor();
const at = (path: string) => (page: Page, stage: Stage) => page.goto(stage.url + path);
/** The page of a conversation, for its visitor. */
const own = (name: keyof Stage['in'], path = '') => ({
  who: (stage: Stage) => stage.in[name],
  open: async (page: Page, stage: Stage): Promise<void> => {
    const { id, token } = stage.in[name];
    await page.goto(`${stage.url}/chat/${id}/${token}${path}`);
  },
});
const said = (page: Page, text: string) => page.getByRole('log').getByText(text).first().waitFor();

function chat(
  name: string,
  about: string,
  state: keyof Stage['in'],
  then: (page: Page, stage: Stage) => Promise<unknown>,
  more: Partial<Surface> = {},
): Surface {
  const { who, open } = own(state);
  const show = async (page: Page, stage: Stage) => {
    await open(page, stage);
    await page.locator('.mb-chat__log li').first().waitFor();
    await then(page, stage);
  };
  return { name, about, who, show, ...more };
}
const menu = async (page: Page, entry?: string) => {
  await page.locator('[data-action=menu]').filter({ visible: true }).first().click();
  await visible(page, '[data-part=drop]');
  if (entry) await page.locator(entry).filter({ visible: true }).first().click();
  if (entry) await visible(page, 'dialog[open]');
};
const submit = (page: Page) => page.locator('form [type=submit]').filter({ visible: true }).first().click();
/** Sends the form as it stands, past what the browser itself would say. */
const refuse = (path: string, fill: Readonly<Record<string, string>> = {}) =>
  async function show(page: Page, stage: Stage) {
    await page.goto(stage.url + path);
    for (const [name, value] of Object.entries(fill)) await page.locator(`main [name="${name}"]`).first().fill(value);
    await page
      .locator('main form')
      .last()
      .evaluate((form) => ((form as HTMLFormElement).noValidate = true));
    await page.locator('main form').last().locator('[type=submit]').first().click();
    await visible(page, 'main [aria-invalid], main [role=alert]');
  };
async function code(page: Page, stage: Stage, query: string): Promise<void> {
  await page.goto(`${stage.url}/operator/button-code${query}`);
  await page.frameLocator('iframe').locator('mibew-chat').waitFor({ state: 'attached' });
}
async function inline(page: Page, stage: Stage): Promise<void> {
  await page.goto(`${stage.url}/demo`);
  await page.locator('mibew-chat').getByRole('button').first().waitFor();
  await page.evaluate(() => (window as unknown as { Mibew: { open(): void } }).Mibew.open());
}
const stranger = (stage: Stage) => stage.stranger();
const noMore = async () => undefined;
const noPreview = (stage: Stage) => stage.change({ preview_enabled: false });

/** What somebody is shown who was never here. */
const fresh = (name: string, about: string, show: Surface['show'], more: Partial<Surface> = {}): Surface => ({
  name,
  about,
  who: stranger,
  show,
  ...more,
});
const toChat = at('/chat');
/** Of a group where nobody is. */
const toLeave = (page: Page, stage: Stage) => page.goto(`${stage.url}/chat?group=${stage.groups.repairs}`);
const message = { name: 'Tess', email: 'tess@example.org', message: 'Is the chair still there?' };
async function fillIn(form: Locator, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await form.locator(`[name="${name}"]`).last().fill(value);
}
async function sendMessage(page: Page, form: string): Promise<void> {
  await fillIn(page.locator(form), message);
  await page.locator(`${form} [name=consent]`).check();
  await submit(page);
}
/** Comes to a form, sends it with a word in place of an address, and waits for what is wrong. */
const misspell = (come: Surface['show'], form: string) =>
  async function show(page: Page, stage: Stage) {
    await come(page, stage);
    await fillIn(page.locator(form), { email: 'tess' });
    await submit(page);
    await visible(page, `${form} .mb-error`);
  };
async function turnedAway(page: Page, stage: Stage): Promise<void> {
  await toChat(page, stage);
  await visible(page, 'main, [role=alert]');
}

const before: readonly Surface[] = [
  fresh(
    'survey',
    'Survey before a chat: name, e-mail, group, questions of the administrator’s own, consent',
    async (page, stage) => {
      await at('/chat?name=Tess&field-topic=Return')(page, stage);
      await visible(page, '.mb-survey [type=submit]');
    },
  ),
  fresh('survey-errors', 'What is wrong stands beside each field', misspell(toChat, '.mb-survey')),
  fresh('survey-inline', 'The survey inside somebody’s page', async (page, stage) => {
    await inline(page, stage);
    await visible(page, '.mb-survey [type=submit]');
  }),
  fresh('leave', 'Nobody is there: the form for a message', async (page, stage) => {
    await toLeave(page, stage);
    await visible(page, '.mb-leave__form [type=submit]');
  }),
  fresh('leave-errors', 'The form for a message, refused', misspell(toLeave, '.mb-leave__form')),
  fresh(
    'leave-captcha',
    'The form for a message with proof of work',
    async (page, stage) => {
      await toLeave(page, stage);
      await fillIn(page.locator('.mb-leave__form'), { message: message.message });
      await page.locator('.mb-captcha:not(:empty)').waitFor();
    },
    {
      first: (stage) => stage.change({ enablecaptcha: true }),
      after: (stage) => stage.change({ enablecaptcha: false }),
    },
  ),
  fresh('leave-sent', 'The message was left', async (page, stage) => {
    await toLeave(page, stage);
    await sendMessage(page, '.mb-leave__form');
    await visible(page, '[data-part=thanks]');
  }),
  fresh('banned', 'Somebody who is banned comes', turnedAway, {
    who: (stage) => ({ ...stage.stranger(), address: '203.0.113.5' }),
  }),
  fresh('too-many', 'Too many conversations from one address', turnedAway, {
    who: (stage) => ({ ...stage.stranger(), address: stage.in.waits.address }),
    first: (stage) => stage.change({ max_connections_from_one_host: 1, enablepresurvey: false }),
    after: (stage) => stage.change({ max_connections_from_one_host: 0, enablepresurvey: true }),
  }),
];

const talking: readonly Surface[] = [
  {
    name: 'chat-loading',
    about: 'The conversation is being loaded',
    who: own('waits').who,
    async show(page, stage) {
      await hold(page, '/thread/update');
      await own('waits').open(page, stage);
      await visible(page, '[data-part=ghosts]');
    },
  },
  chat('chat-queue', 'Waiting, with the place in the queue', 'waitsSecond', (page) =>
    visible(page, '[data-part=status] > *'),
  ),
  chat(
    'chat-talking',
    'A conversation; the operator is writing',
    'talks',
    async (page, stage) => {
      await said(page, 'What does it cost?');
      await stage.ping(stage.ann, stage.in.talks, false, true);
      await page.locator('.mb-chat__typing > *').first().waitFor({ state: 'attached' });
    },
    { keep: (_, stage) => stage.ping(stage.ann, stage.in.talks, false, true) },
  ),
  chat(
    'chat-preview',
    'The visitor is told that operators see what he types',
    'talks',
    (page) => page.locator('.mb-preview-notice').filter({ hasText: /\S/ }).waitFor(),
    { first: (stage) => stage.change({ preview_enabled: true }), after: noPreview },
  ),
  chat('chat-emoji', 'The picker of emoji', 'talks', async (page) => {
    await said(page, 'What does it cost?');
    await page.locator('[data-part=composer-controls] button[aria-haspopup=dialog]').click();
    await visible(page, '.mb-emoji');
  }),
  chat('chat-menu', 'The menu of the window', 'talks', (page) => menu(page)),
  chat('chat-rename', 'A visitor gives himself a name', 'talks', (page) => menu(page, '[data-action=rename]')),
  chat('chat-transcript', 'The conversation to take home', 'talks', (page) => menu(page, '[data-entry=transcript]')),
  chat('chat-end', 'Asked before the end', 'talks', (page) => menu(page, '[data-action=close]')),
  chat('chat-operator-lost', 'The operator was cut off; the visitor waits with priority', 'operatorLost', noMore),
  chat('chat-for-operator', 'Handed over to an operator', 'forAnn', noMore),
  chat('chat-for-group', 'Handed over to a group', 'forGroup', noMore),
  chat('chat-taken', 'Another operator took over', 'taken', noMore),
  {
    name: 'chat-invited',
    about: 'An invitation was accepted',
    who: (stage) => stage.in.invited,
    async show(page, stage) {
      await toChat(page, stage);
      await page.locator('.mb-chat__log li').first().waitFor();
    },
  },
  {
    ...chat('chat-offline', 'The connection is lost; a message waits', 'cutOff', noMore),
    async show(page, stage) {
      const cutOff = await lay(page, '/thread/update');
      await own('cutOff').open(page, stage);
      await said(page, 'With two of them.');
      await cutOff(async () => {
        await page.getByRole('textbox').fill('Can you hear me?');
        await page.keyboard.press('Control+Enter');
      });
      await visible(page, '[data-part=banners] > *');
    },
  },
  chat('chat-refused', 'A message of somebody who is banned is refused', 'banned', async (page) => {
    await page.getByRole('textbox').fill('Buy my lamps');
    await page.keyboard.press('Control+Enter');
    await visible(page, '[data-part=log] .mb-message--failed, [data-part=log] [role=alert], .mb-message__failure');
  }),
  chat('chat-over', 'The conversation is over: how was it?', 'over', (page) => visible(page, '.mb-rating')),
  chat('chat-rating', 'The visitor says how it was', 'over', async (page) => {
    await page.locator('.mb-rating input[value="4"]').check({ force: true });
    await page.locator('.mb-rating textarea').fill('Quick, thanks');
  }),
  chat('chat-rated', 'The visitor has said how it was', 'rated', (page) => visible(page, '.mb-rating__thanks')),
  {
    name: 'transcript-mail',
    about: 'The conversation by mail, as a page',
    who: own('over').who,
    show: (page, stage) => own('over', '/mail').open(page, stage),
  },
];

const plain = (name: string, about: string, who: Surface['who'], show: Surface['show']): Surface => ({
  name,
  about: `${about}, without scripts`,
  who,
  plain: true,
  long: true,
  show,
});
const withoutScripts: readonly Surface[] = [
  plain('plain-survey', 'The survey', stranger, toChat),
  plain('plain-survey-errors', 'The survey, refused', stranger, async (page, stage) => {
    await toChat(page, stage);
    await fillIn(page.locator('form'), { email: 'tess@example.org', 'field-order': ' ' });
    await page.locator('[name=consent]').check();
    await submit(page);
    await visible(page, '.mb-error, .mb-alert');
  }),
  plain('plain-chat', 'A conversation', own('plain').who, async (page, stage) => {
    await own('plain').open(page, stage);
    await page.frameLocator('iframe').getByText('Which arrives all the same.').waitFor();
  }),
  plain('plain-over', 'The end of a conversation', own('plainOver').who, own('plainOver').open),
  plain('plain-rating', 'How was it?', own('plainOver').who, own('plainOver', '/rating').open),
  plain('plain-leave', 'The form for a message', stranger, toLeave),
  plain('plain-leave-sent', 'A message was left', stranger, async (page, stage) => {
    await toLeave(page, stage);
    await sendMessage(page, 'form');
    await visible(page, '[role=status]');
  }),
];

const ann = (stage: Stage): Who => stage.ann;
const bob = (stage: Stage): Who => stage.bob;
async function queue(page: Page, stage: Stage): Promise<void> {
  await page.goto(`${stage.url}/operator/users`);
  await page.locator('[data-part=skeleton]').waitFor({ state: 'hidden' });
  await page.locator('[data-thread]').first().waitFor();
}
async function open(page: Page, stage: Stage, { id }: VisitorOnStage): Promise<void> {
  await queue(page, stage);
  await page.locator(`[data-thread="${id}"] [data-action=open]`).first().click();
}
const typed = 'And how much is the post? I live on an island';
const desk = (name: string, about: string, show: Surface['show'], who = ann): Surface => ({ name, about, who, show });
async function talk(page: Page, stage: Stage): Promise<void> {
  await open(page, stage, stage.in.talks);
  await said(page, 'What does it cost?');
}

const working: readonly Surface[] = [
  desk('workspace', 'The queue, with every kind of row', queue),
  desk('workspace-talking', 'A conversation, a note of a colleague, and who the visitor is', talk),
  {
    ...desk('workspace-writing', 'The visitor is writing', async (page, stage) => {
      await talk(page, stage);
      await stage.ping(stage.in.talks, stage.in.talks, true, true);
      await page.locator('.mb-chat__typing > *').first().waitFor({ state: 'attached' });
    }),
    keep: (_, stage) => stage.ping(stage.in.talks, stage.in.talks, true, true),
  },
  desk('workspace-note', 'A note for operators is written', async (page, stage) => {
    await talk(page, stage);
    await page.locator('.mb-note-switch').filter({ visible: true }).click();
    await page.locator('.mb-composer--note textarea').fill('Was promised a discount last week.');
  }),
  {
    ...desk('workspace-preview', 'What the visitor types is seen before it is sent', async (page, stage) => {
      await talk(page, stage);
      await stage.type(stage.in.talks, typed);
      await said(page, 'What does it cost?');
      await visible(page, '.mb-preview__text');
    }),
    first: (stage) => stage.change({ preview_enabled: true }),
    keep: (_, stage) => stage.type(stage.in.talks, typed),
    after: noPreview,
  },
  {
    ...desk('workspace-facts', 'Who the visitor is', talk),
    async keep(page) {
      if (!(await page.locator('[data-part=facts]').isVisible()))
        await page.locator('[data-part=facts-toggle]').filter({ visible: true }).click();
      await visible(page, '[data-part=facts] .mb-facts');
    },
  },
  desk('workspace-canned', 'Canned messages, found by a / in the field', async (page, stage) => {
    await talk(page, stage);
    await page.locator('.mb-desk textarea').filter({ visible: true }).pressSequentially('/');
    await visible(page, '[role=listbox]');
  }),
  desk('workspace-handover', 'Handing a conversation over', async (page, stage) => {
    await talk(page, stage);
    await menu(page, '[data-entry=handover]');
    await visible(page, '.mb-handover__target');
  }),
  desk('workspace-menu', 'The menu of a conversation', async (page, stage) => {
    await talk(page, stage);
    await menu(page);
  }),
  desk('workspace-visitor-lost', 'The visitor is gone', async (page, stage) => {
    await open(page, stage, stage.in.visitorLost);
    await said(page, 'In light and in dark green.');
  }),
  desk('workspace-others', 'A colleague has this conversation', async (page, stage) => {
    await open(page, stage, stage.in.others);
    await visible(page, '[data-action=force]');
  }),
  desk(
    'workspace-taken',
    'A colleague has taken it over',
    async (page, stage) => {
      await open(page, stage, stage.in.taken);
      await visible(page, '[data-action=force], [data-part=notice] > *');
    },
    bob,
  ),
  desk('workspace-end', 'Asked before the end', async (page, stage) => {
    await talk(page, stage);
    await menu(page, '.mb-chat [data-action=close]');
  }),
  {
    ...desk('workspace-beside', 'Two conversations side by side, where there is room', talk),
    async keep(page) {
      const beside = page.locator('[data-part=beside][aria-pressed=false]');
      if (await beside.isVisible()) await beside.click();
    },
  },
  desk('workspace-palette', 'A conversation or an action is searched for', async (page, stage) => {
    await talk(page, stage);
    await page.keyboard.press('Control+K');
    await page.keyboard.type('a');
    await visible(page, '[data-part=palette] [role=option]');
  }),
  desk('workspace-keys', 'The keys', async (page, stage) => {
    await talk(page, stage);
    await page.keyboard.press('Control+/');
    await visible(page, '[data-part=keys] .mb-keys');
  }),
  desk('workspace-signals', 'What calls an operator, and how', async (page, stage) => {
    await queue(page, stage);
    await page.locator('[data-action=signals]').click();
    await visible(page, '.mb-signals');
  }),
  desk('window', 'A conversation in a window of its own', async (page, stage) => {
    await page.goto(`${stage.url}/operator/chat/${stage.in.talks.id}`);
    await said(page, 'What does it cost?');
  }),
  desk('log', 'A past conversation, with what only operators were told', async (page, stage) => {
    await page.goto(`${stage.url}/operator/history/thread/${stage.in.logged.id}`);
    await visible(page, '.mb-log .mb-message');
  }),
  {
    ...desk('log-plain', 'The same without scripts', (page, stage) =>
      page.goto(`${stage.url}/operator/history/thread/${stage.in.logged.id}`),
    ),
    plain: true,
  },
  desk('take-over', 'Taking over is confirmed', (page, stage) =>
    page.goto(`${stage.url}/operator/chat/${stage.in.others.id}`),
  ),
  desk('handover-links', 'Handing over, as a page', (page, stage) => {
    const { id, token } = stage.in.talks;
    return page.goto(`${stage.url}/operator/chat/${id}/${token}/redirection-links`);
  }),
];

/** Of a new password; whoever is asked for one is somebody who is not known. */
const recovery = '/operator/password-recovery';
const comingIn: readonly Surface[] = [
  fresh('login', 'An operator logs in', at('/operator/login')),
  fresh('login-errors', 'Login or password are wrong', refuse('/operator/login', { login: 'nobody', password: 'x' })),
  fresh('recovery', 'A password is forgotten', at(recovery)),
  fresh('recovery-errors', 'A password is forgotten, and nobody is named', refuse(recovery)),
  fresh('recovery-asked', 'What everybody is told who asks for a new password', async (page, stage) => {
    await page.goto(stage.url + recovery);
    await page.locator('[name=loginoremail]').fill('nobody');
    await submit(page);
    await page.locator('form').waitFor({ state: 'detached' });
  }),
  fresh('recovery-reset', 'A new password, behind a link that was mailed', (page, stage) =>
    page.goto(stage.url + stage.wayIn),
  ),
  fresh('recovery-reset-errors', 'A new password, refused', (page, stage) =>
    refuse(stage.wayIn, { password: 'one', passwordConfirm: 'another' })(page, stage),
  ),
  fresh('recovery-dead', 'A link that was used already', at(`${recovery}/reset?id=2&token=0`)),
  fresh(
    'setup-dead',
    'The link for the first administrator is no longer good',
    at(`/operator/setup/${'x'.repeat(43)}`),
  ),
];

const pages: readonly Surface[] = [
  desk('dashboard', 'Dashboard', at('/operator')),
  desk('history', 'Conversations with one visitor', async (page, stage) => {
    await page.goto(`${stage.url}/operator/history/thread/${stage.in.logged.id}`);
    await page.locator('.mb-log-head__links a').first().click();
    await visible(page, '.mb-table');
  }),
  desk('left-messages', 'Messages that were left', at('/operator/left-messages')),
  desk('left-message', 'A message that was left, to be answered', (page, stage) =>
    page.goto(`${stage.url}/operator/left-messages/${stage.left[0]!.id}`),
  ),
  desk('groups', 'Groups', at('/operator/group')),
  desk('group-errors', 'A group, refused', refuse('/operator/group/add', { email: 'nobody', weight: 'heavy' })),
  desk('group', 'A group', at('/operator/group/1/edit')),
  desk('group-members', 'Members of a group', at('/operator/group/1/members')),
  desk('group-delete', 'A group is deleted', at('/operator/group/1/delete')),
  desk('operators', 'Operators', at('/operator/operator')),
  desk('operators-none', 'Operators, and nobody was found', at('/operator/operator?q=nobody')),
  desk('operator-add', 'An operator is added', at('/operator/operator/add')),
  desk(
    'operator-errors',
    'An operator, refused',
    refuse('/operator/operator/add', { login: 'ann', email: 'nobody', password: 'one', passwordConfirm: 'another' }),
  ),
  desk('operator', 'An operator', at('/operator/operator/2/edit')),
  desk('operator-disabled', 'An operator whose account is disabled', at('/operator/operator/4/edit')),
  desk('operator-own', 'Her own profile', at('/operator/operator/1/edit')),
  desk('operator-permissions', 'What an operator may do', at('/operator/operator/2/permissions')),
  desk('operator-avatar', 'A picture of an operator', at('/operator/operator/3/avatar')),
  desk('operator-avatar-delete', 'A picture is taken away', at('/operator/operator/3/avatar/delete')),
  desk('operator-disable', 'An operator is shut out', at('/operator/operator/2/disable')),
  desk('operator-enable', 'An operator is let in again', at('/operator/operator/4/enable')),
  desk('operator-delete', 'An operator is deleted', at('/operator/operator/2/delete')),
  desk('operator-groups', 'Groups of an operator', at('/operator/operator/2/groups')),
  desk('routing', 'Who is given which conversations', at('/operator/routing')),
  desk('bans', 'Bans', at('/operator/ban')),
  desk('ban-errors', 'A ban, refused', refuse('/operator/ban/add', { address: '0.0.0.0/0', comment: 'x' })),
  desk('ban', 'A ban', at('/operator/ban/2/edit')),
  desk('ban-delete', 'A ban is lifted', at('/operator/ban/2/delete')),
  desk('canned', 'Canned messages', at('/operator/canned-message')),
  desk('canned-errors', 'A canned message, refused', refuse('/operator/canned-message/add')),
  desk('canned-message', 'A canned message', at('/operator/canned-message/1/edit')),
  desk('canned-delete', 'A canned message is deleted', at('/operator/canned-message/1/delete')),
  desk('mail', 'Mails that wait, and why', at('/operator/mail')),
  desk('mail-waiting', 'Mails under way', at('/operator/mail/waiting')),
  desk('mail-templates', 'Words of mails', at('/operator/mail-template')),
  desk('mail-template', 'Words of one mail', at('/operator/mail-template/leave_message/edit')),
  desk('survey-fields', 'Questions of the administrator’s own', at('/operator/survey-fields')),
  desk('survey-field-errors', 'A question, refused', refuse('/operator/survey-fields/add', { maxlength: 'many' })),
  desk('survey-field', 'A question', at('/operator/survey-fields/1/edit')),
  desk('survey-field-delete', 'A question is deleted', at('/operator/survey-fields/1/delete')),
  desk('ratings', 'What visitors said', at('/operator/ratings')),
  desk('settings', 'Settings', at('/operator/settings')),
  desk('settings-features', 'Features', at('/operator/settings/features')),
  desk('settings-performance', 'Times and limits', at('/operator/settings/performance')),
  desk('settings-errors', 'Times and limits, refused', async (page, stage) => {
    await page.goto(`${stage.url}/operator/settings/performance`);
    await page.locator('[name=message_rate]').fill('-1');
    await page.locator('[name=thread_lifetime]').fill('soon');
    await page.keyboard.press('Enter');
    await visible(page, 'main [aria-invalid]');
  }),
  desk('settings-search', 'Settings that were searched for', at('/operator/settings?q=captcha')),
  desk('changes', 'Who changed what', at('/operator/settings/log')),
  desk('plugins', 'Plugins, by what they do', at('/operator/plugin')),
  desk('plugin-change', 'What would stop with a plugin', at('/operator/plugin/groups/disable')),
  desk('not-found', 'An address behind which there is nothing', at('/operator/nowhere')),
  desk('forbidden', 'A page that he may not see', at('/operator/settings'), bob),
  desk('button-code', 'The code for a page', async (page, stage) => {
    await code(page, stage, '');
    await page.frameLocator('iframe').locator('mibew-chat').getByRole('button').first().waitFor();
  }),
  desk('button-code-picture', 'A picture, and the policy that it needs', (page, stage) =>
    code(page, stage, '?codetype=button&nonce=on'),
  ),
  { ...desk('design-system', 'Every component in every state', at('/operator/design-system')), long: true },
];

export const sections: readonly Section[] = [
  { title: 'Before a conversation', surfaces: before },
  { title: 'A conversation, for the visitor', surfaces: talking },
  { title: 'Without scripts', surfaces: withoutScripts },
  { title: 'How operators come in', surfaces: comingIn.map((page) => ({ ...page, long: true })) },
  { title: 'The workspace of operators', surfaces: working },
  { title: 'Pages of operators and administrators', surfaces: pages.map((page) => ({ ...page, long: true })) },
  { title: 'Visitors of the site, and invitations', surfaces: siteSurfaces },
];

export const widths = [1440, 390] as const;
/** Light and dark, and from right to left in a language that makes every text long. */
export const looks = ['light', 'dark', 'rtl'] as const;
export type Look = (typeof looks)[number];
export interface View {
  readonly look: Look;
  readonly width: (typeof widths)[number];
}

/** Shows a surface in every look and width. @param wanted which of them; absent: all */
export async function walk(
  browser: Browser,
  stage: Stage,
  surface: Surface,
  see: (page: Page, view: View) => Promise<void>,
  wanted: readonly Look[] = looks,
): Promise<void> {
  for (const locale of ['en', 'ar-XB']) {
    const seen = wanted.filter((look) => (look === 'rtl') === (locale === 'ar-XB'));
    if (seen.length === 0) continue;
    const { cookies, address } = surface.who(stage);
    const context = await browser.newContext({
      // axe is put into the page.
      bypassCSP: true,
      reducedMotion: 'reduce',
      extraHTTPHeaders: { 'x-forwarded-for': address },
      javaScriptEnabled: !surface.plain,
      viewport: sizeOf(widths[0]),
    });
    try {
      context.setDefaultTimeout(patience);
      const all = { ...cookies, mibew_locale: locale };
      await context.addCookies(Object.entries(all).map(([name, value]) => ({ name, value, url: stage.url })));
      const page = await context.newPage();
      await surface.first?.(stage);
      await surface.show(page, stage);
      for (const width of widths) {
        await page.setViewportSize(sizeOf(width));
        for (const look of seen) {
          await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' });
          await surface.keep?.(page, stage);
          await see(page, { look, width });
        }
      }
    } finally {
      await surface.after?.(stage);
      await context.close();
    }
  }
}
