/** Services: one provider each. */
import { PluginError } from './errors.ts';
import type { ServiceToken } from './tokens.ts';

interface Provided {
  readonly plugin: string;
  readonly implementation: unknown;
}

/** Who provides what. Tokens meet by id. */
export class ServiceRegistry {
  readonly #provided = new Map<string, Provided>();

  /** @returns a function that withdraws the service */
  provide(plugin: string, token: ServiceToken<unknown>, implementation: unknown): () => void {
    const other = this.#provided.get(token.id);
    if (other) throw new PluginError('SERVICE_CONFLICT', { plugin, service: token.id, other: other.plugin });
    this.#provided.set(token.id, { plugin, implementation });
    return () => void this.#provided.delete(token.id);
  }

  find(id: string): Provided | undefined {
    return this.#provided.get(id);
  }

  get<T>(token: ServiceToken<T>, plugin = 'kernel'): T {
    const found = this.#provided.get(token.id);
    if (!found) throw new PluginError('SERVICE_MISSING', { plugin, service: token.id, reason: 'nobody provides it' });
    return found.implementation as T;
  }
}
