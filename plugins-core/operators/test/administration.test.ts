import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connect, eachDialect } from '../../database/testing.ts';
import { OperatorError, type Operator } from '../api.ts';
import { pngOf } from './images.ts';
import { allTables, ann, bob, createNode, memoryBus, visit } from './world.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperatorError)) throw new Error(`not refused: ${String(error)}`);
  return [error.code, ...error.issues.map(({ field, code }) => `${field}:${code}`)].join(' ');
};
const eve = { login: 'eve', name: 'Eve', email: 'eve@example.com', password: 'eve eve eve' };

eachDialect((_dialect, open) => {
  /** Ann administers, Bob may look after himself, Eve may nothing. */
  const begin = async () => {
    const database = await open(allTables);
    const node = await createNode(database);
    const [boss, own, none] = [
      await node.accounts.create(ann),
      await node.accounts.create({ ...bob, permissions: ['modifyprofile'] }),
      await node.accounts.create(eve),
    ];
    const now = async (id: number) => (await node.accounts.read()).byId.get(id)?.operator as Operator;
    return { ...node, database, boss, own, none, now };
  };

  it('lets administrators change everybody, and others themselves if they may', async () => {
    const { administration: service, boss, own, none, now, updated } = await begin();
    await service.update(none.id, { name: ' Eva ', code: 'eva_1' }, { by: boss });
    expect(await now(none.id)).toMatchObject({ name: 'Eva', commonName: 'Eva', code: 'eva_1', login: 'eve' });
    expect(updated).toMatchObject([{ operator: { name: 'Eva' }, original: { name: 'Eve', code: '' } }]);
    await service.update(own.id, { commonName: 'Robert' }, { by: own });
    expect(await now(own.id)).toMatchObject({ name: 'Bob', commonName: 'Robert' });
    expect(await refusal(service.update(none.id, { name: 'Me' }, { by: none }))).toBe('OPERATOR_FORBIDDEN');
    expect(await refusal(service.update(boss.id, { name: 'Me' }, { by: own }))).toBe('OPERATOR_FORBIDDEN');
  });

  it('tells nobody without the right whether there is an operator', async () => {
    const { administration: service, accounts, own } = await begin();
    const asked = { by: own };
    for (const work of [
      () => service.update(99, { name: 'X' }, asked),
      () => service.setPassword(99, 'long enough', asked),
      () => service.setPermissions(99, { add: ['admin'] }, asked),
      () => service.setPermissions(own.id, { add: ['admin'] }, asked),
      () => service.setDisabled(99, true, asked),
      () => service.setAvatar(99, undefined, asked),
      () => service.remove(99, asked),
      () => accounts.create({ ...eve, login: 'new', email: 'new@example.com' }, asked),
    ])
      expect(await refusal(work())).toBe('OPERATOR_FORBIDDEN');
  });

  it('asks for the right as it is by now, not as it was when the request came', async () => {
    const { administration: service, accounts, boss, own } = await begin();
    const second = await accounts.create({ ...eve, login: 'two', email: 'two@example.com', permissions: ['admin'] });
    await service.setPermissions(second.id, { remove: ['admin'] }, { by: boss });
    expect(await refusal(service.setDisabled(own.id, true, { by: second }))).toBe('OPERATOR_FORBIDDEN');
    const third = await accounts.create({ ...eve, login: 'three', email: 'three@example.com', permissions: ['admin'] });
    await service.setDisabled(third.id, true, { by: boss });
    expect(await refusal(service.remove(own.id, { by: third }))).toBe('OPERATOR_FORBIDDEN');
  });

  it('refuses what does not fit, field by field, and what somebody else has already', async () => {
    const { administration: service, accounts, own, none } = await begin();
    expect(await refusal(service.update(none.id, { name: '', email: 'nobody', code: 'a-b' }))).toBe(
      'OPERATOR_INVALID name:required email:invalid code:invalid',
    );
    await service.update(own.id, { code: 'Sales' });
    expect(await refusal(service.update(none.id, { code: 'sALES', email: 'BOB@example.com' }))).toBe(
      'OPERATOR_INVALID email:taken code:taken',
    );
    expect(await refusal(accounts.create({ ...eve, code: 'sales' }))).toBe(
      'OPERATOR_INVALID login:taken email:taken code:taken',
    );
    // His own are no obstacle to himself.
    await service.update(own.id, { code: 'SALES', email: 'bob@example.com' });
  });

  it('gives the same code to one of two who want it at the same moment', async () => {
    const { administration: service, own, none } = await begin();
    const results = await Promise.allSettled([own, none].map(({ id }) => service.update(id, { code: 'sales' })));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('loses no change of two who edit at once: of the same field the second is told', async () => {
    const { administration: service, own, boss, now } = await begin();
    const seen = { name: 'Bob', email: 'bob@example.com' };
    await service.update(own.id, { name: 'Bert' }, { by: boss, expected: { name: seen.name } });
    await service.update(
      own.id,
      { email: 'b@example.com' },
      { by: own, expected: { email: seen.email }, present: 'battery staple' },
    );
    expect(await now(own.id)).toMatchObject({ name: 'Bert', email: 'b@example.com' });
    expect(await refusal(service.update(own.id, { name: 'Rob' }, { by: own, expected: { name: seen.name } }))).toBe(
      'OPERATOR_CHANGED name:changed',
    );
    // Both wanted the same.
    await service.update(own.id, { name: 'Bert' }, { by: own, expected: { name: seen.name } });
  });

  it('asks for the password so far where somebody changes his own, and makes guessing at it slow', async () => {
    const { administration: service, own, boss, argon, passwords, accounts } = await begin();
    const change = (present?: string) =>
      service.setPassword(own.id, 'a new password', { by: own, ...(present !== undefined && { present }) });
    expect(await refusal(change())).toBe('OPERATOR_INVALID present:required');
    for (let guess = 0; guess < 3; guess += 1)
      expect(await refusal(change('wrong'))).toBe('OPERATOR_INVALID present:wrong');
    const compared = argon.calls.verify;
    expect(await refusal(change('battery staple'))).toBe('OPERATOR_INVALID present:too_many');
    expect(argon.calls.verify).toBe(compared);
    vi.setSystemTime(Date.now() + 60_000);
    await change('battery staple');
    const stored = (await accounts.read()).byId.get(own.id)?.passwordHash;
    expect(await passwords.matches(stored, 'a new password')).toBe(true);
    await service.setPassword(own.id, 'given by Ann', { by: boss });
  });

  it('asks for it as well before mail for him goes to another address', async () => {
    const { administration: service, own, boss } = await begin();
    const move = (email: string, present?: string) =>
      service.update(own.id, { email }, { by: own, ...(present !== undefined && { present }) });
    expect(await refusal(move('thief@example.com'))).toBe('OPERATOR_INVALID present:required');
    expect(await refusal(move('thief@example.com', 'wrong'))).toBe('OPERATOR_INVALID present:wrong');
    await move('BOB@example.com');
    await move('bob@example.org', 'battery staple');
    await service.update(own.id, { email: 'bob@example.net' }, { by: boss });
  });

  it('ends the sessions of a new password, but for the one that it was typed in', async () => {
    const { administration: service, sessions, renewed, own } = await begin();
    const [here, there] = [await sessions.start(own, visit), await sessions.start(own, visit)];
    const edit = { by: own, present: 'battery staple', keep: here.session.id };
    await service.update(own.id, { name: 'Bert', password: 'a new password' }, edit);
    expect(await sessions.find(here.cookie)).toBeDefined();
    expect(await sessions.find(there.cookie)).toBeUndefined();
    expect(await refusal(service.update(own.id, { name: 'X', password: 'short' }, edit))).toContain(
      'password:too_short',
    );
    await service.setPassword(own.id, 'set by the system');
    expect(renewed).toEqual([own.id, own.id]);
    expect(await sessions.find(here.cookie)).toBeUndefined();
  });

  it('gives permissions and takes them away one by one, and none that there is not', async () => {
    const { administration: service, boss, own, now, updated } = await begin();
    await service.setPermissions(own.id, { add: ['takeover', 'takeover'] }, { by: boss });
    await service.setPermissions(own.id, { add: ['viewthreads'], remove: ['takeover'] }, { by: boss });
    expect((await now(own.id)).permissions).toEqual(['modifyprofile', 'viewthreads']);
    const count = updated.length;
    await service.setPermissions(own.id, { add: ['viewthreads'], remove: ['takeover'] }, { by: boss });
    expect(updated).toHaveLength(count);
    expect(await refusal(service.setPermissions(own.id, { add: ['fly'] }, { by: boss }))).toBe(
      'OPERATOR_INVALID permissions:unknown',
    );
  });

  it('keeps an administrator: the last one loses neither his right nor his account, and disabled ones do not count', async () => {
    const { administration: service, accounts, boss, now } = await begin();
    const other = await accounts.create({ ...eve, login: 'two', email: 'two@example.com', permissions: ['admin'] });
    await service.setDisabled(other.id, true, { by: boss });
    expect(await refusal(service.setPermissions(boss.id, { remove: ['admin'] }, { by: boss }))).toBe(
      'LAST_ADMINISTRATOR',
    );
    // Also not on the command line.
    for (const work of [() => service.setDisabled(boss.id, true), () => service.remove(boss.id)])
      expect(await refusal(work())).toBe('LAST_ADMINISTRATOR');
    await service.setDisabled(other.id, false, { by: boss });
    await service.setPermissions(boss.id, { remove: ['admin'] }, { by: boss });
    expect((await now(boss.id)).permissions).toEqual([]);
  });

  it('lets nobody disable or delete himself', async () => {
    const { administration: service, accounts, boss } = await begin();
    await accounts.create({ ...eve, login: 'two', email: 'two@example.com', permissions: ['admin'] });
    expect(await refusal(service.setDisabled(boss.id, true, { by: boss }))).toBe('OPERATOR_SELF');
    expect(await refusal(service.remove(boss.id, { by: boss }))).toBe('OPERATOR_SELF');
  });

  it.each(['permissions', 'disabled', 'deleted', 'mixed'] as const)(
    'leaves one of two administrators who go for each other at the same moment, on two nodes (%s)',
    async (way) => {
      const { administration: here, accounts, boss, database } = await begin();
      const second = connect(database.url);
      const { accounts: theirs, administration: there } = await createNode(second, memoryBus());
      const go = (service: typeof here, id: number, by: Operator, what: typeof way) =>
        what === 'permissions'
          ? service.setPermissions(id, { remove: ['admin'] }, { by })
          : what === 'disabled'
            ? service.setDisabled(id, true, { by })
            : service.remove(id, { by });
      const administrators = async () =>
        (await accounts.all()).filter((row) => row.permissions.includes('admin') && !row.disabled);
      let one = boss;
      for (let round = 0; round < 8; round += 1) {
        const login = `admin${round}`;
        const input = { ...eve, login, email: `${login}@example.com`, permissions: ['admin'] };
        const other = await accounts.create(input);
        await theirs.all();
        const results = await Promise.allSettled([
          go(here, other.id, one, way === 'mixed' ? 'deleted' : way),
          go(there, one.id, other, way === 'mixed' ? 'permissions' : way),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
        const left = await administrators();
        expect(left).toHaveLength(1);
        one = left[0]!.id === one.id ? one : other;
      }
      await second.close();
    },
  );

  it('keeps one picture: the old one goes once the new one is there, and nothing stays of what was refused', async () => {
    const { administration: service, own, none, now, files } = await begin();
    await service.setAvatar(own.id, pngOf(8, 8), { by: own });
    const first = (await now(own.id)).avatar;
    expect(first).toMatch(/^\/\d+-\d+\.png$/);
    await service.setAvatar(own.id, pngOf(9, 9, 1), { by: own });
    expect((await now(own.id)).avatar).not.toBe(first);
    expect([...files.keys()].map((name) => `/${name}`)).toEqual([(await now(own.id)).avatar]);
    const text = new TextEncoder().encode('<svg onload="alert(1)"/>');
    expect(await refusal(service.setAvatar(own.id, text, { by: own }))).toBe('OPERATOR_INVALID avatar:invalid');
    expect(await refusal(service.setAvatar(own.id, new Uint8Array(100_001), { by: own }))).toBe(
      'OPERATOR_INVALID avatar:too_large',
    );
    expect(await refusal(service.setAvatar(own.id, pngOf(8, 8), { by: none }))).toBe('OPERATOR_FORBIDDEN');
    expect(await refusal(service.setAvatar(99, pngOf(8, 8)))).toBe('OPERATOR_UNKNOWN');
    expect(files.size).toBe(1);
    await service.setAvatar(own.id, undefined, { by: own });
    expect([(await now(own.id)).avatar, files.size]).toEqual(['', 0]);
  });

  it('deletes an operator with his sessions and his picture, and tells of it once', async () => {
    const { administration: service, accounts, sessions, boss, own, deleted, ended, files } = await begin();
    const { cookie, session } = await sessions.start(own, visit);
    await service.setAvatar(own.id, pngOf(8, 8));
    expect(files.size).toBe(1);
    expect(await service.remove(own.id, { by: boss })).toBe(true);
    expect(await sessions.find(cookie)).toBeUndefined();
    expect(deleted).toEqual([own.id]);
    expect(files.size).toBe(0);
    expect(ended).toEqual([{ operatorId: own.id, sessionId: session.id }]);
    expect((await accounts.read()).byId.has(own.id)).toBe(false);
    expect(await service.remove(own.id, { by: boss })).toBe(false);
    expect(deleted).toHaveLength(1);
    // The login is free again.
    await accounts.create(bob);
  });
});
