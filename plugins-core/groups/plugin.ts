import { definePlugin } from '../../kernel/plugin.ts';
import { notice } from '../admin/api.ts';
import { threads } from '../chat/api.ts';
import { cluster } from '../cluster/api.ts';
import { db, tables } from '../database/api.ts';
import { locales, localesService } from '../locales/api.ts';
import { availability, loggedIn, operatorDeleted, operators, operatorTab, withPermission } from '../operators/api.ts';
import { settings, settingsChanged, settingsPage } from '../settings/api.ts';
import { defineView, menuItem, views, viewsService } from '../views/api.ts';
import * as api from './api.ts';
import { createConversations } from './conversations.ts';
import { createDirectories } from './directory.ts';
import { createFormPages } from './form-page.ts';
import { createListPage } from './list-page.ts';
import { listenForLog } from './log.ts';
import { createMembersPages } from './members-page.ts';
import { listenForGroups } from './routing.ts';
import { createGroups } from './service.ts';
import { groupsSettings } from './settings.ts';
import { createStore } from './store.ts';
import { group, member } from './tables.ts';

const page = (name: string) => defineView(`groups/${name}`, { version: 1, side: 'server' });
const administer = withPermission('admin');
const one = '/operator/group/:group{[0-9]{1,10}}';
const ofOperator = '/operator/operator/:operator{[0-9]{1,10}}/groups';

export default definePlugin({
  id: 'groups',
  needs: { db, cluster, settings, locales: localesService, operators, availability, views: viewsService, threads },
  provides: [api.groups],
  contributes: [
    tables([group, member]),
    settingsPage(groupsSettings),
    locales('locales/'),
    views(['groups', 'group_edit', 'group_delete', 'group_members', 'operator_groups'].map(page)),
    operatorTab({ label: 'groups.tab.operator', route: 'groups.operatorGroups', weight: 400 }),
    // Shown while groups are off, too: switched on before anybody belongs to one, they would leave nobody online.
    menuItem({
      label: 'groups.menu',
      route: 'groups.groups',
      section: 'people',
      weight: 300,
      icon: 'users',
      permission: 'admin',
    }),
  ],
  async setup(ctx) {
    const { use } = ctx;
    const values = use.settings.of(groupsSettings);
    const directories = createDirectories(use.db, use.cluster.bus);
    await ctx.effect(() => directories.stop, 'hear of changes');
    const conversations = createConversations(use.threads);
    const home = () => use.locales.home;

    const service = createGroups({
      ...use,
      store: createStore(use.db),
      directories,
      settings: values,
      home,
      events: {
        created: (made) => ctx.call(api.groupCreated, { group: made }),
        updated: (changed, original) => ctx.call(api.groupUpdated, { group: changed, original }),
        deleted: (id) => ctx.call(api.groupDeleted, { id }),
        members: (change) => ctx.call(api.groupMembersChanged, change),
      },
      release: (id) => use.threads.move(id, 0),
      refresh: async (ids) => (values.enablegroups ? conversations.refresh(ids) : undefined),
    });
    ctx.provide(api.groups, service);

    listenForGroups(ctx, { groups: service, directories, home, log: ctx.log });
    listenForLog(ctx, { groups: service, log: ctx.log });
    ctx.on(operatorDeleted, ({ id }) => service.forget(id));
    ctx.on(settingsChanged, ({ keys }) => (keys.includes('enablegroups') ? conversations.refreshAll() : undefined));
    ctx.contribute(
      notice(async () => {
        if (!values.enablegroups || (await directories.read()).groupsOf.size > 0) return undefined;
        return { kind: 'warning', text: 'groups.notice.nobody', route: 'groups.groups' };
      }),
    );

    const needs = { ...use, groups: service, addresses: ctx };
    const list = createListPage(needs);
    const form = createFormPages(needs);
    const members = createMembersPages(needs);
    const add = '/operator/group/add';
    ctx.route({ name: 'groups', method: 'GET', path: '/operator/group', access: administer, handler: list });
    ctx.route({ name: 'groupAdd', method: 'GET', path: add, access: administer, handler: form.add });
    ctx.route({ name: 'groupAddSave', method: 'POST', path: add, access: administer, handler: form.addSave });
    for (const [name, path, get, post] of [
      ['groupEdit', `${one}/edit`, form.edit, form.editSave],
      ['groupDelete', `${one}/delete`, form.ask, form.remove],
      ['groupMembers', `${one}/members`, members.members, members.membersSave],
    ] as const) {
      ctx.route({ name, method: 'GET', path, access: administer, handler: get });
      ctx.route({ name: `${name}Save`, method: 'POST', path, access: administer, handler: post });
    }
    ctx.route({
      name: 'operatorGroups',
      method: 'GET',
      path: ofOperator,
      access: loggedIn,
      handler: members.ofOperator,
    });
    ctx.route({
      name: 'operatorGroupsSave',
      method: 'POST',
      path: ofOperator,
      access: administer,
      handler: members.ofOperatorSave,
    });
  },
});
