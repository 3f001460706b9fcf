/** Changes of accounts: who may make them, what they must leave intact, and what has to end with them. */
import { refuse, type Accounts, type Permit } from './accounts.ts';
import { conflictsOf, type Asked, type Attempts, type OperatorChanges, type OperatorEdit } from './api.ts';
import type { OperatorsService, Permission, PermissionChange } from './api.ts';
import type { Passwords } from './passwords.ts';
import { pictureIssue, type Pictures } from './pictures.ts';
import { assertAdministers, assertEdits, assertOther } from './rights.ts';
import { accountIssues, changedAccount, keyOf, passwordIssues, takenIssues, type Account } from './rules.ts';
import type { Sessions } from './sessions.ts';

export interface AdministrationNeeds {
  readonly accounts: Accounts;
  readonly sessions: Pick<Sessions, 'endAllOf'>;
  readonly passwords: Passwords;
  readonly pictures: Pick<Pictures, 'keep' | 'drop'>;
  readonly permissions: () => readonly Permission[];
  /** Slows down who guesses at the password of a session that somebody left open. */
  readonly proofs: Attempts;
  readonly passwordChanged: (id: number) => Promise<void>;
  /** Setting `max_uploaded_file_size`. */
  readonly mostBytes: () => number;
}

export type Administration = Pick<
  OperatorsService,
  'update' | 'setPassword' | 'setPermissions' | 'setDisabled' | 'setAvatar' | 'remove'
>;

export function createAdministration(needs: AdministrationNeeds): Administration {
  const { accounts, sessions, passwords, pictures } = needs;

  /** He who changes his own password, or the address that a new one could be sent to, knows it. @returns the hash that was compared */
  async function proved(id: number, { by, present = '' }: OperatorEdit): Promise<string | undefined> {
    if (by?.id !== id) return undefined;
    const hash = (await accounts.read()).byId.get(id)?.passwordHash;
    if (present === '') refuse([{ field: 'present', code: 'required' }]);
    if (needs.proofs.begin(String(id)) > 0) refuse([{ field: 'present', code: 'too_many' }]);
    if (!(await passwords.matches(hash, present))) refuse([{ field: 'present', code: 'wrong' }]);
    needs.proofs.forget(String(id));
    return hash;
  }

  async function update(id: number, changes: OperatorChanges, edit: OperatorEdit = {}) {
    const { password } = changes;
    const permit: Permit = (rows) => assertEdits(rows, edit.by, id);
    const rows = await accounts.all();
    // All that can be said before the password is hashed, which costs; said again when it is our turn.
    permit(rows);
    const check = (one: Account & { readonly id: number }, all: readonly (Account & { readonly id: number })[]) => {
      const account = changedAccount(one, changes);
      const issues = [...accountIssues(account), ...(password === undefined ? [] : passwordIssues(password))];
      const others = all.filter((other) => other.id !== one.id);
      refuse(issues.length > 0 ? issues : takenIssues(account, others));
      return account;
    };
    const known = rows.find((one) => one.id === id);
    if (known) check(known, rows);
    const moves = known !== undefined && changes.email !== undefined && keyOf(changes.email.trim()) !== known.emailKey;
    const compared = password === undefined && !moves ? undefined : await proved(id, edit);
    const hash = password === undefined ? undefined : { passwordHash: await passwords.hash(password) };
    const { now } = await accounts.change(id, permit, (row, all) => {
      const { name, commonName, email, code } = check(row, all);
      const wanted = { name, commonName, email, code };
      const conflicts = conflictsOf<Partial<Shown>>(shownOf(row), edit.expected ?? {}, shownOf(wanted));
      refuse(
        conflicts.map((field) => ({ field, code: 'changed' })),
        'OPERATOR_CHANGED',
      );
      // Somebody set it while it was compared.
      if (compared !== undefined && compared !== row.passwordHash) refuse([{ field: 'present', code: 'wrong' }]);
      return { ...differing(row, { ...wanted, emailKey: keyOf(email) }), ...hash };
    });
    if (hash) {
      await needs.passwordChanged(id);
      await sessions.endAllOf(id, edit.keep);
    }
    return now;
  }

  return {
    update,
    async setPassword(id, password, edit) {
      await update(id, { password }, edit);
    },
    async setPermissions(id, { add = [], remove = [] }: PermissionChange, { by }: Asked = {}) {
      const there = new Set(needs.permissions().map(({ name }) => name));
      const { now } = await accounts.change(
        id,
        (rows) => assertAdministers(rows, by),
        ({ permissions }) => {
          if (add.some((name) => !there.has(name))) refuse([{ field: 'permissions', code: 'unknown' }]);
          const kept = permissions.filter((name) => !remove.includes(name));
          const wanted = [...new Set([...kept, ...add])];
          const same = wanted.length === permissions.length && wanted.every((name) => permissions.includes(name));
          return same ? {} : { permissions: wanted };
        },
      );
      return now;
    },
    async setDisabled(id, disabled, { by }: Asked = {}) {
      await accounts.change(
        id,
        (rows) => {
          assertAdministers(rows, by);
          if (disabled) assertOther(by, id);
        },
        (row) => (row.disabled === disabled ? {} : { disabled }),
      );
      // Asked again, it finishes what a crash cut short.
      if (disabled) await sessions.endAllOf(id);
    },
    async setAvatar(id, picture, { by }: Asked = {}) {
      const permit: Permit = (rows) => assertEdits(rows, by, id);
      permit(await accounts.all());
      const issue = picture && pictureIssue(picture, needs.mostBytes());
      if (issue) refuse([{ field: 'avatar', code: issue }]);
      // The new file before the row, the old one after it: at no time does an address lead nowhere.
      const avatar = picture ? await pictures.keep(id, picture) : '';
      try {
        const { row, now } = await accounts.change(id, permit, (one) => (one.avatar === avatar ? {} : { avatar }));
        if (row.avatar !== avatar) await pictures.drop(row.avatar);
        return now;
      } catch (error) {
        const stored = (await accounts.all()).find((one) => one.id === id);
        if (stored?.avatar !== avatar) await pictures.drop(avatar);
        throw error;
      }
    },
    async remove(id, { by }: Asked = {}) {
      const gone = await accounts.remove(id, (rows) => {
        assertAdministers(rows, by);
        assertOther(by, id);
      });
      await sessions.endAllOf(id);
      if (gone) await pictures.drop(gone.avatar);
      return gone !== undefined;
    },
  };
}

type Shown = Readonly<Record<'name' | 'commonName' | 'email' | 'code', string>>;

/** As forms show it: an international name that is the name is none. */
const shownOf = ({ name, commonName, email, code }: Shown): Shown => ({
  name,
  commonName: commonName === name ? '' : commonName,
  email,
  code,
});

const differing = <T extends object>(before: T, after: Partial<T>): Partial<T> =>
  Object.fromEntries(
    Object.entries(after).filter(([field, value]) => before[field as keyof T] !== value),
  ) as Partial<T>;
