/** Visitors come, operators answer, go away, hand over, vanish; the server is started again. What must hold is looked at all along. */
import { jobs } from '../../plugins-core/jobs/api.ts';
import { routing } from '../../plugins-core/routing/api.ts';
import { threads as threadsService, threadState, type Thread } from '../../plugins-core/chat/api.ts';
import { createRandom, type Random } from '../support/random.ts';
import { createActions, type Actions } from './actions.ts';
import { takeClock, type Clock } from './clock.ts';
import { judgeEnd, loadOf, overLimit, timeouts, waitingInVain } from './judge.ts';
import { createLedger } from './ledger.ts';
import { startProduct, type Product } from './product.ts';
import { createPeople, type SimOperator, type SimVisitor, type SimWorld } from './world.ts';

export interface SimulationPlan {
  readonly seed: number;
  readonly chats: number;
  readonly operators: number;
  /** How often the server is started again. */
  readonly restarts: number;
  /** Address of the database; absent: SQLite in the data folder. */
  readonly database?: string;
}
export interface SimulationOutcome {
  readonly rounds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly totals: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const { chatting, waiting, queue } = threadState;
/** More than these are a fault of the run itself, ten are enough to see what is wrong. */
const enough = 10;

/** Conversations that are open now. */
const openOf = async ({ kernel }: Product): Promise<readonly Thread[]> =>
  (await kernel.service(threadsService).since(0)).threads;

/** Brings the product to rest: who is gone is found, what waits is given away. */
async function settle({ kernel }: Product): Promise<void> {
  await kernel.service(jobs).runNow('chat.presence');
  await kernel.service(routing).settle();
}

class Simulation {
  readonly faults: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #visitors: SimVisitor[] = [];
  readonly #byThread = new Map<number, SimVisitor>();
  readonly #product: Product;
  readonly #world: SimWorld;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #actions: Actions;
  rounds = 0;

  constructor(product: Product, world: SimWorld, random: Random, clock: Clock) {
    this.#product = product;
    this.#world = world;
    this.#random = random;
    this.#clock = clock;
    this.#actions = createActions({ product, world, random, faults: this.faults, counts: this.counts });
  }

  get written() {
    return this.#actions.written;
  }
  get arrived() {
    return this.#visitors.length;
  }

  #operator(id: number): SimOperator | undefined {
    return this.#world.operators.find((one) => one.id === id);
  }

  /** Moods change: away for a while, back, or gone without a word. */
  async moods(calm: boolean): Promise<void> {
    const random = this.#random;
    // Now and then a whole group has its break: its visitors find nobody.
    const resting = !calm && random.chance(0.03) ? random.pick(this.#world.asked) : 0;
    for (const one of this.#world.operators) {
      const rests = [...one.groups].some((id) => id === resting || this.#world.parents.get(id) === resting);
      if (one.mood === 'here' && resting > 0 && rests) await this.#actions.setAway(one, true);
      else if (one.mood === 'gone') {
        if (!calm && this.#clock.now() < one.until) continue;
        one.mood = 'here';
        await this.#actions.setAway(one, false);
      } else if (one.mood === 'away') {
        if (calm || random.chance(0.15)) await this.#actions.setAway(one, false);
      } else if (!calm && random.chance(0.02)) await this.#actions.setAway(one, true);
      else if (!calm && random.chance(0.01)) {
        one.mood = 'gone';
        one.until = this.#clock.now() + (20 + random.below(100)) * 1000;
        this.counts['operators gone'] = (this.counts['operators gone'] ?? 0) + 1;
      }
    }
  }

  /** Whoever is there says so. */
  async signs(open: readonly Thread[]): Promise<void> {
    const now = () => this.#clock.now();
    const isOwn = (thread: Thread, id: number) => thread.state === chatting && thread.agentId === id;
    await Promise.all([
      ...this.#world.operators
        .filter(({ mood }) => mood !== 'gone')
        .map((one) =>
          this.#actions.attend(
            one,
            open.filter((thread) => isOwn(thread, one.id)),
            now,
          ),
        ),
      ...open.flatMap(({ id }) => {
        const visitor = this.#byThread.get(id);
        return visitor?.here ? [this.#actions.sign(visitor)] : [];
      }),
    ]);
  }

  async #arrive(): Promise<void> {
    const random = this.#random;
    const number = this.#visitors.length + 1;
    const secret = Buffer.from(`${random.seed}-${number}`.padEnd(32, '.')).toString('base64url');
    const visitor: SimVisitor = {
      headers: {
        'x-mibew-visitor': secret,
        'x-forwarded-for': `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
      },
      name: `Vis${number}`,
      groupId: random.pick(this.#world.asked),
      thread: undefined,
      here: false,
    };
    this.#visitors.push(visitor);
    await this.#actions.arrive(visitor);
    if (visitor.thread) this.#byThread.set(visitor.thread.id, visitor);
  }

  /** What both sides of one conversation do in a round. */
  #deeds(thread: Thread, haste: number): (() => Promise<void>)[] {
    const [random, actions] = [this.#random, this.#actions];
    const visitor = this.#byThread.get(thread.id);
    const operator = thread.state === chatting ? this.#operator(thread.agentId) : undefined;
    const deeds: (() => Promise<void>)[] = [];
    if (visitor?.here) {
      const dice = random.next();
      if (dice < 0.25) deeds.push(() => actions.post(visitor, thread, true));
      else if (dice < 0.25 + 0.02 * haste) deeds.push(() => actions.close(visitor, thread, true));
      else if (dice > 0.99) visitor.here = false;
    }
    if (operator && operator.mood !== 'gone') {
      const dice = random.next();
      if (dice < 0.25) deeds.push(() => actions.post(operator, thread, false));
      else if (dice < 0.28) deeds.push(() => actions.post(operator, thread, false, true));
      else if (dice < 0.33) deeds.push(() => actions.redirect(operator, thread));
      else if (dice < 0.33 + 0.08 * haste) deeds.push(() => actions.close(operator, thread, false));
    }
    return deeds;
  }

  /** Everything at once, in an order of its own. */
  async deeds(open: readonly Thread[], arrivals: number, haste: number): Promise<void> {
    const all = open.flatMap((thread) => this.#deeds(thread, haste));
    for (let count = 0; count < arrivals; count += 1) all.push(() => this.#arrive());
    for (let at = all.length - 1; at > 0; at -= 1) {
      const other = this.#random.below(at + 1);
      [all[at], all[other]] = [all[other]!, all[at]!];
    }
    await Promise.all(all.map((deed) => deed()));
  }

  /** Whoever has room to spare takes conversations of groups that go by hand; now and then one is taken over. */
  async byHand(): Promise<void> {
    for (const operator of this.#world.operators) {
      if (operator.mood !== 'here') continue;
      const open = await openOf(this.#product);
      // One place is left for what is given to him at the same moment.
      if (loadOf(open, operator.id) > operator.limit - 2) continue;
      const isHis = ({ groupId }: Thread) => this.#world.byHand.has(groupId) && operator.groups.has(groupId);
      const next = open.find((thread) => isHis(thread) && (thread.state === waiting || thread.state === queue));
      if (next) await this.#actions.take(operator, next);
      else if (operator.id % 5 === 0 && this.#random.chance(0.05)) {
        const other = open.find(
          (thread) =>
            thread.state === chatting &&
            thread.agentId !== operator.id &&
            this.#world.answers(operator, thread.groupId),
        );
        if (other && other.groupId > 0) await this.#actions.take(operator, other, true);
      }
    }
  }

  /** At rest: nobody has too many, nobody waits in vain. Jobs go on by themselves, so what is wrong is looked at again. */
  async look(): Promise<readonly Thread[]> {
    let found: readonly string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await settle(this.#product);
      const open = await openOf(this.#product);
      found = [...overLimit(open, this.#world), ...waitingInVain(open, this.#world, this.#clock.now())];
      if (found.length === 0) return open;
    }
    for (const fault of found) this.faults.push(`round ${this.rounds}: ${fault}`);
    return openOf(this.#product);
  }

  async restart(): Promise<void> {
    await this.#product.restart();
    // Who is there lies in memory: whoever vanished before is unknown to the new process, and is given nothing.
    for (const operator of this.#world.operators) operator.seenAt = 0;
    this.counts['restarts'] = (this.counts['restarts'] ?? 0) + 1;
  }

  /** One round. @param calm nobody leaves his post any more */
  async round(arrivals: number, calm: boolean): Promise<readonly Thread[]> {
    const random = this.#random;
    this.rounds += 1;
    this.#clock.advance(2000 + random.below(4000));
    await this.moods(calm);
    await this.signs(await openOf(this.#product));
    const open = await this.look();
    await this.deeds(open, arrivals, calm ? 3 : 1);
    if (random.chance(0.1)) await this.#product.kernel.service(jobs).runNow('chat.close-old');
    await this.look();
    await this.byHand();
    return this.look();
  }

  /** Everybody falls silent; after a while the server ends what is open. */
  async silence(): Promise<void> {
    for (const visitor of this.#visitors) visitor.here = false;
    for (const operator of this.#world.operators) operator.mood = 'gone';
    for (let passed = 0; passed < timeouts.lifetime * 2; passed += timeouts.connection) {
      this.#clock.advance(timeouts.connection * 1000);
      await settle(this.#product);
      await this.#product.kernel.service(jobs).runNow('chat.close-old');
    }
  }
}

/** Runs it. @returns what was done, and what was wrong */
export async function runSimulation(plan: SimulationPlan): Promise<SimulationOutcome> {
  const random = createRandom(plan.seed);
  const clock = takeClock();
  const limits = new Map<number, number>();
  const ledger = createLedger((id) => limits.get(id) ?? Infinity);
  let product: Product | undefined;
  try {
    product = await startProduct({ database: plan.database, observe: ledger.observe });
    const world = await createPeople(product, random, plan.operators);
    for (const { id, limit } of world.operators) limits.set(id, limit);
    const simulation = new Simulation(product, world, random, clock);
    const { faults } = simulation;
    const bad = () => faults.length >= enough;
    // About as many as can be served, at times more.
    const rush = Math.max(1, Math.round(plan.operators / 3));
    const restarts = Array.from({ length: plan.restarts }, (_, at) => ((at + 1) * plan.chats) / (plan.restarts + 1));
    while (simulation.arrived < plan.chats && !bad()) {
      await simulation.round(Math.min(random.below(rush + 1), plan.chats - simulation.arrived), false);
      if (simulation.arrived >= (restarts[0] ?? Infinity)) {
        restarts.shift();
        await simulation.restart();
      }
    }
    // The last few are nobody's any more; the others come to their end.
    for (let left = Infinity; left > 3 && !bad();) left = (await simulation.round(0, true)).length;
    await simulation.silence();
    await settle(product);
    const threads = product.kernel.service(threadsService);
    const end = bad() ? [] : [...ledger.balance(), ...(await judgeEnd(threads, ledger.ids(), simulation.written))];
    const { counts, rounds } = simulation;
    return { rounds, counts, totals: ledger.totals(), faults: [...faults, ...end].slice(0, 50) };
  } finally {
    await product?.stop();
    clock.restore();
  }
}
