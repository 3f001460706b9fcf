/** The seams at which groups take part in conversations. While the setting is off nothing here answers. */
import type { Logger, PluginContext } from '../../kernel/plugin.ts';
import { presentShown } from '../admin/api.ts';
import { chatOptions, prepareThread, threadsVisible, type Thread } from '../chat/api.ts';
import { fitting, type Operator } from '../operators/api.ts';
import { factsTold, operatorsListed, threadsListed, type WireThread } from '../users/api.ts';
import type { GroupsService } from './api.ts';
import type { Directories } from './directory.ts';
import * as sight from './sight.ts';

export interface RoutingNeeds {
  readonly groups: GroupsService;
  readonly directories: Pick<Directories, 'read'>;
  /** Language of local names. */
  readonly home: () => string;
  readonly log: Pick<Logger, 'error'>;
}

export function listenForGroups(ctx: Pick<PluginContext<unknown, unknown>, 'on'>, needs: RoutingNeeds): void {
  const { groups, directories } = needs;

  ctx.on(prepareThread, async (preparation, { input }) => {
    if (!groups.enabled || input.group === undefined) return undefined;
    const group = await groups.byId(input.group);
    return group && { ...preparation, groupId: group.id };
  });

  ctx.on(fitting, async (operators, { groupId }) =>
    groups.enabled ? sight.fitting(await directories.read(), groupId, operators) : undefined,
  );

  ctx.on(threadsVisible, async (threads, { operator }) => {
    if (!groups.enabled) return undefined;
    try {
      return sight.inSight(await directories.read(), operator.id, threads);
    } catch (error) {
      // Thrown, it would leave everything in sight.
      needs.log.error({ error }, 'groups could not be read; conversations of groups are out of sight');
      return threads.filter(({ groupId }) => groupId === 0);
    }
  });

  ctx.on(threadsListed, async (rows, { threads }) => {
    if (!groups.enabled) return undefined;
    const { byId } = await directories.read();
    const named = (row: WireThread, thread: Thread | undefined): WireThread => {
      const group = thread && byId.get(thread.groupId);
      // What left the sight says nothing.
      if (!group || row.token === 0) return row;
      const groupName = groups.nameOf(group, needs.home());
      // Whoever is addressed or attached has the better name.
      const nobody = thread.nextAgent === 0 && thread.agentName === '';
      return { ...row, groupName, ...(nobody && { agentName: `-${groupName}-` }) };
    };
    return rows.map((row) => named(row, threads.get(row.id)));
  });

  ctx.on(factsTold, async (facts, { thread }) => {
    const group = groups.enabled ? await groups.byId(thread.groupId) : undefined;
    return group && { ...facts, groupName: groups.nameOf(group, needs.home()) };
  });

  /** Whom of these he may know of; undefined: of all. */
  async function colleagues<T extends { readonly id: number }>(list: readonly T[], operator: Operator) {
    try {
      const known = await groups.adjacent(operator);
      return known && list.filter(({ id }) => known.operators.has(id));
    } catch (error) {
      needs.log.error({ error }, 'groups could not be read; operators are told of nobody else');
      return list.filter(({ id }) => id === operator.id);
    }
  }
  ctx.on(operatorsListed, (rows, { operator }) => colleagues(rows, operator));
  ctx.on(presentShown, (list, { operator }) => colleagues(list, operator));

  ctx.on(chatOptions, async (options, { thread }) => {
    const page = await groups.page(thread.groupId);
    return Object.keys(page).length === 0
      ? undefined
      : { ...options, page: { ...(options['page'] as object), ...page } };
  });
}
