import { expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { operators } from '../../operators/api.ts';
import { routing } from '../api.ts';

it('forgets the limit of an operator who is deleted', async () => {
  await using kernel = await createTestKernel({ plugins: ['routing'] });
  const people = kernel.service(operators);
  const input = { login: 'bob', name: 'Bob', email: 'bob@example.com', password: 'correct horse' };
  const [bob, eve] = [
    await people.create(input),
    await people.create({ ...input, login: 'eve', email: 'eve@example.com' }),
  ];
  for (const { id } of [bob, eve]) await kernel.service(routing).setLimit(id, 3);
  await people.remove(bob.id);
  expect([...kernel.service(routing).limits().keys()]).toEqual([eve.id]);
});
