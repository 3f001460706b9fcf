/** Somebody is invited before he ever wrote: the invitation waits under a visitor whose secret nobody has. */
import { describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { invitationState, threadState, type Thread } from '../api.ts';
import { ann, open } from './world.ts';

eachDialect((_dialect, openDatabase) => {
  describe('an invitation of a visitor who never wrote', () => {
    const invited = async () => {
      const world = await open(openDatabase);
      const nobody = await world.visitors.reserve();
      const invitation = (await world.threads.invite(nobody, ann, world.input)) as Thread;
      return { world, nobody, invitation };
    };

    it('becomes his when he has shown who he is, and is accepted when he comes', async () => {
      const { world, invitation } = await invited();
      const visitor = await world.visitor();
      expect(await world.threads.adopt(invitation.id, visitor)).toBe(true);
      const { thread } = await world.threads.start(visitor, world.input);
      expect(thread).toMatchObject({
        id: invitation.id,
        state: threadState.chatting,
        invitationState: invitationState.accepted,
        agentId: ann.id,
        visitorId: visitor.id,
        userId: visitor.userId,
      });
    });

    it('is his once: adopted again nothing changes, and from another window it goes where he was last', async () => {
      const { world, invitation } = await invited();
      const [one, other] = [await world.visitor(), await world.visitor()];
      expect(await world.threads.adopt(invitation.id, one)).toBe(true);
      expect(await world.threads.adopt(invitation.id, one)).toBe(true);
      expect(await world.threads.adopt(invitation.id, other)).toBe(true);
      expect((await world.threads.start(other, world.input)).thread?.id).toBe(invitation.id);
      expect((await world.threads.start(one, world.input)).thread?.id).not.toBe(invitation.id);
    });

    it('gives way to the conversation that he has open', async () => {
      const { world, nobody, invitation } = await invited();
      const visitor = await world.visitor();
      const { thread } = await world.threads.start(visitor, world.input);
      expect(await world.threads.adopt(invitation.id, visitor)).toBe(false);
      expect((await world.threads.byId(invitation.id))?.visitorId).toBe(nobody.id);
      expect((await world.threads.start(visitor, world.input)).thread?.id).toBe(thread?.id);
    });

    it('is nobody’s any more once it was answered', async () => {
      const { world, invitation } = await invited();
      const visitor = await world.visitor();
      await world.threads.answerInvitation(invitation.id, 'ignored');
      expect(await world.threads.adopt(invitation.id, visitor)).toBe(false);
      expect(await world.threads.adopt(4_711, visitor)).toBe(false);
    });

    it('is accepted by one of two windows that come at once, and both are in it', async () => {
      const { world, invitation } = await invited();
      const visitor = await world.visitor();
      await Promise.all([1, 2].map(() => world.threads.adopt(invitation.id, visitor)));
      const both = await Promise.all([1, 2].map(() => world.threads.start(visitor, world.input)));
      expect(both.map(({ thread }) => thread?.id)).toEqual([invitation.id, invitation.id]);
    });
  });
});
