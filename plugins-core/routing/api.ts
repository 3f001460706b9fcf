/** Routing: who gets a conversation that waits. By hand, as long as nobody says otherwise. */
import { defineService } from '../../kernel/tokens.ts';

/**
 * How conversations find their operator: whoever wants takes them (`hand`), the one with the fewest gets the next
 * (`leastBusy`), or each one in turn (`roundRobin`).
 */
export const routingModes = ['hand', 'leastBusy', 'roundRobin'] as const;
export type RoutingMode = (typeof routingModes)[number];

/** Most conversations that a limit may be set to. */
export const highestLimit = 1000;

export interface RoutingService {
  /** Mode of a group; 0 for conversations without one. Groups without a rule of their own follow the setting. */
  modeOf(groupId: number): RoutingMode;
  /** Rules of groups, by id of the group. */
  rules(): ReadonlyMap<number, RoutingMode>;
  /** @param mode undefined: as the setting says */
  setRule(groupId: number, mode: RoutingMode | undefined): Promise<void>;
  /** So many conversations an operator is given at a time; taking more by hand is his own business. 0 is no limit. */
  limitOf(operatorId: number): number;
  /** Limits of single operators, by id. */
  limits(): ReadonlyMap<number, number>;
  /** @param limit 0 to {@link highestLimit}; undefined: as the setting says */
  setLimit(operatorId: number, limit: number | undefined): Promise<void>;
  /** Gives away what can be given, now. Resolves when nothing is left to do. */
  settle(): Promise<void>;
}
/** @example await ctx.use.routing.setRule(3, 'leastBusy') */
export const routing = defineService<RoutingService>('routing');
