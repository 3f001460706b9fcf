/** What people do, each over the wire as his browser would. A refusal that a race explains is no fault. */
import type { Thread } from '../../plugins-core/chat/api.ts';
import { threadCall, type Json } from '../support/wire.ts';
import type { Random } from '../support/random.ts';
import type { Written } from './judge.ts';
import type { Product } from './product.ts';
import type { SimOperator, SimVisitor, SimWorld } from './world.ts';

const gateway = '/thread/update';
const workspace = '/operator/users/update';

/** Codes with which one is refused who comes too late. */
const late = { post: [4, 5], redirect: [4, 109], take: [4, 105, 106], close: [4], update: [4], left: [] } as const;

type Ref = Pick<Thread, 'id' | 'token'>;
const about = ({ id, token }: Ref, user: boolean) => ({ threadId: id, token, user });

export interface ActionNeeds {
  readonly product: Product;
  readonly world: SimWorld;
  readonly random: Random;
  readonly faults: string[];
  readonly counts: Record<string, number>;
}

export function createActions({ product, world, random, faults, counts }: ActionNeeds) {
  const written: Written[] = [];
  let serial = 0;

  const count = (name: string) => (counts[name] = (counts[name] ?? 0) + 1);
  /** @returns whether it was done */
  function judged(what: keyof typeof late, result: Json | undefined): boolean {
    const code = result?.['errorCode'];
    if (code === 0) return true;
    if (!(late[what] as readonly unknown[]).includes(code))
      faults.push(`${what} was refused: ${JSON.stringify(result)}`);
    count(`${what} too late`);
    return false;
  }
  const call = async (who: Pick<SimVisitor, 'headers'>, name: string, args: Json, results: readonly string[] = []) =>
    (await product.call(gateway, who.headers, threadCall(name, args, results)))[0];

  async function post(who: SimVisitor | SimOperator, thread: Ref, user: boolean, note = false): Promise<void> {
    const text = `${who.name} says ${++serial}`;
    const args = { ...about(thread, user), message: text, key: `key-${serial}`, ...(note && { private: true }) };
    const send = () => call(who, 'post', args, ['id', 'created']);
    // An answer that is lost on the way: it is sent once more, sometimes before the first one was answered.
    const again = random.chance(0.1);
    const answers = again && random.chance(0.5) ? await Promise.all([send(), send()]) : [await send()];
    if (again && answers.length === 1) answers.push(await send());
    const ids = new Set(answers.map((one) => (judged('post', one) ? Number(one?.['id']) : -1)));
    if (ids.size > 1) faults.push(`"${text}" was answered with ${[...ids].join(' and ')}`);
    const [id = -1] = ids;
    written.push({ threadId: thread.id, text, id });
    count(id > 0 ? (note ? 'notes' : 'messages') : 'messages refused');
  }

  return {
    written,
    post,
    /** Somebody comes with a question, or leaves it where nobody is there. */
    async arrive(visitor: SimVisitor): Promise<void> {
      const args = { group: visitor.groupId || undefined, name: visitor.name };
      const result = await call(visitor, 'open', args, ['next', 'options']);
      if (result?.['errorCode'] !== 0) return void faults.push(`open was refused: ${JSON.stringify(result)}`);
      const { thread } = result['options'] as { readonly thread?: Ref };
      if (result['next'] === 'leaveMessage') {
        count('left');
        const form = {
          name: visitor.name,
          email: 'v@example.com',
          message: 'Call me',
          groupId: visitor.groupId || undefined,
        };
        judged('left', await call(visitor, 'processLeaveMessage', form));
        return;
      }
      if (!thread) return void faults.push(`nothing began: ${JSON.stringify(result)}`);
      count('begun');
      visitor.thread = thread;
      visitor.here = true;
      await call(visitor, 'update', { ...about(thread, true), typed: false });
      await post(visitor, thread, true);
    },
    /** The window says that it is there. */
    async sign(visitor: SimVisitor): Promise<void> {
      if (visitor.thread) await call(visitor, 'update', { ...about(visitor.thread, true), typed: random.chance(0.2) });
    },
    /** The workspace says so, and the panes of his conversations. */
    async attend(operator: SimOperator, own: readonly Thread[], now: () => number): Promise<void> {
      const args = { agentId: operator.id, references: {}, return: {} };
      await product.call(workspace, operator.headers, { function: 'update', arguments: args });
      operator.seenAt = now();
      if (own.length === 0) return;
      const updates = own.map((thread) => threadCall('update', { ...about(thread, false), typed: false }));
      for (const result of await product.call(gateway, operator.headers, ...updates)) judged('update', result);
    },
    async setAway(operator: SimOperator, away: boolean): Promise<void> {
      const args = { agentId: operator.id, references: {}, return: {} };
      await product.call(workspace, operator.headers, { function: away ? 'away' : 'available', arguments: args });
      operator.mood = away ? 'away' : 'here';
    },
    async take(operator: SimOperator, thread: Ref, force = false): Promise<void> {
      const done = judged('take', await call(operator, 'take', { ...about(thread, false), force }));
      if (done) count(force ? 'taken over' : 'taken by hand');
    },
    async close(who: SimVisitor | SimOperator, thread: Ref, user: boolean): Promise<void> {
      judged('close', await call(who, 'close', about(thread, user), ['closed']));
    },
    /** To anybody but himself, there or not, or to a group, with a note or without. */
    async redirect(operator: SimOperator, thread: Ref): Promise<void> {
      const others = world.operators.filter(({ id }) => id !== operator.id);
      const staffed = world.asked.filter((id) => world.operators.some(({ groups }) => groups.has(id)));
      const target = random.chance(0.5) ? { agent: random.pick(others).id } : { group: random.pick(staffed) };
      const text = random.chance(0.5) ? `${operator.name} says ${++serial}` : undefined;
      const note = text === undefined ? {} : { note: text, key: `key-${serial}` };
      const done = judged(
        'redirect',
        await call(operator, 'redirect', { ...about(thread, false), ...target, ...note }),
      );
      if (done) count('agent' in target ? 'handed to operators' : 'handed to groups');
      // Where he lost it in between the note may stand there.
      if (text !== undefined) written.push({ threadId: thread.id, text, id: 0 });
    },
  };
}
export type Actions = ReturnType<typeof createActions>;
