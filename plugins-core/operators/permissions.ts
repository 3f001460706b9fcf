import type { Operator, Permission } from './api.ts';

/** The permissions of the spec, in its order. */
export const corePermissions = ['admin', 'takeover', 'viewthreads', 'modifyprofile', 'statistics'].map(
  (name): Permission => ({ name, label: `operators.permission.${name}` }),
);

/** All permissions there are: the core ones, and what plugins brought. */
export function createPermissionBook() {
  const book = new Map<string, Permission>();
  return {
    add: (list: readonly Permission[]): (() => void) => {
      for (const { name } of list) {
        if (!/^[a-z][\w-]{0,63}$/.test(name)) throw new Error(`"${name}" is no name for a permission`);
        if (book.has(name)) throw new Error(`there already is a permission "${name}"`);
      }
      for (const permission of list) book.set(permission.name, permission);
      return () => list.forEach(({ name }) => book.delete(name));
    },
    list: (): readonly Permission[] => [...book.values()],
  };
}

const core = new Set(corePermissions.map(({ name }) => name));

/** What plugins bring later, nobody could have been given: administrators have it. */
export const can = ({ permissions }: Pick<Operator, 'permissions'>, permission: string): boolean =>
  permissions.includes(permission) || (!core.has(permission) && permissions.includes('admin'));
