/** A page that is followed: when it says where it is, and how that ends. */
import type { LauncherDoor } from '../../../../widget/part.ts';
import { visitorSecret } from '../../../../widget/secret.ts';
import { createCarriers } from './carriers.ts';
import { growing } from './pauses.ts';
import type { Refused } from './post.ts';
import type { Stash } from './stash.ts';
import type { Tasks } from './tasks.ts';
import type { Arguments, Incoming } from './wire.ts';
import type { PageWorld } from './world.ts';

/** What the server writes into the launcher for this part. */
export interface TrackingFacts {
  /** Seconds between two contacts of a page in sight. */
  readonly poll: number;
  /** Nothing before the visitor agreed, unless the page says otherwise: the launcher sees to it. */
  readonly consent: boolean;
  /** Whoever asks not to be tracked is not. */
  readonly dnt: boolean;
}

/** Of the secret on the shelf. */
const key = 'tracking';
/** What held for so long was no failure, ms. */
const steady = 10_000;
/** Between contacts that the page itself brings about there is at least so much time, and more of them are waited for, ms. */
const leastPause = 1000;
const gathering = 250;

interface FollowNeeds {
  readonly door: LauncherDoor<TrackingFacts>;
  readonly world: PageWorld;
  readonly stash: Stash;
  readonly tasks: Tasks;
}
export interface Followed {
  /** Starts, if it may; else as soon as it may. */
  begin(): void;
  /** There is something to tell. */
  soon(): void;
  /** The page shows the invitation of this thread (0: none), or the visitor closed it: that is told at once. */
  invited(threadId: number, rejected?: boolean): void;
}

export function follow({ door, world, stash, tasks }: FollowNeeds): Followed {
  const { shelf, facts } = door;
  /** Undefined while nothing may be sent. */
  let secret: string | undefined;
  /** The server said stop: for the lifetime of the page. */
  let over = false;
  let timer: unknown;
  let due = Infinity;
  let last = 0;
  let failures = 0;
  let failedAt = 0;
  /** The last contact came to nothing. */
  let down = false;
  let busy = false;
  let again = false;
  /** Counts what was begun, so that what was given up is not heard. */
  let turn = 0;
  let reported = '';
  let invitation = 0;
  let rejected = false;

  const carriers = createCarriers({
    door,
    world,
    pushed(calls: readonly Incoming[]) {
      for (const { name, args } of calls)
        if (!secret) return;
        else if (name === 'receiveWidget') tasks.run(args);
        else if (name === 'stopWidget') end();
    },
    wanted(lost) {
      if (!lost) soon();
      else if (!busy) failed(0);
    },
  });

  function schedule(ms: number): void {
    world.clearTimeout(timer);
    due = world.now() + ms;
    timer = world.setTimeout(round, ms);
  }
  /** Makes a contact earlier than it is due. While nothing answers, the page does not make it worse. */
  function bring(at: number): void {
    const time = Math.max(at, world.now() + gathering, last + leastPause);
    if (secret && !busy && !down && time < due) schedule(time - world.now());
  }
  function soon(): void {
    if (busy) again = true;
    bring(0);
  }

  function contact(): Arguments {
    const { address, title, entry, hidden } = world.place();
    reported = address;
    return {
      page: address.slice(0, 2048),
      title: title.slice(0, 255),
      entry: entry.slice(0, 2048),
      locale: door.locale.slice(0, 16),
      silent: Object.prototype.hasOwnProperty.call(door.data, 'silent'),
      hidden,
      invitation,
      rejected,
    };
  }

  function answered({ next, ...response }: Arguments, more: boolean): void {
    if (!Number(next)) return end();
    down = false;
    // What breaks as soon as it stands is not mended.
    if (world.now() - failedAt > steady) failures = 0;
    schedule(Number(next) * 1000);
    if (more || again) soon();
    tasks.run(response);
  }
  /** The server is not there, or does not want to be asked now. */
  function failed(pause: number): void {
    if (!secret) return;
    down = true;
    failedAt = world.now();
    schedule(Math.max(growing(world, failures++), pause));
  }

  function round(): void {
    world.clearTimeout(timer);
    due = Infinity;
    if (busy) again = true;
    if (!secret || busy) return;
    const own = ++turn;
    const { custom, acknowledged } = stash.take();
    const told = rejected;
    busy = true;
    again = false;
    last = world.now();
    carriers.send(secret, { ...contact(), custom }).then(
      (answer) => {
        if (own !== turn) return;
        busy = false;
        if (told) rejected = false;
        answered(answer, acknowledged());
      },
      (error: Partial<Refused> | undefined) => {
        if (own !== turn) return;
        busy = false;
        failed((error && error.pause) || 0);
      },
    );
  }

  function begin(): void {
    if (over || secret || !door.consented() || (facts.dnt && world.declined())) return;
    secret = visitorSecret({
      keys: (start) => shelf.keys(start),
      get: () => shelf.get(key),
      set: (_, value) => shelf.set(key, value),
    });
    door.begin({ user_id: secret });
    round();
  }
  function rest(): void {
    secret = undefined;
    busy = false;
    turn++;
    world.clearTimeout(timer);
    carriers.rest();
  }
  function end(): void {
    over = true;
    rest();
  }

  function withdraw(): void {
    rest();
    stash.clear();
    shelf.set(key, null);
    door.begin({ user_id: '' });
  }

  door.onConsent((given) => (given ? begin() : withdraw()));
  door.onChat((chat) => (chat && chat.live ? round() : soon()));
  world.onChange((what) => {
    const { address, hidden } = world.place();
    if (what === 'leave') carriers.leave();
    else if (what === 'path') {
      if (address !== reported) soon();
    } else if (!hidden) bring(last + facts.poll * 1000);
  });

  return {
    begin,
    soon,
    invited(threadId, closed = false) {
      invitation = threadId;
      rejected = closed;
      if (closed) round();
    },
  };
}
