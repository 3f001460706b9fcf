import { expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import type { OperatorError } from '../api.ts';
import { operator } from '../tables.ts';
import { corePermissions } from '../permissions.ts';
import { allTables, ann, bob, createNode } from './world.ts';

const issuesOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: OperatorError) => thrown,
  );
  return error?.issues.map(({ field, code }) => `${field}:${code}`);
};
const everything = corePermissions.map(({ name }) => name);

eachDialect((_dialect, open) => {
  it('creates an operator who never shows his password hash', async () => {
    const { accounts, created } = await createNode(await open(allTables));
    const made = await accounts.create({ ...ann, name: '  Ann  ' });
    expect(made).toMatchObject({
      login: 'ann',
      name: 'Ann',
      commonName: 'Ann',
      permissions: ['admin'],
      disabled: false,
    });
    expect(JSON.stringify(made)).not.toContain('hash');
    expect(created).toEqual([made]);
  });

  it('takes a login and an e-mail address once, whatever their case', async () => {
    const { accounts } = await createNode(await open(allTables));
    await accounts.create(ann);
    expect(await issuesOf(accounts.create({ ...bob, login: 'ANN' }))).toEqual(['login:taken']);
    expect(await issuesOf(accounts.create({ ...bob, email: 'Ann@Example.com' }))).toEqual(['email:taken']);
    await accounts.create(bob);
    expect((await accounts.read()).byId.size).toBe(2);
  });

  it('lets one of two win who ask for the same login at once', async () => {
    const { accounts } = await createNode(await open(allTables));
    const results = await Promise.all([issuesOf(accounts.create(bob)), issuesOf(accounts.create(bob))]);
    expect(results).toContainEqual(undefined);
    expect(results).toContainEqual(['login:taken', 'email:taken']);
  });

  it('names every field that is wrong', async () => {
    const { accounts } = await createNode(await open(allTables));
    const wrong = { login: 'an n', name: ' ', email: 'nobody', password: 'short' };
    expect(await issuesOf(accounts.create(wrong))).toEqual([
      'login:invalid',
      'name:required',
      'email:invalid',
      'password:too_short',
    ]);
    expect(await issuesOf(accounts.create({ ...bob, password: 'x'.repeat(201) }))).toEqual(['password:too_long']);
    expect(await issuesOf(accounts.create({ ...bob, login: 'b'.repeat(65) }))).toEqual(['login:too_long']);
  });

  it('makes one first administrator of two who ask at once, on two nodes', async () => {
    const db = await open(allTables);
    const [here, there] = await Promise.all([createNode(db), createNode(db)]);
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all([
        here.accounts.createFirst(ann, everything),
        there.accounts.createFirst({ ...bob, login: `bob${round}`, email: `bob${round}@example.com` }, everything),
      ]);
      expect(results.filter((one) => one !== undefined)).toHaveLength(round === 0 ? 1 : 0);
    }
    const rows = await db.query.select().from(db.table(operator));
    expect(rows).toHaveLength(1);
    expect(await here.accounts.hasAdministrator()).toBe(true);
  });

  it('makes no first administrator beside one that exists, and hashes nothing for it', async () => {
    const { accounts, argon } = await createNode(await open(allTables));
    await accounts.create(ann);
    const before = argon.calls.hash;
    expect(await accounts.createFirst(bob, everything)).toBeUndefined();
    expect(argon.calls.hash).toBe(before);
  });

  it('does not disable the last administrator, also not when two go at once', async () => {
    const { accounts, administration, updated } = await createNode(await open(allTables));
    const first = await accounts.create(ann);
    const second = await accounts.create({ ...bob, permissions: ['admin'] });
    const results = await Promise.allSettled([
      administration.setDisabled(first.id, true),
      administration.setDisabled(second.id, true),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
    const left = [...(await accounts.read()).byId.values()].filter(({ operator }) => !operator.disabled);
    expect(left).toHaveLength(1);
    expect(updated).toHaveLength(1);
    expect(updated[0]?.original.disabled).toBe(false);
  });

  it('refuses a password that is too short and an operator who does not exist', async () => {
    const { accounts, administration } = await createNode(await open(allTables));
    const made = await accounts.create(ann);
    expect(await issuesOf(administration.setPassword(made.id, '1234567'))).toEqual(['password:too_short']);
    await expect(administration.setPassword(made.id + 1, 'long enough')).rejects.toMatchObject({
      code: 'OPERATOR_UNKNOWN',
    });
  });
});
