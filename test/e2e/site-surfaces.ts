/** Whoever is on the site, as operators see him, and what he is shown when he is invited. */
import type { Page } from 'playwright-core';
import type { Crowd } from './site-stage.ts';
import type { Stage } from './stage.ts';
import type { Surface } from './surfaces.ts';

const visible = (page: Page, selector: string) => page.locator(selector).filter({ visible: true }).first().waitFor();
const click = (page: Page, selector: string) => page.locator(selector).filter({ visible: true }).first().click();
const ann = (stage: Stage) => stage.site.ann;

/** Shown to Ann; everybody has come. */
const crowded = (
  name: string,
  about: string,
  show: (page: Page, stage: Stage, crowd: Crowd) => Promise<unknown>,
  more: Partial<Surface> = {},
): Surface => ({
  name,
  about,
  who: ann,
  show: async (page, stage) => show(page, stage, await stage.site.crowd()),
  ...more,
});
const at = (path: string | ((crowd: Crowd) => string)) => (page: Page, stage: Stage, crowd: Crowd) =>
  page.goto(stage.site.url + (typeof path === 'string' ? path : path(crowd)));

async function board(page: Page, stage: Stage): Promise<void> {
  await page.goto(`${stage.site.url}/operator/users`);
  await click(page, '[data-board=visitors]');
  await page.locator('[data-part=visitors-skeleton]').waitFor({ state: 'hidden' });
}
const select = (id: (crowd: Crowd) => number) =>
  async function show(page: Page, stage: Stage, crowd: Crowd) {
    await board(page, stage);
    await click(page, `[data-visitor="${id(crowd)}"]`);
    await visible(page, '.mb-visitor .mb-track');
  };
/** Keys are for those who have some. */
async function filter(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  await click(page, '[data-seek=filters]');
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`[data-part=visitors-filters] [name=${name}]`);
    await (name === 'page' ? field.fill(value) : field.selectOption(value));
  }
  await visible(page, '[data-part=visitors-chips] button');
}

/** To be shown first, and in this order: nobody has come yet. */
const nobody: readonly Surface[] = [
  {
    name: 'board-nobody',
    about: 'Nobody is on the site',
    who: ann,
    async show(page, stage) {
      await board(page, stage);
      await visible(page, '[data-part=visitors-nobody]');
    },
  },
  {
    name: 'rules-none',
    about: 'No rule invites anybody yet',
    who: ann,
    long: true,
    show: (page, stage) => page.goto(`${stage.site.url}/operator/invitation`),
  },
  {
    name: 'invitations-none',
    about: 'Nobody was invited yet',
    who: ann,
    long: true,
    show: (page, stage) => page.goto(`${stage.site.url}/operator/invitation/statistics`),
  },
];

const boards: readonly Surface[] = [
  crowded('board', 'Visitors on the site, with every kind of row', async (page, stage) => {
    await board(page, stage);
    await visible(page, '[data-visitor]');
  }),
  crowded(
    'board-visitor',
    'A visitor: what he looked at, and what his page says of him',
    select(({ zoe }) => zoe),
  ),
  crowded(
    'board-invited',
    'A visitor who is invited',
    select(({ invited }) => invited),
  ),
  crowded('board-filters', 'Visitors who were asked for', async (page, stage) => {
    await board(page, stage);
    await filter(page, { country: 'SE', page: '/cart' });
    await visible(page, '[data-visitor]');
  }),
  crowded('board-nothing', 'Nobody is as was asked for', async (page, stage) => {
    await board(page, stage);
    await filter(page, { country: 'JP', page: '/cart' });
    await visible(page, '[data-part=visitors-nothing]');
  }),
  crowded(
    'board-facts',
    'The path on the site, beside a conversation',
    async (page, stage, { talks }) => {
      await page.goto(`${stage.site.url}/operator/users`);
      await click(page, `[data-thread="${talks}"] [data-action=open]`);
      await visible(page, '.mb-chat__log li');
    },
    {
      async keep(page) {
        if (!(await page.locator('[data-part=facts]').isVisible())) await click(page, '[data-part=facts-toggle]');
        await visible(page, '[data-part=facts] .mb-track');
      },
    },
  ),
];

const long = (...[name, about, show]: Parameters<typeof crowded>) => crowded(name, about, show, { long: true });
const pages: readonly Surface[] = [
  long(
    'trail',
    'The path of a visitor, as a page',
    at(({ zoe }) => `/operator/history/user-track?visitor=${zoe}`),
  ),
  long(
    'trail-none',
    'Nothing is known of a path',
    at(({ unknown }) => `/operator/history/user-track?thread=${unknown}`),
  ),
  long('rules', 'Whom the server invites by itself', at('/operator/invitation')),
  long(
    'rule',
    'A rule',
    at(({ rule }) => `/operator/invitation/${rule}/edit`),
  ),
  long('rule-errors', 'A rule, refused', async (page, stage) => {
    await page.goto(`${stage.site.url}/operator/invitation/add`);
    for (const [name, value] of Object.entries({ secondsOnPage: 'soon', hours: '0', value: 'gold' }))
      await page.locator(`main [name=${name}]`).fill(value);
    const form = page.locator('main form').last();
    await form.evaluate((one) => ((one as HTMLFormElement).noValidate = true));
    await form.locator('[type=submit]').click();
    await visible(page, 'main [aria-invalid]');
  }),
  long(
    'rule-delete',
    'A rule is deleted',
    at(({ rule }) => `/operator/invitation/${rule}/delete`),
  ),
  long('invitations', 'What became of invitations', at('/operator/invitation/statistics')),
  long(
    'invite-failed',
    'Somebody is invited who is invited already',
    at(({ invited }) => `/operator/invite?visitor=${invited}`),
  ),
  long('settings-tracking', 'Settings of what follows visitors', at('/operator/settings?group=tracking')),
  long('settings-invitation', 'Settings of invitations', at('/operator/settings?group=invitation')),
];

let guests = 0;
/** Last: whoever comes to it stays on the board. */
const invited: Surface = {
  name: 'invitation',
  about: 'A visitor is invited',
  who: (stage) => stage.stranger(),
  async show(page, stage) {
    const address = `${stage.site.url}/demo?guest=${(guests += 1)}`;
    await page.goto(address);
    await stage.site.invite(address);
    await visible(page, '#mibew-invitation-popup #greeting');
  },
};

export const siteSurfaces: readonly Surface[] = [...nobody, ...boards, ...pages, invited];
