/** Services: one provider each. Tokens meet by id. */
import { PluginError } from './errors.ts';
import type { ServiceToken } from './tokens.ts';

/** Who provides what. */
export type Services = ReturnType<typeof createServices>;

export function createServices() {
  const provided = new Map<string, { readonly plugin: string; readonly implementation: unknown }>();
  return {
    find: (id: string) => provided.get(id),
    get(service: string): unknown {
      const found = provided.get(service);
      if (found) return found.implementation;
      throw new PluginError('SERVICE_MISSING', { plugin: 'kernel', service, reason: 'nobody provides it' });
    },
    /** @returns a function that withdraws the service */
    provide(plugin: string, { id }: ServiceToken<unknown>, implementation: unknown): () => void {
      const other = provided.get(id)?.plugin;
      if (other) throw new PluginError('SERVICE_CONFLICT', { plugin, service: id, other });
      provided.set(id, { plugin, implementation });
      return () => void provided.delete(id);
    },
  };
}
