/** Who may change an account. Asked inside the transaction that writes: who asks may have lost his right a moment ago. */
import { OperatorError, type Operator } from './api.ts';
import { can } from './permissions.ts';

type Account = Pick<Operator, 'id' | 'permissions' | 'disabled'>;

export const isAdministrator = ({ permissions }: Pick<Operator, 'permissions'>): boolean =>
  permissions.includes('admin');

const forbidden = () => new OperatorError('OPERATOR_FORBIDDEN', 'this operator may not do that');

/** As he is by now. @throws OperatorError */
function nowOf(accounts: readonly Account[], by: Operator): Account {
  const now = accounts.find(({ id }) => id === by.id);
  if (!now || now.disabled) throw forbidden();
  return now;
}

/** @throws OperatorError OPERATOR_FORBIDDEN unless `by` administers; absent: the system */
export function assertAdministers(accounts: readonly Account[], by: Operator | undefined): void {
  if (by && !isAdministrator(nowOf(accounts, by))) throw forbidden();
}

/** Administrators edit everybody, others themselves if they may. */
export const mayEdit = (by: Pick<Operator, 'id' | 'permissions'>, id: number): boolean =>
  isAdministrator(by) || (by.id === id && can(by, 'modifyprofile'));

/** @throws OperatorError OPERATOR_FORBIDDEN */
export function assertEdits(accounts: readonly Account[], by: Operator | undefined, id: number): void {
  if (by && !mayEdit(nowOf(accounts, by), id)) throw forbidden();
}

/** Nobody shuts himself out. @throws OperatorError OPERATOR_SELF */
export function assertOther(by: Operator | undefined, id: number): void {
  if (by?.id === id) throw new OperatorError('OPERATOR_SELF', 'nobody disables or deletes himself');
}

/** Somebody who can administer is left. @throws OperatorError LAST_ADMINISTRATOR */
export function assertAdministered(before: readonly Account[], after: readonly Account[]): void {
  const left = (accounts: readonly Account[]) => accounts.some((one) => isAdministrator(one) && !one.disabled);
  if (left(before) && !left(after))
    throw new OperatorError('LAST_ADMINISTRATOR', 'this is the last administrator: make another one first');
}
