import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../database/testing.ts';
import { groups } from '../../groups/api.ts';
import { operators } from '../../operators/api.ts';
import { threads, type Thread, type Visitor } from '../../chat/api.ts';
import { createWorld, type Person, type World } from '../../thread-log/test/world.ts';
import { notesErrors, type VisitorNote } from '../api.ts';

eachDialect((dialect) => {
  let world: World;
  let [ann, bob, eve]: Person[] = [];
  let visitor: Visitor;
  let thread: Thread;
  beforeAll(async () => {
    world = await createWorld(dialect, ['visitor-notes', 'users', 'groups', 'thread-log']);
    ann = await world.person('ann', []);
    bob = await world.person('bob', ['viewthreads']);
    eve = await world.person('eve', ['admin']);
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    visitor = await world.visitor();
    thread = await world.begin(visitor);
  });

  const answers: Readonly<Record<string, object>> = {
    add: { note: 'note' },
    change: { note: 'note' },
    delete: { undo: 'undo' },
    restore: {},
  };
  const call = (who: Person | undefined, name: string, args: object = {}, at = thread) =>
    world.call(who!, `${name}VisitorNote`, { thread: at.id, return: answers[name], ...args });
  const add = async (who: Person | undefined, text: string, at = thread) =>
    (await call(who, 'add', { text }, at))['note'] as VisitorNote;
  const list = async (who: Person | undefined, at = thread) =>
    (await world.call(who!, 'visitorNotes', { thread: at.id, return: { notes: 'notes' } }))['notes'] as
      | readonly VisitorNote[]
      | undefined;
  const texts = async (who: Person | undefined, at = thread) => (await list(who, at))?.map(({ text }) => text);

  describe('notes about a visitor', () => {
    it('stand beside every later conversation with him, the newest first, and beside nobody else’s', async () => {
      const first = await add(ann, '  Wants the <b>light</b> blue\r\none.\0 ');
      expect(first).toMatchObject({ text: 'Wants the <b>light</b> blue\none.', agentId: ann!.id, agentName: 'Ann' });
      expect([first.changed, first.deletable, first.created > 0]).toEqual([0, true, true]);
      await add(bob, 'Pays late.');
      await world.kernel.service(threads).close(thread.id, 'user');
      const later = await world.begin(visitor);
      expect(await texts(ann, later)).toEqual(['Pays late.', 'Wants the <b>light</b> blue\none.']);
      expect((await list(ann, later))?.map(({ deletable }) => deletable)).toEqual([false, true]);
      expect((await list(eve, later))?.map(({ deletable }) => deletable)).toEqual([true, true]);
      expect(await texts(ann, await world.begin(await world.visitor()))).toEqual([]);
    });

    it('are changed by whoever wrote them alone, and not over what he changed meanwhile', async () => {
      const { id } = await add(ann, 'one');
      for (const who of [bob, eve])
        expect(await call(who, 'change', { note: id, text: 'two', seen: 'one' })).toMatchObject({
          errorCode: notesErrors.foreign,
        });
      const { note } = await call(ann, 'change', { note: id, text: ' two ', seen: 'one' });
      expect(note).toMatchObject({ id, text: 'two', agentName: 'Ann' });
      expect((note as VisitorNote).changed).toBeGreaterThan(0);
      const late = await call(ann, 'change', { note: id, text: 'three', seen: 'one' });
      expect(late.errorCode).toBe(notesErrors.changed);
      expect(await texts(bob)).toEqual(['two']);
      expect((await call(ann, 'change', { note: id, text: 'two', seen: 'one' })).errorCode).toBe(0);
    });

    it('are deleted by whoever wrote them and by administrators, who can each bring back what they deleted', async () => {
      const mine = await add(ann, 'mine');
      const other = await add(bob, 'other');
      expect(await call(ann, 'delete', { note: other.id })).toMatchObject({ errorCode: notesErrors.foreign });
      const before = await list(eve);
      const { undo } = await call(eve, 'delete', { note: other.id });
      expect(await texts(bob)).toEqual(['mine']);
      expect(await call(bob, 'restore', { undo })).toMatchObject({ errorCode: notesErrors.unknown });
      expect(await call(eve, 'restore', { undo })).toMatchObject({ errorCode: 0 });
      expect(await list(eve)).toEqual(before);
      expect(await call(eve, 'restore', { undo })).toMatchObject({ errorCode: notesErrors.unknown });
      expect(await call(ann, 'delete', { note: mine.id })).toMatchObject({ errorCode: 0 });
      expect(await call(ann, 'delete', { note: mine.id })).toMatchObject({ errorCode: notesErrors.unknown });
      expect(await texts(ann)).toEqual(['other']);
    });

    it('are reached through a conversation with that visitor alone', async () => {
      const { id } = await add(ann, 'kept');
      const elsewhere = await world.begin(await world.visitor());
      const change = { note: id, text: 'taken', seen: 'kept' };
      for (const name of ['change', 'delete'])
        expect(await call(ann, name, change, elsewhere)).toMatchObject({ errorCode: notesErrors.unknown });
      expect(await texts(ann)).toEqual(['kept']);
    });

    it('hold something, and not too much', async () => {
      for (const text of ['', '  \n ', '\0'])
        expect((await call(ann, 'add', { text })).errorCode, JSON.stringify(text)).toBe(notesErrors.empty);
      expect((await call(ann, 'add', { text: '😀'.repeat(2_001) })).errorCode).toBe(notesErrors.tooLong);
      const note = await add(ann, '😀'.repeat(2_000));
      expect(note.text).toBe('😀'.repeat(2_000));
      const empty = await call(ann, 'change', { note: note.id, text: ' ', seen: note.text });
      expect(empty.errorCode).toBe(notesErrors.empty);
      expect((await call(ann, 'add', { text: { $gt: '' } })).errorCode).toBe(104);
    });

    it('are the same note when the same is said again at once', async () => {
      const [one, two] = [await add(ann, 'again'), await add(ann, 'again')];
      expect(two).toEqual(one);
      expect((await add(bob, 'again')).id).not.toBe(one.id);
      expect(await texts(ann)).toEqual(['again', 'again']);
    });

    it('come at a pace that somebody can write at', async () => {
      const fast = await world.person(`fast${thread.id}`, []);
      for (let count = 0; count < 20; count += 1) await add(fast, `note ${count}`);
      expect((await call(fast, 'add', { text: 'one more' })).errorCode).toBe(notesErrors.tooMany);
      expect(await list(fast)).toHaveLength(20);
    });

    it('outlive whoever wrote them', async () => {
      const gone = await world.person(`gone${thread.id}`, []);
      await add(gone, 'from before');
      await world.kernel.service(operators).remove(gone.id, { by: eve! });
      expect(await list(ann)).toMatchObject([{ text: 'from before', agentName: gone.name }]);
    });

    it('say how they are saved, as messages are sent', async () => {
      const asked = async () =>
        (await world.call(ann!, 'visitorNotes', { thread: thread.id, return: { enterSaves: 'enterSaves' } }))[
          'enterSaves'
        ];
      expect(await asked()).toBe(false);
      await world.change({ sendmessagekey: 'enter' });
      expect(await asked()).toBe(true);
      await world.change({ sendmessagekey: 'center' });
    });

    it('are not there for whoever may not see the conversation', async () => {
      await world.change({ enablegroups: true });
      const service = world.kernel.service(groups);
      const [here, there] = [await service.create({ name: 'Here' }), await service.create({ name: 'There' })];
      await service.changeMembers(here.id, { add: [ann!.id] });
      await service.changeMembers(there.id, { add: [bob!.id] });
      const hidden = await world.begin(await world.visitor(), undefined, { group: here.id });
      const note = await add(ann, 'hidden', hidden);
      const missing = { ...hidden, id: 999_999 };
      for (const [name, args] of [
        ['add', { text: 'x' }],
        ['change', { note: note.id, text: 'x', seen: 'hidden' }],
        ['delete', { note: note.id }],
        ['restore', { undo: 1 }],
      ] as const) {
        const answer = await call(bob, name, args, hidden);
        expect(answer.errorCode, name).toBe(108);
        expect(answer).toEqual(await call(bob, name, args, missing));
      }
      expect(await list(bob, hidden)).toBeUndefined();
      expect(await texts(ann, hidden)).toEqual(['hidden']);
      await world.change({ enablegroups: false });
    });
  });
});
