import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newcomer, startedIn } from '../../chat/test/server.ts';
import { ann } from '../../chat/test/world.ts';
import { threads } from '../../chat/api.ts';
import { eachDialect } from '../../database/testing.ts';
import { survey, type SurveyWorld } from './world.ts';

const defaults = {
  enablepresurvey: true,
  surveyaskmail: false,
  surveyaskgroup: true,
  surveyaskmessage: false,
  enableprivacypolicy: false,
  privacypolicy: '',
  usercanchangename: true,
};

eachDialect((dialect) => {
  let world: SurveyWorld;
  beforeAll(async () => {
    world = await survey(dialect);
  });
  afterAll(() => world?.server.stop());
  afterEach(async () => {
    await world.set(defaults);
    world.server.online.add(ann.id);
  });

  describe('the survey', () => {
    it('comes before a chat, with what the page knows already', async () => {
      await world.set({ surveyaskmail: true, surveyaskmessage: true });
      const given = {
        name: 'Zoë',
        email: 'zoe@example.com',
        info: 'gold',
        url: 'https://shop/',
        referrer: 'https://w/',
      };
      expect(await world.form(newcomer(), given)).toMatchObject({
        name: 'Zoë',
        email: 'zoe@example.com',
        info: 'gold',
        referrer: 'https://shop/\nhttps://w/',
        groupId: 0,
        groups: false,
        showEmail: true,
        showMessage: true,
        canChangeName: true,
        fields: [],
      });
    });

    it('is left out when it is off, when nothing is asked, and for whoever asks for somebody who is there', async () => {
      await world.set({ enablepresurvey: false });
      expect(await world.open()).toMatchObject({ next: 'chat' });
      await world.set({ enablepresurvey: true, usercanchangename: false });
      expect(await world.open()).toMatchObject({ next: 'chat' });
      await world.set({ usercanchangename: true });
      expect(await world.open(newcomer(), { operator_code: 'ann' })).toMatchObject({ next: 'chat' });
      expect(await world.open(newcomer(), { operator_code: 'bob' })).toMatchObject({ next: 'survey' });
      expect(await world.open(newcomer(), { operator_code: 'nobody' })).toMatchObject({ next: 'survey' });
    });

    it('is not shown to whoever has a conversation already', async () => {
      const who = newcomer();
      const started = startedIn(await world.process(who));
      const again = await world.open(who);
      expect(again).toMatchObject({ next: 'chat' });
      expect(startedIn(again)).toEqual(started);
    });

    it('begins the conversation with name, e-mail and question', async () => {
      await world.set({ surveyaskmail: true, surveyaskmessage: true });
      const begun = startedIn(
        await world.process(newcomer(), {
          name: ' Zoë ',
          email: 'zoe@example.com',
          message: 'Where is <b>it</b>?',
          info: 'gold',
          referrer: 'https://shop/\nhttps://w/',
          groupId: '',
        }),
      );
      const told = await world.told(begun.threadId);
      expect(told.at(-1)).toMatchObject({ kind: 1, name: 'Zoë', message: 'Where is &lt;b&gt;it&lt;/b&gt;?' });
      const hidden = told.filter(({ kind }) => kind === 3).map(({ message }) => message);
      expect(hidden.join('\n')).toMatch(/zoe@example\.com/);
      expect(hidden.join('\n')).toMatch(/https:\/\/shop\/.*https:\/\/w\//s);
      const thread = await world.server.kernel.service(threads).byId(begun.threadId);
      expect(thread).toMatchObject({
        userName: 'Zoë',
        shownMessage: 'Where is <b>it</b>?',
        messageCount: 1,
        groupId: 0,
      });
    });

    it('remembers the name for the next time', async () => {
      const who = newcomer();
      const { threadId } = startedIn(await world.process(who, { name: 'Zoë' }));
      await world.server.kernel.service(threads).close(threadId, 'user');
      expect(await world.form(who)).toMatchObject({ name: 'Zoë' });
      // What the page knows is newer.
      expect(await world.form(who, { name: 'Zoë Ray' })).toMatchObject({ name: 'Zoë Ray' });
    });

    it('takes no name where visitors may not choose it', async () => {
      await world.set({ usercanchangename: false });
      const { threadId } = startedIn(await world.process(newcomer(), { name: 'Boss' }));
      expect((await world.server.kernel.service(threads).byId(threadId))?.userName).toBe('Guest');
    });

    it('sent twice, also at once, gives one conversation and one first message', async () => {
      const who = newcomer();
      const args = { name: 'Zoë', message: 'Hello?' };
      const results = await Promise.all([1, 2, 3].map(() => world.process(who, args)));
      const begun = results.map((result) => startedIn(result));
      expect(new Set(begun.map(({ threadId }) => threadId)).size).toBe(1);
      await world.process(who, args);
      const told = await world.told(begun[0]!.threadId);
      expect(told.filter(({ kind }) => kind === 1)).toHaveLength(1);
    });

    it('is taken from the original’s client: strings only, nothing of ours', async () => {
      await world.set({ enableprivacypolicy: true, privacypolicy: 'https://shop.example/privacy' });
      const result = await world.process(newcomer(), {
        name: 'Guest',
        email: '',
        message: '',
        info: '',
        referrer: '',
        groupId: '0',
      });
      expect(result).toMatchObject({ next: 'chat', errorCode: 0 });
      const told = await world.told(startedIn(result).threadId);
      expect(told.find(({ plugin }) => plugin === 'survey')?.message).toContain('was shown the privacy policy');
    });

    it('refuses what does not fit, in the visitor’s words, and makes nobody', async () => {
      const refusal = async (args: object) => world.process(newcomer(), args);
      expect(await refusal({ name: 'x'.repeat(65) })).toMatchObject({ errorCode: 130 });
      expect(await refusal({ email: 'zoe' })).toMatchObject({
        errorCode: 11,
        errorMessage: expect.stringMatching(/e-mail/),
      });
      expect(await refusal({ email: 'a@b\r\nBcc: c@d' })).toMatchObject({ errorCode: 11 });
      expect(await refusal({ email: `${'x'.repeat(250)}@b.de` })).toMatchObject({ errorCode: 11 });
      expect(await refusal({ email: '' })).toMatchObject({ errorCode: 0 });
      expect(await refusal({ message: 'x'.repeat(4001) })).toMatchObject({ errorCode: 132 });
      expect(await refusal({ message: '😀'.repeat(4000) })).toMatchObject({ errorCode: 0 });
      expect(await refusal({ name: 7 })).toMatchObject({ errorCode: 3 });
      expect(await refusal({ groupId: 'DROP TABLE' })).toMatchObject({ errorCode: 0 });
    });
  });

  describe('consent to the privacy policy', () => {
    const policy = { enableprivacypolicy: true, privacypolicy: 'https://shop.example/privacy?v=3' };

    it('is asked for while there is a policy with an address', async () => {
      expect(await world.form()).not.toHaveProperty('privacyPolicyUrl');
      await world.set({ enableprivacypolicy: true });
      expect(await world.form()).not.toHaveProperty('privacyPolicyUrl');
      await world.set(policy);
      expect(await world.form()).toMatchObject({ privacyPolicyUrl: policy.privacypolicy });
      await world.set({ usercanchangename: false });
      expect(await world.open()).toMatchObject({ next: 'survey' });
    });

    it('is needed of whoever was asked, and kept with the conversation: when, and to which address', async () => {
      await world.set(policy);
      const who = newcomer();
      expect(await world.process(who, { consent: false })).toMatchObject({ errorCode: 131 });
      const { threadId } = startedIn(await world.process(who, { consent: true }));
      const line = (await world.told(threadId)).find(({ plugin }) => plugin === 'survey');
      expect(line).toMatchObject({
        kind: 3,
        message: expect.stringContaining('agreed to the privacy policy https://shop.example/privacy?v=3'),
        data: { policy: policy.privacypolicy, consent: true, at: expect.any(Number) },
      });
    });

    it('never is an address that a browser would run', async () => {
      await expect(world.set({ privacypolicy: 'javascript:alert(1)' })).rejects.toThrow();
    });
  });
});
