import { describe, expect, it } from 'vitest';
import { groups } from '../../groups/api.ts';
import { captcha } from '../../captcha/api.ts';
import { beforeStart } from '../../chat/api.ts';
import type { Operator } from '../../operators/api.ts';
import { messageLeft, type LeaveMessageForm } from '../api.ts';
import { createWorld, typed, type World } from './world.ts';

type Answer = { next: string; options: { leaveMessageForm: LeaveMessageForm; page: { title: string } } };
const come = async (world: World, how: 'open' | 'start' = 'open', args = {}, visitor = world.visitor()) =>
  (await world.call(visitor, how, args, ['next', 'options'])) as Answer & Record<string, unknown>;

describe('a visitor who comes', () => {
  it('is offered to leave a message when nobody is there, whatever he was asked before', async () => {
    await using world = await createWorld();
    for (const how of ['open', 'start'] as const) {
      const page = { url: 'https://shop.example/chairs', name: 'Tess', email: typed.email, info: 'Basket: 3' };
      const { next, options } = await come(world, how, page);
      expect(next).toBe('leaveMessage');
      expect(options).toEqual({
        leaveMessageForm: {
          name: 'Tess',
          email: typed.email,
          groupId: 0,
          groupName: '',
          info: 'Basket: 3',
          referrer: page.url,
          showCaptcha: false,
          groups: false,
          message: '',
          maxLength: { name: 64, email: 254, message: 4000 },
        },
        page: { title: 'Leave a message' },
      });
    }
  });

  it('has the page where he was and the one before it in the form, on two lines', async () => {
    await using world = await createWorld();
    const page = { url: 'https://shop.example/chairs', referrer: 'https://search.example/' };
    expect((await come(world, 'open', page)).options.leaveMessageForm.referrer).toBe(`${page.url}\n${page.referrer}`);
  });

  it('talks with somebody who is there', async () => {
    await using world = await createWorld();
    await world.comes(await world.person('ann'));
    expect((await come(world)).next).toBe('chat');
  });

  it('goes back into a conversation that is open, though nobody is there any more', async () => {
    await using world = await createWorld();
    const ann = await world.person('ann');
    await world.comes(ann);
    const visitor = world.visitor();
    expect((await come(world, 'open', {}, visitor)).next).toBe('chat');
    await world.leaves(ann);
    expect((await come(world, 'open', {}, visitor)).next).toBe('chat');
    expect((await come(world)).next).toBe('leaveMessage');
  });

  it('gets the form when the operator whom he asked for is not there, and nobody else is', async () => {
    await using world = await createWorld();
    expect((await come(world, 'open', { operator_code: 'ann' })).next).toBe('leaveMessage');
  });

  it('gets the form of the group that he asked for, in its name', async () => {
    await using world = await createWorld({ plugins: ['groups'], values: { enablegroups: true } });
    const service = world.kernel.service(groups);
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    const [sales, press] = [
      await service.create({ name: 'Sales', title: 'Sales Ltd', chatTitle: 'Ask' }),
      await service.create({ name: 'Press' }),
    ];
    await service.changeMembers(sales.id, { add: [ann.id] });
    await service.changeMembers(press.id, { add: [bob.id] });
    const { next, options } = await come(world, 'open', { group: sales.id });
    expect(next).toBe('leaveMessage');
    expect(options.leaveMessageForm).toMatchObject({ groupId: sales.id, groupName: 'Sales' });
    expect(options.page).toEqual({ title: 'Leave a message', company: 'Sales Ltd' });
    expect((await come(world)).options.leaveMessageForm.groups).toMatchObject([
      { id: press.id, name: 'Press', online: false },
      { id: sales.id, name: 'Sales', online: false },
    ]);
    expect((await come(world, 'open', { group: 99 })).options.leaveMessageForm.groupId).toBe(0);
  });

  it('is told where challenges come from when he has to prove something', async () => {
    await using world = await createWorld({ plugins: ['captcha'], values: { enablecaptcha: true } });
    const { leaveMessageForm } = (await come(world)).options;
    expect(leaveMessageForm).toMatchObject({
      showCaptcha: true,
      captchaUrl: world.kernel.service(captcha).url('leave-message'),
    });
    expect((await world.kernel.request(leaveMessageForm.captchaUrl!)).status).toBe(200);
  });

  it('learns when somebody has come meanwhile', async () => {
    await using world = await createWorld();
    const visitor = world.visitor();
    const isOnline = async () => (await world.call(visitor, 'operatorsOnline', { groupId: 0 }, ['online']))['online'];
    expect(await isOnline()).toBe(false);
    await world.comes(await world.person('ann'));
    expect(await isOnline()).toBe(true);
  });

  it('learns in his conversation whether somebody of its group is there, and nothing of conversations of others', async () => {
    await using world = await createWorld({
      plugins: ['groups'],
      values: { enablegroups: true },
    });
    const teams = world.kernel.service(groups);
    const [sales, repairs] = [await teams.create({ name: 'Sales' }), await teams.create({ name: 'Repairs' })];
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    await teams.changeMembers(sales.id, { add: [ann.id] });
    await teams.changeMembers(repairs.id, { add: [bob.id] });
    await world.comes(ann);
    const visitor = world.visitor();
    const { options } = (await world.call(visitor, 'start', { group: sales.id }, ['options'])) as {
      options: { thread: { id: number; token: number } };
    };
    const about = { threadId: options.thread.id, token: options.thread.token };
    const isOnline = async () => (await world.call(visitor, 'operatorsOnline', about, ['online']))['online'];
    expect(await isOnline()).toBe(true);
    await world.leaves(ann);
    await world.comes(bob);
    expect(await isOnline()).toBe(false);
    await expect(world.call(world.visitor(), 'operatorsOnline', about, ['online'])).rejects.toThrow();
  });
});

it('lets a visitor wait for the operator whom he asked for, though he is away and nobody else is there', async () => {
  await using world = await createWorld();
  const visitor = { id: 1, userId: 'one', name: '' };
  const input = { remote: '192.0.2.1', userAgent: 'test' };
  const ask = (online: boolean) =>
    world.kernel.call(beforeStart, { visitor, input, stage: 'open', requested: { operator: {} as Operator, online } });
  expect(await ask(true)).toBeUndefined();
  expect(await ask(false)).toMatchObject({ next: 'leaveMessage' });
});

it('leaves conversations as they are when it is switched off', async () => {
  await using world = await createWorld();
  await world.kernel.kernel.disable('leave-message');
  expect((await come(world)).next).toBe('chat');
  expect(world.kernel.calls(messageLeft)).toEqual([]);
});
