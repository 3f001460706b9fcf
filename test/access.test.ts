import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groups } from '../plugins-core/groups/api.ts';
import type { FunctionContract } from '../plugins-core/rpc/api.ts';
import { functions, routes, type Ref } from './access/rules.ts';
import { createWorld, nobody, type Answer, type Conversation, type Person, type World } from './access/world.ts';

const plugins = new URL('../plugins-core/', import.meta.url);
const missingThread: Ref = { id: 999_999, token: 1_234_567 };
const gateways = { thread: '/thread/update', users: '/operator/users/update' } as const;

/** `<processor>.<function>` of every contract that a plugin publishes. */
async function contracts(): Promise<string[]> {
  const names: string[] = [];
  for (const id of readdirSync(plugins)) {
    const api = new URL(`${id}/api.ts`, plugins);
    if (!existsSync(api)) continue;
    const exported = Object.values((await import(api.href)) as Record<string, unknown>);
    for (const one of exported) {
      const { processor, functions: list } = (typeof one === 'object' && one ? one : {}) as {
        readonly processor?: { readonly name: string };
        readonly functions?: Readonly<Record<string, FunctionContract>>;
      };
      if (processor && list) for (const name of Object.keys(list)) names.push(`${processor.name}.${name}`);
    }
  }
  return names;
}

/** Without the numbers that were asked for, two refusals are the same or tell something. */
function without({ status, body, location }: Answer, { id, token }: Ref): Answer {
  const plain = (text: string) =>
    text.replaceAll(new RegExp(`(/|thread=)${id}\\b`, 'g'), '$1ID').replaceAll(`/${token}`, '/TOKEN');
  return { status, location: plain(location), body: plain(body) };
}

describe('every route and every function', () => {
  let world: World;
  let owner: Person;
  let foreign: Person;
  let plain: Person;
  let colleague: Person;
  let stranger: Person;
  let conversation: Conversation;
  let left: Conversation;

  beforeAll(async () => {
    world = await createWorld({ enablegroups: true, enablegroupsisolation: true, message_rate: 0 });
    await world.operator('root', ['admin']);
    // `plain` has no right at all; `colleague` is in the group of the conversation, `stranger` in another.
    plain = await world.operator('plain', []);
    colleague = await world.operator('colleague', ['takeover', 'viewthreads']);
    stranger = await world.operator('stranger', ['takeover', 'viewthreads']);
    const service = world.kernel.service(groups);
    const here = await service.create({ name: 'Here' });
    const there = await service.create({ name: 'There' });
    await service.changeMembers(here.id, { add: [colleague.id] });
    await service.changeMembers(there.id, { add: [plain.id, stranger.id] });
    for (const { headers, id } of [plain, colleague, stranger])
      await world.call(gateways.users, { headers, id, csrf: '' }, 'update', { agentId: id });
    owner = world.visitor();
    foreign = world.visitor();
    conversation = await world.start(owner, { group: here.id });
    await world.start(foreign, { group: there.id });
    left = await world.leave(owner, { groupId: here.id });
  });
  afterAll(() => world.stop());

  it('is listed with who may use it', async () => {
    const found = world.kernel
      .report()
      .plugins.flatMap(({ id, effects }) =>
        effects.filter((one) => one.startsWith('route ')).map((one) => `${id}.${one.slice('route '.length)}`),
      );
    const own = Object.keys(routes).filter((name) => name.startsWith('kernel.'));
    expect(found.toSorted()).toEqual(
      Object.keys(routes)
        .filter((name) => !own.includes(name))
        .toSorted(),
    );
    expect((await contracts()).toSorted()).toEqual(Object.keys(functions).toSorted());
  });

  const refused = ({ status, location }: Answer) =>
    status === 403 || status === 404 || (status === 302 && location.includes('/operator/login'));

  describe.each(Object.entries(routes).filter(([, { who }]) => who !== 'everybody'))('route %s', (name, rule) => {
    const subject = () => (rule.who === 'sight' && rule.left ? left : conversation);
    const ask = (who: Person, ref: Ref) => {
      const given = 'params' in rule ? rule.params : undefined;
      const params = typeof given === 'function' ? given(ref) : (given ?? {});
      return world.request(world.kernel.url(name, params), who, 'form' in rule ? rule.form : undefined);
    };

    it('refuses nobody and a foreign visitor, and tells them nothing', async () => {
      for (const who of [nobody, foreign]) {
        const answer = await ask(who, subject());
        expect(answer).toSatisfy(refused);
        expect(without(answer, subject())).toEqual(without(await ask(who, missingThread), missingThread));
      }
    });

    it('refuses operators whom it is not for, and tells them nothing', async () => {
      const others =
        rule.who === 'owner'
          ? [plain, stranger]
          : rule.who === 'sight'
            ? [plain, stranger]
            : 'right' in rule
              ? [plain]
              : [];
      for (const who of others) {
        const answer = await ask(who, subject());
        // The pages around a conversation say "wrong thread" with 200, as the original's do.
        if (rule.who !== 'sight') expect(answer).toSatisfy(refused);
        expect(without(answer, subject())).toEqual(without(await ask(who, missingThread), missingThread));
      }
    });

    it('answers whom it is for otherwise', async () => {
      const who = rule.who === 'owner' ? owner : rule.who === 'sight' ? colleague : undefined;
      if (!who || (rule.who === 'owner' && rule.later)) return;
      const [answer, missing] = [await ask(who, subject()), await ask(who, missingThread)];
      expect(without(answer, subject())).not.toEqual(without(missing, missingThread));
    });
  });

  describe.each(Object.entries(functions).filter(([, { who }]) => who !== 'everybody'))('function %s', (name, rule) => {
    if (rule.who === 'everybody') return;
    const [processor, func] = name.split('.') as [keyof typeof gateways, string];
    const call = (who: Person, args: object) => world.call(gateways[processor], who, func, { ...args });
    const about = (ref: Ref, args: object = {}) => ({ threadId: ref.id, token: ref.token, ...args });

    it('refuses nobody and a foreign visitor, and tells them nothing', async () => {
      for (const who of [nobody, foreign]) {
        if (rule.who === 'thread') {
          for (const user of rule.sides) {
            const args = { ...rule.args, user };
            const answer = await call(who, about(conversation, args));
            expect(answer.status).toBe(403);
            expect(without(answer, conversation)).toEqual(
              without(await call(who, about(missingThread, args)), missingThread),
            );
          }
        } else {
          const args = rule.who === 'sight' ? rule.args(conversation) : rule.args;
          expect((await call(who, { agentId: colleague.id, ...args })).status).toBe(403);
        }
      }
    });

    it('refuses operators whom it is not for, and tells them nothing', async () => {
      for (const who of [plain, stranger]) {
        if (rule.who === 'thread') {
          for (const user of rule.sides) {
            const args = { ...rule.args, user };
            const answer = await call(who, about(conversation, args));
            if (user) expect(answer.status).toBe(403);
            else expect(answer.body).toMatch(/"errorCode":4\b/);
            expect(without(answer, conversation)).toEqual(
              without(await call(who, about(missingThread, args)), missingThread),
            );
          }
        } else if (rule.who === 'sight') {
          const answer = await call(who, { agentId: who.id, ...rule.args(conversation) });
          expect(answer.body).not.toMatch(/"errorCode":0\b/);
          expect(without(answer, conversation)).toEqual(
            without(await call(who, { agentId: who.id, ...rule.args(missingThread) }), missingThread),
          );
        } else {
          expect((await call(who, { agentId: colleague.id, ...rule.args })).body).toMatch(/"errorCode":2\b/);
        }
      }
    });
  });
});
