/** Groups and past conversations: what isolated operators may read of others, and the names of groups beside them. */
import type { Logger, PluginContext } from '../../kernel/plugin.ts';
import { threadsReadable, threadsRecorded } from '../thread-log/api.ts';
import type { GroupsService } from './api.ts';

interface LogNeeds {
  readonly groups: GroupsService;
  readonly log: Pick<Logger, 'error'>;
}

export function listenForLog(ctx: Pick<PluginContext<unknown, unknown>, 'on'>, { groups, log }: LogNeeds): void {
  ctx.on(threadsReadable, async (threads, { operator }) => {
    try {
      const known = await groups.adjacent(operator);
      return (
        known && threads.filter(({ agentId, groupId }) => known.operators.has(agentId) || known.groups.has(groupId))
      );
    } catch (error) {
      // Thrown, it would leave everything to be read.
      log.error({ error }, 'groups could not be read; past conversations of others are out of sight');
      return [];
    }
  });

  ctx.on(threadsRecorded, async (records, { threads, locale }) => {
    if (!groups.enabled) return undefined;
    const byId = new Map((await groups.list()).map((group) => [group.id, group]));
    return records.map((record) => {
      const group = byId.get(threads.get(record.id)?.groupId ?? 0);
      return group ? { ...record, groupName: groups.nameOf(group, locale) } : record;
    });
  });
}
