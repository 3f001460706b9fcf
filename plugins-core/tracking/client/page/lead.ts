/** Which tab of the site keeps a stream: six of them exhaust a host on HTTP/1.1. The others hear through it. */
import type { Shelf } from '../../../../widget/storage.ts';
import type { PageChannel, PageWorld } from './world.ts';

const key = 'lead';
/** ms between two looks at the lease. */
const every = 5000;
/** ms after which a lease that was not renewed is free; browsers let hidden tabs run once a minute. */
const lifetime = { seen: 15_000, hidden: 150_000 } as const;

export interface Lead {
  readonly leads: boolean;
  start(): void;
  /** Passes on what this tab heard. */
  tell(text: string): void;
  /** Leaves it to another tab. */
  stop(): void;
}

interface LeadNeeds {
  readonly world: PageWorld;
  readonly shelf: Pick<Shelf, 'get' | 'set'>;
  /** Name of the channel between the tabs. */
  readonly name: string;
  readonly heard: (text: string) => void;
  /** This tab leads from now on, or no more. */
  readonly changed: (leads: boolean) => void;
}

export function createLead({ world, shelf, name, heard, changed }: LeadNeeds): Lead {
  const id = String(world.random()).slice(2);
  let channel: PageChannel | undefined;
  let timer: unknown;
  let leads = false;

  function set(value: boolean): void {
    if (value === leads) return;
    leads = value;
    changed(value);
  }
  function look(): void {
    world.clearTimeout(timer);
    const [holder, at] = (shelf.get(key) || '').split(' ');
    const age = world.now() - Number(at);
    const limit = world.place().hidden ? lifetime.hidden : lifetime.seen;
    const own = holder === id;
    // A lease from the future was written before the clock was set back.
    const free = !own && !(age >= -1000 && age < limit);
    if (own || free) shelf.set(key, `${id} ${world.now()}`);
    set(own);
    // It is ours if it still says so a moment later.
    timer = world.setTimeout(look, free ? 50 + 100 * world.random() : every);
  }

  return {
    get leads() {
      return leads;
    },
    start() {
      if (channel) return;
      channel = world.openChannel(name, (text) => (text ? heard(text) : look()));
      if (channel) look();
    },
    tell(text) {
      if (channel) channel.post(text);
    },
    stop() {
      world.clearTimeout(timer);
      if (!channel) return;
      if ((shelf.get(key) || '').split(' ')[0] === id) {
        shelf.set(key, null);
        channel.post('');
      }
      channel.close();
      channel = undefined;
      set(false);
    },
  };
}
