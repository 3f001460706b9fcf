/** Operators in groups, with limits and habits, and the visitors that come to them. */
import { groups } from '../../plugins-core/groups/api.ts';
import { operators } from '../../plugins-core/operators/api.ts';
import { createBrowser } from '../../plugins-core/operators/test/browser.ts';
import { routing } from '../../plugins-core/routing/api.ts';
import { settings } from '../../plugins-core/settings/api.ts';
import type { Random } from '../support/random.ts';
import type { Product } from './product.ts';

export interface SimOperator {
  readonly id: number;
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly groups: ReadonlySet<number>;
  readonly limit: number;
  /** `gone`: his browser is off, and nobody was told. */
  mood: 'here' | 'away' | 'gone';
  /** When he comes back, if he is gone. */
  until: number;
  /** When he was heard of last. */
  seenAt: number;
}

export interface SimVisitor {
  readonly headers: Readonly<Record<string, string>>;
  readonly name: string;
  readonly groupId: number;
  thread: { readonly id: number; readonly token: number } | undefined;
  /** His window is open. */
  here: boolean;
}

export interface SimWorld {
  readonly operators: readonly SimOperator[];
  /** Groups that visitors ask for; 0 for none. */
  readonly asked: readonly number[];
  /** Groups in which operators take conversations by hand. */
  readonly byHand: ReadonlySet<number>;
  /** Group → the one above it. */
  readonly parents: ReadonlyMap<number, number>;
  /** May this operator be given a conversation of this group? */
  answers(operator: SimOperator, groupId: number): boolean;
}

const password = 'battery staple';

export async function createPeople(product: Product, random: Random, count: number): Promise<SimWorld> {
  const { kernel } = product;
  await kernel.service(settings).change(
    {
      enablegroups: true,
      routing_mode: 'leastBusy',
      max_connections_from_one_host: 0,
      start_rate: 0,
      message_rate: 0,
    },
    'simulation',
  );
  const [service, rules] = [kernel.service(groups), kernel.service(routing)];
  const sales = await service.create({ name: 'Sales' });
  const web = await service.create({ name: 'Web', parentId: sales.id });
  const shop = await service.create({ name: 'Shop', parentId: sales.id });
  const support = await service.create({ name: 'Support' });
  const books = await service.create({ name: 'Books' });
  await rules.setRule(support.id, 'roundRobin');
  await rules.setRule(books.id, 'hand');
  const all = [sales.id, web.id, shop.id, support.id, books.id];
  const parents = new Map([
    [web.id, sales.id],
    [shop.id, sales.id],
  ]);

  const people: SimOperator[] = [];
  for (let number = 1; number <= count; number += 1) {
    const [login, name] = [`op${number}`, `Op${number}`];
    const permissions = number % 5 === 0 ? ['takeover', 'viewthreads'] : [];
    const { id } = await kernel
      .service(operators)
      .create({ login, name, email: `${login}@example.com`, password, permissions });
    const browser = createBrowser(product);
    await browser.submit('/operator/login', { login, password });
    const cookie = [...browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
    const own = new Set([all[number % all.length]!, random.pick(all)]);
    const limit = 2 + random.below(4);
    await rules.setLimit(id, limit);
    for (const groupId of own) await service.changeMembers(groupId, { add: [id] });
    people.push({ id, name, headers: { cookie }, groups: own, limit, mood: 'here', until: 0, seenAt: 0 });
  }
  return {
    operators: people,
    asked: [0, ...all],
    byHand: new Set([books.id]),
    parents,
    answers: ({ groups: own }, groupId) =>
      groupId === 0 ? own.size > 0 : [...own].some((id) => id === groupId || parents.get(id) === groupId),
  };
}
