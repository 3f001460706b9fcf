import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { operators } from '../api.ts';

async function begin() {
  const t = await createTestKernel({ plugins: ['operators', 'console'] });
  const { operatorCommands } = await import('../commands.ts');
  const service = t.service(operators);
  const list = operatorCommands(service, () => service.permissions().map(({ name }) => name));
  const run = async (name: string, args: Record<string, string | boolean>, stdin = '') => {
    const lines: string[] = [];
    const command = list.find((one) => one.name === name)!;
    await command.run({ args, stdin: async () => stdin, print: (line) => void lines.push(line) });
    return lines.join('\n');
  };
  return { t, service, run };
}
const ann = { login: 'ann', name: 'Ann', email: 'ann@example.com', 'password-stdin': true };

it('adds an administrator with all permissions, the password without its end of line', async () => {
  const { t, service, run } = await begin();
  expect(await run('operator add', { ...ann, admin: true }, 'correct horse\n')).toBe(
    'added ann <ann@example.com>, an administrator',
  );
  expect((await service.byLogin('ann'))?.permissions).toHaveLength(5);
  expect(await service.hasAdministrator()).toBe(true);
  await t.dispose();
});

it('refuses a login that is taken, a short password and a missing one, in words and with a code', async () => {
  const { t, run } = await begin();
  await run('operator add', ann, 'correct horse');
  const again = run('operator add', { ...ann, login: 'ANN' }, 'correct horse');
  await expect(again).rejects.toMatchObject({
    code: 'OPERATOR_INVALID',
    message: 'login is already taken by another operator; email is already taken by another operator',
  });
  await expect(run('operator passwd', ann, 'short')).rejects.toMatchObject({
    message: 'password is too short (at least 8 characters)',
  });
  await expect(run('operator passwd', { login: 'ann' })).rejects.toMatchObject({ code: 'OPERATOR_INVALID' });
  await expect(run('operator disable', { login: 'eve' })).rejects.toMatchObject({ code: 'OPERATOR_UNKNOWN' });
  await t.dispose();
});

it('disables and enables, but never the last administrator', async () => {
  const { t, service, run } = await begin();
  await run('operator add', { ...ann, admin: true }, 'correct horse');
  await run('operator add', { ...ann, login: 'bob', email: 'bob@example.com' }, 'correct horse');
  await run('operator disable', { login: 'bob' });
  expect((await service.byLogin('bob'))?.disabled).toBe(true);
  await run('operator disable', { login: 'bob', undo: true });
  expect((await service.byLogin('bob'))?.disabled).toBe(false);
  await expect(run('operator disable', { login: 'ann' })).rejects.toMatchObject({ code: 'LAST_ADMINISTRATOR' });
  await t.dispose();
});
