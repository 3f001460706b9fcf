/** What stands in the list of targets, and which one is chosen. No DOM. */
import type { HandoverTarget, Presence } from '../api.ts';

/** What `redirectTargets` answers. */
export interface Offer {
  readonly agents: readonly HandoverTarget[];
  readonly groups: readonly HandoverTarget[];
  readonly more: boolean;
  readonly noteLimit: number;
}

export type Kind = 'agent' | 'group';
export interface Choice {
  readonly kind: Kind;
  readonly id: number;
  readonly name: string;
  readonly presence: Presence;
}

export const valueOf = ({ kind, id }: Pick<Choice, 'kind' | 'id'>): string => `${kind}:${id}`;

/** The target of a value of the list, with what is known of it now. */
export function chosenOf({ agents, groups }: Offer, value: string): Choice | undefined {
  const [kind, id] = value.split(':');
  const list = kind === 'agent' ? agents : kind === 'group' ? groups : [];
  const found = list.find((one) => one.id === Number(id));
  return found && { kind: kind as Kind, ...found };
}

/** A single hit of a search needs no click. */
export function onlyOf({ agents, groups }: Offer, search: string): Choice | undefined {
  if (search.trim() === '' || agents.length + groups.length !== 1) return undefined;
  const [agent] = agents;
  return agent ? { kind: 'agent', ...agent } : { kind: 'group', ...groups[0]! };
}

export function sectionsOf(offer: Offer, chosen: Choice | undefined, text: (key: string) => string) {
  const section = (kind: Kind, list: readonly HandoverTarget[]) => ({
    title: text(`handover.client.${kind}s`),
    targets: list.map((target) => ({
      ...target,
      value: valueOf({ kind, id: target.id }),
      state: text(`handover.presence.${target.presence}`),
      chosen: chosen?.kind === kind && chosen.id === target.id,
    })),
  });
  return [section('agent', offer.agents), section('group', offer.groups)].filter(({ targets }) => targets.length > 0);
}
