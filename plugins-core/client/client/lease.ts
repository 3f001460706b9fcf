/** Whose outbox is whose: a lease in the storage, renewed each second, says that its tab lives. */
import type { Environment } from './environment.ts';
import { randomText } from './environment.ts';
import type { KeyValue } from './storage.ts';

/** A lease that was not renewed for so long has expired: five missed renewals. */
const leaseLifetime = 5000;
export const renewEvery = 1000;

const closing = ' closing';

export interface Leases {
  /** This tab's id: the one of the page before it in the same tab, unless another page uses it. */
  readonly tab: string;
  renew(): void;
  /** The page goes away: the next page of this tab may have the id at once, others after the lease expired. */
  release(): void;
  remove(tab: string): void;
  expired(tab: string): boolean;
  /** Leaves the id to whoever took it, and goes on under a new one. */
  rotate(): void;
}

interface LeaseOptions {
  readonly storage: KeyValue;
  /** Storage of this tab alone: `sessionStorage`. */
  readonly session: KeyValue;
  readonly prefix: string;
  readonly environment: Pick<Environment, 'now' | 'randomBytes'>;
}

export function createLeases({ storage, session, prefix, environment }: LeaseOptions): Leases {
  const leaseOf = (tab: string) => `${prefix}lease:${tab}`;
  const tabKey = `${prefix}tab`;

  function expired(tab: string): boolean {
    const age = environment.now() - Number.parseInt(storage.get(leaseOf(tab)) ?? '0', 10);
    // A lease from the future was written before the clock was set back.
    return !(age <= leaseLifetime && age >= -60_000);
  }

  function fresh(): string {
    const tab = randomText(environment, 12);
    session.set(tabKey, tab);
    return tab;
  }

  function adopt(): string {
    const known = session.get(tabKey);
    // A duplicated tab finds the id of its original, whose lease lives.
    const free = known && (expired(known) || storage.get(leaseOf(known))?.endsWith(closing));
    return free ? known : fresh();
  }

  let tab = adopt();
  return {
    get tab() {
      return tab;
    },
    renew: () => storage.set(leaseOf(tab), String(environment.now())),
    release: () => storage.set(leaseOf(tab), environment.now() + closing),
    remove: (of) => storage.remove(leaseOf(of)),
    expired,
    rotate: () => void (tab = fresh()),
  };
}
