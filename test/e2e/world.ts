/** What browser tests begin with: a browser for a whole file, and mostly a product, a shop, and an operator who attends. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { addOperator } from '../support/login.ts';
import { startServer, type Server } from '../support/server.ts';
import { logInAt, setUp, setUpPath, toWorkspace, visitorOn, type Person, type PersonOptions } from './people.ts';
import { openShop, type Shop } from './shop.ts';

type Filled<T> = { -readonly [Key in keyof T]: T[Key] };

/** A browser, and people who are gone when the test ends that they came for. */
export interface Crowd {
  readonly browser: Browser;
  /** Somebody on a page with the launcher, or on a page of the chat. */
  readonly visitor: (address: string, options?: PersonOptions) => Promise<Person>;
  /** Logs an operator in who exists already; he ends at `path`, or at his workspace. */
  readonly operator: (
    base: string,
    path?: string,
    options?: PersonOptions & { readonly login?: string },
  ) => Promise<Person>;
  /** Makes the first administrator of a product and leads him to his workspace. @param url where browsers find it */
  readonly founder: (server: Server, url?: string, options?: PersonOptions) => Promise<Person>;
}

/** Registers hooks. What it gives can be used in tests, and in hooks that are registered later. */
export function gather(launch: () => Promise<Browser> = launchBrowser): Crowd {
  const leaving = async (coming: Promise<Person>): Promise<Person> => {
    const person = await coming;
    onTestFinished(() => person.close());
    return person;
  };
  const crowd = {
    visitor: (address, options) => leaving(visitorOn(crowd.browser, address, options)),
    operator: (base, path, options) => leaving(logInAt(crowd.browser, base, path, options)),
    async founder(server, url = server.url, options) {
      const link = (await setUpPath(server)).replace(/^.*(?=\/operator\/setup\/)/, url);
      const founder = await leaving(setUp(crowd.browser, link, options));
      await toWorkspace(founder);
      return founder;
    },
  } as Filled<Crowd>;
  beforeAll(async () => {
    crowd.browser = await launch();
  });
  afterAll(() => crowd.browser?.close());
  return crowd;
}

export interface World extends Crowd {
  readonly server: Server;
  readonly shop: Shop;
  /** Has been at her workspace since before the first test, where the world is attended. */
  readonly ann: Person;
  /** Changes a setting as its administrator does on the command line. */
  readonly set: (key: string, value: string) => void;
}

export interface WorldOptions {
  readonly start?: () => Promise<Server>;
  readonly launch?: () => Promise<Browser>;
  /** Logins, names, and flags of the command line; absent: Ann alone, an administrator. */
  readonly operators?: readonly (readonly [login: string, name: string, ...flags: string[]])[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Attributes of the script in the shop, as `openShop` takes them. */
  readonly attributes?: string;
  readonly attended?: boolean;
}

/** Registers hooks, as `gather`. After each test browsers have reported nothing against the policy of the shop, and Ann is calm. */
export function openWorld({
  start = startServer,
  launch,
  operators = [['ann', 'Ann', '--admin']],
  settings = {},
  attributes,
  attended = false,
}: WorldOptions = {}): World {
  // Hooks that end something run the other way round: the browser goes first.
  afterAll(async () => {
    await world.shop?.close();
    await world.server?.stop();
  });
  const world = gather(launch) as Filled<World>;
  world.set = (key, value) => expect(world.server.command(['setting', 'set', key, value])).toMatchObject({ code: 0 });
  beforeAll(async () => {
    world.server = await start();
    for (const operator of operators) addOperator(world.server, ...operator);
    for (const [key, value] of Object.entries(settings)) world.set(key, value);
    world.shop = await openShop(world.server.url, attributes);
    if (attended) world.ann = await logInAt(world.browser, world.server.url);
  });
  afterEach(() => {
    expect(world.shop.reports).toEqual([]);
    if (attended) world.ann.watch.calm();
  });
  return world;
}
