/** The operators' navigation: what plugins contributed, as far as this operator may use it. */
import type { Addresses } from '../../kernel/plugin.ts';
import type { MenuItem, MenuSection } from './api.ts';

export interface MenuEntry {
  readonly label: string;
  readonly href: string;
  readonly icon: string;
  readonly current: boolean;
  readonly section: MenuSection;
}

/**
 * @param path of the request, to tell which entry is the current one: the longest that it lies below. The first page of the operators
 * lies above every other, so it is current on its own address alone.
 */
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
    .flatMap(({ label, route, icon = 'circle', permission, section }) => {
      const href = addressOf(addresses, route);
      return href === undefined
        ? []
        : [
            {
              entry: {
                label: text(label),
                href,
                icon,
                section: section ?? (permission === 'admin' ? 'admin' : 'work'),
              },
              href,
              first: route === 'admin.dashboard',
            },
          ];
    });
  const below = entries.filter(({ href, first }) => path === href || (!first && path.startsWith(`${href}/`)));
  const nearest = below.toSorted((a, b) => b.href.length - a.href.length)[0];
  return entries.map(({ entry }) => ({ ...entry, current: entry === nearest?.entry }));
}

const order: readonly MenuSection[] = ['work', 'people', 'admin'];

/** The entries below their headings. What an operator works with all day stands first and needs no heading. */
export function sectionsOf(
  entries: readonly MenuEntry[],
  text: (key: string) => string,
): readonly { section: MenuSection; heading: string | undefined; entries: readonly MenuEntry[] }[] {
  return order.flatMap((section) => {
    const own = entries.filter((entry) => entry.section === section);
    return own.length === 0
      ? []
      : [{ section, heading: section === 'work' ? undefined : text(`views.menu.${section}`), entries: own }];
  });
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
