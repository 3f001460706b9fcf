/** The operators' navigation: what plugins contributed, as far as this operator may use it. */
import type { Addresses } from '../../kernel/plugin.ts';
import type { MenuItem } from './api.ts';

export interface MenuEntry {
  readonly label: string;
  readonly href: string;
  readonly icon: string;
  readonly current: boolean;
}

/** @param path of the request, to tell which entry is the current one: the longest that it lies below */
export function menuOf(
  items: Iterable<MenuItem>,
  permissions: readonly string[],
  path: string,
  addresses: Addresses,
  text: (key: string) => string,
): readonly MenuEntry[] {
  const entries = [...items]
    .filter(({ permission, shown }) => (!permission || permissions.includes(permission)) && (shown?.() ?? true))
    .toSorted((a, b) => a.weight - b.weight || (a.label < b.label ? -1 : 1))
    .flatMap(({ label, route, icon = 'circle' }) => {
      const href = addressOf(addresses, route);
      return href === undefined ? [] : [{ label: text(label), href, icon }];
    });
  const below = entries.filter(({ href }) => path === href || path.startsWith(`${href}/`));
  const nearest = below.toSorted((a, b) => b.href.length - a.href.length)[0];
  return entries.map((entry) => ({ ...entry, current: entry === nearest }));
}

/** No address while its plugin is being switched: the entry is left out then. */
function addressOf(addresses: Addresses, route: string): string | undefined {
  try {
    return addresses.url(route);
  } catch (error) {
    if ((error as { code?: string }).code === 'ROUTE_UNKNOWN') return undefined;
    throw error;
  }
}
