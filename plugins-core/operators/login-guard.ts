/** What stands between a stranger and the passwords: pauses, and what a plugin demands once somebody keeps failing. */
import type { Context } from 'hono';
import type { AttemptsService, LoginDemand, LoginTrial } from './api.ts';
import { keyOf } from './rules.ts';

export interface LoginGuardNeeds {
  readonly attempts: AttemptsService;
  readonly address: (context: Context) => string;
  readonly demand: (trial: LoginTrial) => Promise<LoginDemand | undefined>;
}

/** Why an attempt must not be made: too early, or the proof that was demanded is not good. */
export type Refusal = { readonly failure: 'throttled'; readonly retryAfter: number } | { readonly failure: 'unproved' };

const minute = 60_000;
/** After so many failures of a login or an address plugins are asked what else they demand. */
const suspicious = 3;

export function createLoginGuard({ attempts, address, demand }: LoginGuardNeeds) {
  // The pause of a name stays short: a stranger who keeps failing must not lock its owner out.
  const byName = attempts.of({ free: 5, first: 1_000, longest: minute, forget: 60 * minute });
  const byAddress = attempts.of({ free: 20, first: 1_000, longest: 15 * minute, forget: 60 * minute });
  // Without scripts nothing can be proved; then these pauses have to do.
  const unproved = {
    byName: attempts.of({ free: 1, first: 10_000, longest: minute, forget: 60 * minute }),
    byAddress: attempts.of({ free: 1, first: 10_000, longest: 15 * minute, forget: 60 * minute }),
  };

  const keysOf = (context: Context, login: string) => ({
    name: keyOf(login),
    network: attempts.network(address(context)),
  });
  const failuresOf = ({ name, network }: { name: string; network: string }) =>
    Math.max(byName.failures(name), byAddress.failures(network));
  const asked = async (context: Context, login: string, fields?: URLSearchParams) => {
    const failures = failuresOf(keysOf(context, login));
    return failures < suspicious ? undefined : demand({ context, login, failures, ...(fields && { fields }) });
  };

  /** Counts an attempt in both. The address first: whoever is slowed down himself must not make its owner's name wait. */
  function begin(names: typeof byName, networks: typeof byName, { name, network }: { name: string; network: string }) {
    const strange = networks.begin(network);
    const wait = strange || names.begin(name);
    if (wait > 0 && strange === 0) networks.undo(network);
    return wait;
  }
  const throttled = (wait: number): Refusal => ({ failure: 'throttled', retryAfter: Math.ceil(wait / 1_000) });

  return {
    /** What the form has to show besides. */
    app: async (context: Context, login: string): Promise<LoginDemand['app']> => (await asked(context, login))?.app,
    /** Counts the attempt as failed before it is made. */
    async admit(context: Context, login: string, fields: URLSearchParams): Promise<Refusal | undefined> {
      const keys = keysOf(context, login);
      const suspect = failuresOf(keys) >= suspicious;
      const wait = begin(byName, byAddress, keys);
      if (wait > 0) return throttled(wait);
      const proof = suspect ? (await asked(context, login, fields))?.proof : undefined;
      if (proof !== 'wrong' && proof !== 'missing') return undefined;
      const longer = proof === 'missing' ? begin(unproved.byName, unproved.byAddress, keys) : 0;
      if (proof === 'missing' && longer === 0) return undefined;
      // No password was compared.
      byName.undo(keys.name);
      byAddress.undo(keys.network);
      return proof === 'wrong' ? { failure: 'unproved' } : throttled(longer);
    },
    /** The attempt was good after all. */
    passed(context: Context, login: string): void {
      const { name, network } = keysOf(context, login);
      byName.forget(name);
      byAddress.undo(network);
      unproved.byName.forget(name);
      unproved.byAddress.undo(network);
    },
  };
}
export type LoginGuard = ReturnType<typeof createLoginGuard>;
