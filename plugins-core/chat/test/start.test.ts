import { describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { messageKind, type StartOutcome } from '../api.ts';
import { makeSecret } from '../visitors.ts';
import { ann, open } from './world.ts';

eachDialect((_dialect, openDatabase) => {
  describe('what a visitor says before he is let in', () => {
    it('is said in the conversation that is open meanwhile, and once, however often it is sent', async () => {
      const world = await open(openDatabase);
      const visitor = await world.visitor();
      const said = async (id: number) =>
        (await world.stored(id)).flatMap(({ kind, body }) => (kind === messageKind.user ? [body] : []));
      const [one, other] = await Promise.all(
        ['in one window', 'in another'].map((message) => world.threads.start(visitor, { ...world.input, message })),
      );
      const { id } = one!.thread!;
      expect(other!.thread!.id).toBe(id);
      expect((await said(id)).toSorted()).toEqual(['in another', 'in one window']);
      for (const message of ['in one window', 'in another'])
        await world.threads.start(visitor, { ...world.input, message });
      expect(await said(id)).toHaveLength(2);
    });

    it('is said to the operator whose invitation came while it was written', async () => {
      const world = await open(openDatabase);
      const visitor = await world.visitor();
      await world.threads.invite(visitor, ann, world.input);
      const { thread } = await world.threads.start(visitor, { ...world.input, message: 'my question' });
      const last = (await world.stored(thread!.id)).at(-1);
      expect(last).toMatchObject({ kind: messageKind.user, body: 'my question' });
    });
  });

  describe('one address', () => {
    it('brings so many strangers at once, whether they begin a conversation or not; who is known comes back', async () => {
      const world = await open(openDatabase, { settings: { start_rate: 3 } });
      const { threads, visitors } = world;
      const come = (remote: string, secret = makeSecret()) =>
        visitors.bySecret(secret, () => threads.assertMayCome(remote));
      const known = makeSecret();
      const friend = await come('192.0.2.7', known);
      for (let one = 1; one < 6; one += 1) await come('192.0.2.7');
      await expect(come('192.0.2.7')).rejects.toMatchObject({ errorCode: 102 });
      expect(await come('192.0.2.7', known)).toEqual(friend);
      await come('192.0.2.8');
      world.settings.start_rate = 0;
      await come('192.0.2.7');
    });
  });

  describe('an address with as many conversations as may be open', () => {
    it('begins no other one, and is told so before anything is asked; a message may still be left', async () => {
      let instead: StartOutcome | undefined;
      const world = await open(openDatabase, { settings: { max_connections_from_one_host: 1 } });
      world.asked.beforeStart = async () => instead;
      await world.threads.start(await world.visitor(), world.input);
      const come = async () => world.threads.open(await world.visitor(), world.input);
      await expect(come()).rejects.toMatchObject({ errorCode: 107 });
      instead = { next: 'survey', options: {} };
      await expect(come()).rejects.toMatchObject({ errorCode: 107 });
      instead = { next: 'leaveMessage', options: {} };
      expect(await come()).toBe(instead);
    });
  });

  describe('a visitor who comes back again and again', () => {
    it('is told of for a while only', async () => {
      const world = await open(openDatabase, { settings: { start_rate: 3 } });
      const visitor = await world.visitor();
      const { thread } = await world.threads.start(visitor, world.input);
      await world.threads.seen(thread!, 'user');
      for (let time = 0; time < 20; time += 1)
        expect((await world.threads.open(visitor, world.input)).thread!.id).toBe(thread!.id);
      const told = (await world.stored(thread!.id)).filter(({ body }) => body.includes('event.visitorBack'));
      expect(told).toHaveLength(3);
    });
  });
});
