/** The pages about one operator: his profile, and what else plugins know of him. */
import type { Addresses } from '../../kernel/plugin.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService, OperatorTab } from './api.ts';
import { isAdministrator } from './rights.ts';

export const ownTabs: readonly OperatorTab[] = [
  { label: 'operators.tab.profile', route: 'operators.operatorEdit', weight: 100 },
  { label: 'operators.tab.permissions', route: 'operators.operatorPermissions', weight: 200 },
  { label: 'operators.tab.avatar', route: 'operators.operatorAvatar', weight: 300 },
];

export function createTabs({ url }: Addresses, locales: Pick<LocalesService, 'of' | 'text'>) {
  const tabs = new Set<OperatorTab>();
  const links: OperatorsService['tabs'] = (context, id, viewer, current) => {
    if (viewer.id !== id && !isAdministrator(viewer)) return [];
    const locale = locales.of(context);
    return [...tabs]
      .toSorted((a, b) => a.weight - b.weight || (a.route < b.route ? -1 : 1))
      .map(({ label, route }) => ({
        label: locales.text(locale, label),
        href: url(route, { operator: id }),
        current: route === current,
      }));
  };
  return {
    links,
    add: (tab: OperatorTab): (() => void) => {
      tabs.add(tab);
      return () => tabs.delete(tab);
    },
  };
}
