/** Valid packages made wrong, at random but repeatably. */

/** Numbers from a seed: the same seed, the same run. */
export interface Random {
  /** 0 ≤ n < 1 */
  next(): number;
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  function pick<T>(items: readonly T[]): T {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }
  return { next, below, pick };
}

type Holder = Record<string, unknown> | unknown[];
interface Slot {
  readonly holder: Holder;
  readonly key: string;
}
const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

function slotsOf(value: unknown, found: Slot[] = []): Slot[] {
  if (!isHolder(value)) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value, key });
    slotsOf((value as Record<string, unknown>)[key], found);
  }
  return found;
}

const structure =
  /^(signature|proto|async|requests|token|functions|function|arguments|references|return|errorCode|\d+)$|Id$/;

function slot(pack: unknown, random: Random): Slot | undefined {
  const all = slotsOf(pack);
  // The envelope decides; arguments are many.
  const framed = all.filter(({ key }) => structure.test(key));
  return random.next() < 0.7 && framed.length > 0 ? random.pick(framed) : all.length > 0 ? random.pick(all) : undefined;
}

const get = ({ holder, key }: Slot): unknown => (holder as Record<string, unknown>)[key];
function set({ holder, key }: Slot, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

const nested = (depth: number): unknown => JSON.parse('[{"a":'.repeat(depth) + '1' + '}]'.repeat(depth));
const hostile: readonly (() => unknown)[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  42,
  '',
  '0',
  '1.0',
  '0.9',
  'true',
  'x',
  'result',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '+ % %41 "\'</script> 👍',
  '\ud800',
  'x'.repeat(5_000),
  '42',
  '-1',
  '1e3',
  ' 7',
].map((value) => () => value);
const shapes: readonly (() => unknown)[] = [
  () => [],
  () => ({}),
  () => [1],
  () => [null],
  () => ({ a: 1 }),
  () => nested(4),
  () => nested(40),
  () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown,
];
const names = [
  '__proto__',
  'constructor',
  'toString',
  'Result',
  'result',
  'update',
  'UPDATE',
  'nobodyKnows',
  'messages',
];

type Mutation = (pack: unknown, random: Random) => void;

/** Everything that can be done to a package and still be written as JSON. */
const mutations: readonly Mutation[] = [
  function remove(pack, random) {
    const found = slot(pack, random);
    if (!found) return;
    if (Array.isArray(found.holder)) found.holder.splice(Number(found.key), 1);
    else delete found.holder[found.key];
  },
  function replace(pack, random) {
    const found = slot(pack, random);
    if (found) set(found, random.pick(random.next() < 0.7 ? hostile : shapes)());
  },
  function rename(pack, random) {
    const found = slot(pack, random);
    if (!found || Array.isArray(found.holder)) return;
    const value = get(found);
    delete found.holder[found.key];
    set({ holder: found.holder, key: random.pick(names) }, value);
  },
  function swap(pack, random) {
    const [one, two] = [slot(pack, random), slot(pack, random)];
    if (!one || !two || isHolder(get(one)) || isHolder(get(two))) return;
    const value = get(one);
    set(one, get(two));
    set(two, value);
  },
  function repeat(pack, random) {
    const lists = slotsOf(pack)
      .map(get)
      .filter((value) => Array.isArray(value) && value.length > 0) as unknown[][];
    if (lists.length === 0) return;
    const target = random.pick(lists);
    const item = random.pick(target);
    const times = random.pick([1, 2, 19, 20, 21, 49, 50, 51]);
    while (target.length < times) target.push(structuredClone(item));
  },
  function empty(pack, random) {
    const holders = slotsOf(pack).filter((one) => isHolder(get(one)));
    if (holders.length > 0) set(random.pick(holders), random.pick([[], {}, null]));
  },
  function answer(pack, random) {
    const functions = slotsOf(pack).filter(({ key }) => key === 'function');
    if (functions.length > 0) set(random.pick(functions), 'result');
  },
  function refer(pack, random) {
    const args = slotsOf(pack)
      .map(get)
      .filter((value): value is Record<string, unknown> => isHolder(value) && 'references' in value);
    if (args.length === 0) return;
    const target = random.pick(args);
    const key = random.pick([...Object.keys(target), ...names]);
    set({ holder: target, key: 'references' }, { [key]: random.pick([0, 1, 2, '1', -1, 1.5, 'x', null, {}]) });
    set({ holder: target, key }, random.pick(['lastId', 'messages', 'time', 'nope', '', 0, '__proto__', true]));
  },
  function want(pack, random) {
    const args = slotsOf(pack)
      .map(get)
      .filter((value): value is Record<string, unknown> => isHolder(value) && 'return' in value);
    if (args.length === 0) return;
    const alias = random.pick<unknown>([...names, '', 7, null, {}, []]);
    set({ holder: random.pick(args), key: 'return' }, { [random.pick([...names, 'time', 'lastId'])]: alias });
  },
];

/** @returns a copy with up to three things wrong, or none */
export function mutatePackage(valid: unknown, random: Random): unknown {
  const holder = { root: structuredClone(valid) };
  const times = random.pick([0, 1, 1, 1, 2, 3]);
  for (let time = 0; time < times; time += 1) random.pick(mutations)(holder.root, random);
  if (random.next() < 0.01) holder.root = random.pick(random.next() < 0.5 ? shapes : hostile)();
  return holder.root;
}

/** Damages bytes after they were encoded. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const noise = () => random.below(256);
  switch (random.below(7)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return Buffer.concat([bytes.slice(0, at), Uint8Array.of(noise(), noise()), bytes.slice(at)]);
    case 2: {
      const damaged = Uint8Array.from(bytes);
      if (damaged.length > 0) damaged[random.below(damaged.length)] = noise();
      return damaged;
    }
    case 3:
      return Buffer.concat([Buffer.from('\uFEFF'), bytes]);
    case 4:
      return Buffer.concat([bytes, Buffer.from(random.pick(['}', '&data=', '&data=%', ' ', '\u0000', '&x=1']))]);
    case 5:
      return Buffer.concat([bytes, Buffer.alloc(random.pick([100, 262_145]), ' ')]);
    default:
      return Buffer.from('['.repeat(random.pick([3, 16, 17, 30_000])) + ']'.repeat(random.pick([3, 16, 17, 30_000])));
  }
}
