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

/** Rules of groups and limits of operators, by id; undefined: as the setting says. */
export interface RoutingValues {
  readonly rules?: ReadonlyMap<number, RoutingMode | undefined>;
  readonly limits?: ReadonlyMap<number, number | undefined>;
}
/** Whose rules and limits somebody else changed meanwhile. */
export interface RoutingConflicts {
  readonly rules: readonly number[];
  readonly limits: readonly number[];
}

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
  /**
   * Changes all of these, or nothing.
   * @param expected what was seen in their place; what is not said of is changed in any case
   * @returns what somebody else changed to something else; undefined when all is stored
   */
  change(values: RoutingValues, expected?: RoutingValues): Promise<RoutingConflicts | undefined>;
  /** Gives away what can be given, now. Resolves when nothing is left to do. */
  settle(): Promise<void>;
}
/** @example await ctx.use.routing.setRule(3, 'leastBusy') */
export const routing = defineService<RoutingService>('routing');
