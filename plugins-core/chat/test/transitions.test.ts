import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../database/api.ts';
import { eachDialect } from '../../database/testing.ts';
import type { Operator } from '../../operators/api.ts';
import { closeForgotten, findAbsent } from '../absence.ts';
import {
  invitationState,
  messageKind,
  threadState,
  type Draft,
  type StartInput,
  type Thread,
  type Visitor,
} from '../api.ts';
import type { ChatHooks } from '../core.ts';
import { createProcessor } from '../processor.ts';
import * as tables from '../tables.ts';
import { allTables, ann, bob, createWorld, operator, type Settings, type World } from './world.ts';

const { queue, waiting, chatting, closed, loading, left, invited } = threadState;
const names = Object.fromEntries(Object.entries(threadState).map(([name, number]) => [number, name]));
const start = new Date('2026-01-01T12:00:00Z').getTime();
const cem = operator(5, 'Cem');
const leaveMessage = async () => ({ next: 'leaveMessage' as const, options: {} });

/** What was told, in order: the hook, and what is particular about it. */
function journalOf(): { readonly told: string[]; readonly hooks: Partial<ChatHooks> } {
  const told: string[] = [];
  const say = (word: string) => void told.push(word);
  return {
    told,
    hooks: {
      created: ({ state }) => say(`created ${names[state]}`),
      changed: ({ thread, original }) => say(`changed ${names[original.state]} to ${names[thread.state]}`),
      taken: ({ thread }) => say(`taken by ${thread.agentName}`),
      redirected: ({ by }) => say(`redirected by ${by.name}`),
      closed: () => say('closed'),
      ready: () => say('ready'),
      posted: ({ kind }) => say(`posted ${kind}`),
    },
  };
}

eachDialect((_dialect, openDatabase) => {
  let database: Database;
  let world: World;
  let told: string[];
  let visitor: Visitor;

  async function begin(settings?: Partial<Settings>): Promise<void> {
    const journal = journalOf();
    world = await createWorld(database, { hooks: journal.hooks, ...(settings && { settings }) });
    told = journal.told;
    visitor = await world.visitor();
  }
  beforeAll(async () => {
    database = await openDatabase(allTables);
  });
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    // Jobs look at all threads: each test has its own.
    for (const table of [tables.thread, tables.message, tables.visitor])
      await database.query.delete(database.table(table));
    await begin();
  });
  afterEach(() => void vi.useRealTimers());

  const later = (seconds: number) => vi.setSystemTime(start + seconds * 1000);
  const absence = () => {
    const { core, presence, settings, speech } = world;
    return { core, presence, settings, speech };
  };
  const now = async ({ id }: Thread) => (await world.core.heads.fresh(id)) as Thread;
  const begun = async (input: Partial<StartInput> = {}) =>
    (await world.threads.start(visitor, { ...world.input, ...input })).thread as Thread;

  /** A thread of the visitor in each state, made by the ways that lead there. */
  const made = {
    loading: begun,
    queue: async () => world.threads.seen(await begun(), 'user', false),
    chatting: async () => world.threads.take((await made.queue()).id, ann),
    /** Ann was lost. */
    waiting: async () => {
      const thread = await made.chatting();
      later(31);
      await world.presence.ping(thread, 'user');
      await findAbsent(absence());
      return now(thread);
    },
    /** Ann handed it to Bob. */
    handed: async () => world.threads.redirect((await made.chatting()).id, ann, { agent: bob }),
    closed: async () => (await world.threads.close((await made.queue()).id, 'user')) as Thread,
    invited: async () => (await world.threads.invite(visitor, ann, world.input)) as Thread,
    left: async () => world.threads.leave(visitor, world.input, leftDrafts),
  };
  const draft = (kind: Draft['kind'], body: string): Draft => ({
    kind,
    body,
    name: kind === messageKind.user ? 'Guest' : null,
    agentId: 0,
    plugin: '',
    data: null,
  });
  const leftDrafts = [draft(3, 'page'), draft(3, 'mail'), draft(3, 'info'), draft(1, 'Call me <b>')];

  /** Does something with a thread: what it is then, what was told, what was said, and whether the revision rose. */
  async function does(thread: Thread, work: () => Promise<unknown>) {
    told.length = 0;
    const before = await now(thread);
    const result = await work();
    const after = await now(thread);
    const said = (await world.stored(thread.id)).filter(({ seq }) => seq > before.lastSeq);
    return {
      result,
      thread: after,
      told: [...told],
      said: said.map(({ kind, body }) => `${kind} ${body.replace('en chat.', '')}`),
      at: said.map(({ createdAt }) => createdAt),
      revised: after.revision - before.revision,
    };
  }
  const refused = async (thread: Thread, work: () => Promise<unknown>, code: number, name?: string) => {
    const { result, ...rest } = await does(thread, () => work().catch((error: unknown) => error));
    expect(result).toMatchObject({ errorCode: code, ...(name && { errorName: name }) });
    expect(rest).toMatchObject({ told: [], said: [], revised: 0, thread: { state: thread.state } });
  };

  describe('a thread begins', () => {
    it('as LOADING when the visitor starts, with where he comes from, a greeting, and his info', async () => {
      world.online.add(ann.id);
      const thread = await begun({ url: 'https://shop/', info: 'gold' });
      expect(thread).toMatchObject({ state: loading, agentId: 0, chatStartedAt: 0, closedAt: 0, nextAgent: 0 });
      expect((await world.stored(thread.id)).map(({ kind, body }) => `${kind} ${body}`)).toEqual([
        '3 en chat.event.cameFrom https://shop/ ',
        '4 en chat.greeting.welcome',
        '3 en chat.event.info gold',
      ]);
      expect(told).toEqual(['created loading', 'posted 3', 'posted 4', 'posted 3', 'ready']);
    });

    it('with what plugins prepared and the first message, which operators see in the queue', async () => {
      world.asked.prepare = async (preparation, { locale, left: isLeft }) => ({
        ...preparation,
        groupId: 7,
        opening: [draft(3, `asked in ${locale} ${isLeft}`)],
      });
      const thread = await begun({ message: 'Where is my order?' });
      expect(thread).toMatchObject({ groupId: 7, shownMessage: 'Where is my order?', messageCount: 1, lastSeq: 3 });
      expect((await world.stored(thread.id)).map(({ kind, body }) => `${kind} ${body}`).slice(1)).toEqual([
        '3 asked in en false',
        '1 Where is my order?',
      ]);
      await expect(world.thread({ message: 'x'.repeat(4001) })).rejects.toMatchObject({ errorCode: 101 });
    });

    it('addressed to the operator who was asked for by his code, if he is there', async () => {
      world.online.add(bob.id);
      expect(await begun({ operatorCode: 'Bob' })).toMatchObject({ state: loading, nextAgent: bob.id });
    });

    it('as LEFT when a message is left: closed at once, counted, and never told as closing', async () => {
      const thread = await made.left();
      expect(await now(thread)).toMatchObject({
        state: left,
        closedAt: start,
        messageCount: 1,
        shownMessage: 'Call me <b>',
        lastSeq: 4,
        lastVisibleSeq: 4,
      });
      expect((await world.stored(thread.id)).map(({ kind }) => kind)).toEqual([3, 3, 3, 1]);
      expect(told).toEqual(['created left', 'posted 3', 'posted 3', 'posted 3', 'posted 1']);
      // It is nobody's conversation: the next start makes one.
      expect((await begun()).id).not.toBe(thread.id);
    });

    it('as INVITED when an operator invites, with his greeting', async () => {
      const thread = (await world.threads.invite(visitor, ann, { ...world.input, url: 'https://shop/' })) as Thread;
      expect(thread).toMatchObject({
        state: invited,
        invitationState: invitationState.pending,
        agentId: ann.id,
        agentName: 'Ann',
        chatStartedAt: 0,
      });
      expect((await world.stored(thread.id)).map(({ kind, name, body }) => [kind, name, body])).toEqual([
        [3, null, 'en chat.event.invitedAt Ann https://shop/'],
        [2, 'Ann', 'en chat.greeting.invitation'],
      ]);
      expect(told).toEqual(['created invited', 'posted 3', 'posted 2']);
    });
  });

  describe('a thread that nobody has', () => {
    it('LOADING becomes QUEUE with the first sign of the visitor, and only with that', async () => {
      const thread = await made.loading();
      const { thread: then, ...rest } = await does(thread, () => world.threads.seen(thread, 'user', false));
      expect(then.state).toBe(queue);
      expect(rest).toMatchObject({ told: ['changed loading to queue'], said: [], revised: 1 });
      const again = await does(thread, async () => world.threads.seen(await now(thread), 'user', false));
      expect(again).toMatchObject({ told: [], said: [], revised: 0 });
    });

    it.each(['loading', 'queue'] as const)('%s becomes CHATTING when an operator takes it', async (state) => {
      const thread = await made[state]();
      later(5);
      const then = await does(thread, () => world.threads.take(thread.id, ann));
      expect(then.thread).toMatchObject({ state: chatting, agentId: ann.id, agentName: 'Ann', nextAgent: 0 });
      expect(then.thread.chatStartedAt).toBe(start + 5_000);
      expect(then).toMatchObject({ said: ['6 event.operatorJoined Ann'], revised: 1 });
      expect(then.told).toEqual(['posted 6', `changed ${state} to chatting`, 'taken by Ann']);
    });

    it.each(['loading', 'queue', 'waiting'] as const)('%s is given to an operator by the server', async (state) => {
      const thread = await made[state]();
      const then = await does(thread, () => world.threads.assign(thread.id, bob));
      expect(then.thread).toMatchObject({ state: chatting, agentId: bob.id });
      expect(then.told).toEqual(['posted 6', `changed ${state} to chatting`, 'taken by Bob']);
      // He has the time that everybody has to show up.
      const given = (Date.now() - start) / 1000;
      for (const [seconds, expected] of [
        [29, chatting],
        [31, waiting],
      ] as const) {
        later(given + seconds);
        await world.presence.ping(then.thread, 'user');
        await findAbsent(absence());
        expect((await now(thread)).state).toBe(expected);
      }
    });

    it('is given to nobody once somebody has it, and to exactly one of many', async () => {
      const thread = await made.queue();
      const given = await Promise.all([ann, bob, cem].map((one) => world.threads.assign(thread.id, one)));
      expect(given.filter(Boolean)).toHaveLength(1);
      const then = await does(thread, () => world.threads.assign(thread.id, cem));
      expect(then).toMatchObject({ result: undefined, told: [], said: [], revised: 0 });
      for (const state of ['closed', 'left', 'invited'] as const) {
        visitor = await world.visitor();
        expect(await world.threads.assign((await made[state]()).id, cem)).toBeUndefined();
      }
      expect(await world.threads.assign(999, cem)).toBeUndefined();
    });
  });

  describe('a thread that waits', () => {
    const ways: Record<string, (thread: Thread, who: Operator) => Promise<unknown>> = {
      take: (thread, who) => world.threads.take(thread.id, who),
      update: (thread, who) => world.threads.seen(thread, 'agent', false, who),
    };
    const told6 = ['posted 6', 'changed waiting to chatting'];

    it.each(Object.entries(ways))('goes back to the operator who had it (%s)', async (_name, way) => {
      const thread = await made.waiting();
      const then = await does(thread, () => way(thread, ann));
      expect(then.thread).toMatchObject({ state: chatting, agentId: ann.id, chatStartedAt: thread.chatStartedAt });
      expect(then).toMatchObject({ said: ['6 event.operatorBack Ann'], told: [...told6, 'taken by Ann'], revised: 1 });
    });

    it.each(Object.entries(ways))('goes to the operator whom it is addressed to (%s)', async (_name, way) => {
      const thread = await made.handed();
      const then = await does(thread, () => way(thread, bob));
      expect(then.thread).toMatchObject({ state: chatting, agentId: bob.id, nextAgent: 0 });
      expect(then).toMatchObject({ said: ['6 event.operatorChanged Bob Ann'], told: [...told6, 'taken by Bob'] });
    });

    it('goes to any operator who takes it, and to no other by his window', async () => {
      const thread = await made.waiting();
      const watched = await does(thread, () => ways['update']!(thread, bob));
      expect(watched).toMatchObject({ thread: { state: waiting }, told: [], said: [], revised: 0 });
      const then = await does(thread, () => world.threads.take(thread.id, bob));
      expect(then.thread).toMatchObject({ state: chatting, agentId: bob.id, chatStartedAt: thread.chatStartedAt });
      expect(then).toMatchObject({ said: ['6 event.operatorChanged Bob Ann'], told: [...told6, 'taken by Bob'] });
    });

    it('stays WAITING when the visitor comes in again, and is addressed to nobody any more', async () => {
      const thread = await made.handed();
      expect(thread.nextAgent).toBe(bob.id);
      const then = await does(thread, begun);
      expect(then.thread).toMatchObject({ state: waiting, nextAgent: 0 });
      expect(then).toMatchObject({
        said: ['6 event.visitorBack Guest'],
        told: ['posted 6', 'changed waiting to waiting'],
      });
    });
  });

  describe('a thread that somebody has', () => {
    it('is taken over by another operator with the right who insists; the chat began when it began', async () => {
      const thread = await made.chatting();
      later(9);
      const then = await does(thread, () => world.threads.take(thread.id, bob, { force: true }));
      expect(then.thread).toMatchObject({ state: chatting, agentId: bob.id, chatStartedAt: thread.chatStartedAt });
      expect(then).toMatchObject({ said: ['6 event.operatorChanged Bob Ann'], revised: 1 });
      expect(then.told).toEqual(['posted 6', 'changed chatting to chatting', 'taken by Bob']);
    });

    it('is refused to whoever does not insist or has no right, with the name of who has it', async () => {
      const thread = await made.chatting();
      await refused(thread, () => world.threads.take(thread.id, bob), 105, 'THREAD_TAKEN');
      await refused(thread, () => world.threads.take(thread.id, cem, { force: true }), 105, 'THREAD_TAKEN');
    });

    it('becomes WAITING when its operator is lost: dated when he was, addressed to nobody, his for when he is back', async () => {
      const thread = await made.chatting();
      later(33);
      await world.presence.ping(thread, 'user');
      const then = await does(thread, () => findAbsent(absence()));
      expect(then.thread).toMatchObject({ state: waiting, agentId: ann.id, nextAgent: 0 });
      expect(then).toMatchObject({ said: ['5 event.operatorLost'], at: [start + 30_000], revised: 1 });
      expect(then.told).toEqual(['posted 5', 'changed chatting to waiting']);
      expect(await does(thread, () => findAbsent(absence()))).toMatchObject({ told: [], said: [], revised: 0 });
    });

    it('becomes WAITING for the operator whom its owner hands it to; the name stays, the group as told', async () => {
      const thread = await made.chatting();
      const then = await does(thread, () => world.threads.redirect(thread.id, ann, { agent: bob, groupId: 0 }));
      expect(then.thread).toMatchObject({
        state: waiting,
        nextAgent: bob.id,
        agentId: 0,
        agentName: 'Ann',
        groupId: 0,
      });
      expect(then).toMatchObject({ said: ['6 event.redirectedToOperator Ann Bob'], revised: 1 });
      expect(then.told).toEqual(['posted 6', 'changed chatting to waiting', 'redirected by Ann']);
    });

    it('becomes WAITING for the group that its owner hands it to', async () => {
      const thread = await made.chatting();
      const target = { group: { id: 7, name: 'Sales <1>' } };
      const then = await does(thread, () => world.threads.redirect(thread.id, ann, target));
      expect(then.thread).toMatchObject({ state: waiting, nextAgent: 0, agentId: 0, agentName: '', groupId: 7 });
      expect(then).toMatchObject({ said: ['6 event.redirectedToGroup Ann Sales &lt;1&gt;'] });
      expect(then.told).toEqual(['posted 6', 'changed chatting to waiting', 'redirected by Ann']);
      const taken = await does(thread, () => world.threads.take(thread.id, bob));
      expect(taken.said).toEqual(['6 event.operatorJoined Bob']);
    });

    it('is handed over by its owner alone, and only while they chat', async () => {
      const thread = await made.chatting();
      await refused(thread, () => world.threads.redirect(thread.id, bob, { agent: cem }), 109, 'NOT_OWNER');
      for (const state of ['loading', 'queue', 'waiting', 'handed', 'closed', 'left', 'invited'] as const) {
        visitor = await world.visitor();
        const other = await made[state]();
        await refused(other, () => world.threads.redirect(other.id, ann, { agent: cem }), 109, 'NOT_CHATTING');
      }
      await expect(world.threads.redirect(999, ann, { agent: bob })).rejects.toMatchObject({ errorCode: 4 });
    });

    it('is handed over once, however often its owner says so', async () => {
      const thread = await made.handed();
      const again = await does(thread, () => world.threads.redirect(thread.id, ann, { agent: bob }));
      expect(again).toMatchObject({
        told: [],
        said: [],
        revised: 0,
        thread: { redirectedBy: ann.id, nextAgent: bob.id },
      });
      await refused(thread, () => world.threads.redirect(thread.id, cem, { agent: bob }), 109, 'NOT_CHATTING');
      const taken = await does(thread, () => world.threads.take(thread.id, bob));
      expect(taken.thread).toMatchObject({ agentId: bob.id, redirectedBy: 0 });
    });

    it('goes to one of two who hand it over at once', async () => {
      const thread = await made.chatting();
      const targets = [{ agent: bob }, { agent: cem }];
      const done = await Promise.allSettled(targets.map((one) => world.threads.redirect(thread.id, ann, one)));
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('a visitor who comes in again', () => {
    it.each(['queue', 'chatting'] as const)('is told in his open thread (%s), which stays as it is', async (state) => {
      const thread = await made[state]();
      const then = await does(thread, begun);
      expect(then.result).toMatchObject({ id: thread.id });
      expect(then.thread.state).toBe(thread.state);
      expect(then).toMatchObject({
        said: ['6 event.visitorBack Guest'],
        told: ['posted 6', `changed ${state} to ${state}`],
      });
    });

    it('is not told while he was never there: a start that is repeated is none', async () => {
      const thread = await made.loading();
      const then = await does(thread, () => Promise.all([begun(), begun(), begun()]));
      expect(then).toMatchObject({ told: [], said: [], revised: 0, thread: { state: loading } });
    });

    it('gets a new thread when his was closed, or when both sides left it for its lifetime', async () => {
      const first = await made.closed();
      const second = await begun();
      expect(second.id).not.toBe(first.id);
      later(601);
      expect((await begun()).id).not.toBe(second.id);
    });

    it('is asked nothing before his open thread, whatever comes before others', async () => {
      const thread = await made.queue();
      world.asked.beforeStart = leaveMessage;
      expect(await world.threads.open(visitor, world.input)).toMatchObject({ next: 'chat', thread: { id: thread.id } });
      visitor = await world.visitor();
      expect(await world.threads.open(visitor, world.input)).toMatchObject({ next: 'leaveMessage' });
    });
  });

  describe('what comes before a thread', () => {
    it('is asked with the stage, and with the operator who was asked for and is there', async () => {
      const stages: unknown[] = [];
      world.online.add(bob.id);
      world.asked.beforeStart = async ({ stage, requested }) => {
        stages.push([stage, requested?.operator.name, requested?.online]);
        return undefined;
      };
      await world.threads.open(visitor, { ...world.input, operatorCode: 'bob' });
      await world.threads.start(await world.visitor(), { ...world.input, operatorCode: 'ann' });
      await world.threads.start(await world.visitor(), { ...world.input, operatorCode: 'nobody' });
      expect(stages).toEqual([
        ['open', 'Bob', true],
        ['start', 'Ann', false],
        ['start', undefined, undefined],
      ]);
    });

    it('is nothing for an accepted invitation, although nobody else is there', async () => {
      const thread = await made.invited();
      world.asked.beforeStart = leaveMessage;
      world.asked.mayStart = async () => ({ code: 200, name: 'NO', message: 'no' });
      expect(await world.threads.start(visitor, world.input)).toMatchObject({
        next: 'chat',
        thread: { id: thread.id },
      });
    });
  });

  describe('an invitation', () => {
    it.each(['open', 'start'] as const)('becomes CHATTING when the visitor accepts (%s)', async (way) => {
      const thread = await made.invited();
      later(7);
      const input = { ...world.input, name: 'Rosa', locale: 'de' };
      const then = await does(thread, () => world.threads[way](visitor, input));
      expect(then.thread).toMatchObject({
        state: chatting,
        invitationState: invitationState.accepted,
        agentId: ann.id,
        chatStartedAt: start + 7_000,
        userName: 'Rosa',
        locale: 'de',
      });
      expect(then).toMatchObject({ said: ['3 de chat.event.invitationAccepted'], revised: 1 });
      expect(then.told).toEqual(['posted 3', 'changed invited to chatting', 'ready']);
    });

    const endings: Record<string, [(thread: Thread) => Promise<unknown>, number, readonly string[]]> = {
      'is rejected': [
        (thread) => world.threads.answerInvitation(thread.id, 'rejected'),
        invitationState.rejected,
        ['3 event.invitationRejected'],
      ],
      'is ignored': [
        (thread) => world.threads.answerInvitation(thread.id, 'ignored'),
        invitationState.ignored,
        ['3 event.invitationIgnored'],
      ],
      'is closed by the visitor': [
        (thread) => world.threads.close(thread.id, 'user'),
        invitationState.rejected,
        ['3 event.invitationRejected'],
      ],
      'is withdrawn by its operator': [
        (thread) => world.threads.close(thread.id, 'agent', ann),
        invitationState.pending,
        ['3 event.invitationCanceled Ann'],
      ],
      'is forgotten by everybody': [
        async () => {
          later(601);
          await closeForgotten(absence());
        },
        invitationState.ignored,
        [],
      ],
    };
    it.each(Object.entries(endings))('that %s becomes CLOSED, told once', async (_name, [way, outcome, said]) => {
      const thread = await made.invited();
      const then = await does(thread, () => way(thread));
      expect(then.thread).toMatchObject({ state: closed, invitationState: outcome, closedAt: Date.now() });
      expect(then.said).toEqual(said);
      expect(then.told).toEqual([...said.map(() => 'posted 3'), 'changed invited to closed', 'closed']);
      for (const answer of ['rejected', 'ignored'] as const) {
        const again = await does(thread, () => world.threads.answerInvitation(thread.id, answer));
        expect(again).toMatchObject({ result: undefined, told: [], said: [], revised: 0 });
      }
      expect((await begun()).id).not.toBe(thread.id);
    });

    it('is made for nobody who has a conversation or an invitation', async () => {
      const thread = await made.invited();
      expect(await world.threads.invite(visitor, bob, world.input)).toBeUndefined();
      await world.threads.open(visitor, world.input);
      expect(await world.threads.invite(visitor, bob, world.input)).toBeUndefined();
      await world.threads.close(thread.id, 'user');
      expect(await world.threads.invite(visitor, bob, world.input)).toMatchObject({ state: invited });
    });

    it('is accepted or rejected, whichever comes first', async () => {
      for (let round = 0; round < 10; round++) {
        visitor = await world.visitor();
        const thread = await made.invited();
        const [opened, rejected] = await Promise.all([
          world.threads.open(visitor, world.input),
          world.threads.answerInvitation(thread.id, 'rejected'),
        ]);
        const then = await now(thread);
        expect(then.invitationState).toBe(rejected ? invitationState.rejected : invitationState.accepted);
        expect(opened.thread?.id === thread.id).toBe(rejected === undefined);
      }
    });

    it('takes no message of the visitor before he accepts, and any of its operator', async () => {
      const thread = await made.invited();
      await refused(thread, () => world.threads.post(thread.id, 'user', { message: 'hi' }), 5);
      await world.threads.post(thread.id, 'agent', { message: 'still there?', operator: ann });
      await refused(thread, () => world.threads.take(thread.id, bob), 106);
    });
  });

  describe('closing', () => {
    it.each(['loading', 'queue', 'waiting', 'chatting'] as const)(
      'by the visitor ends %s, told once',
      async (state) => {
        const thread = await made[state]();
        await world.threads.post(thread.id, 'user', { message: 'bye' });
        const then = await does(thread, () => world.threads.close(thread.id, 'user'));
        expect(then.thread).toMatchObject({ state: closed, closedAt: Date.now(), messageCount: 1 });
        expect(then).toMatchObject({ said: ['6 event.visitorLeft Guest'], revised: 1 });
        expect(then.told).toEqual(['posted 6', `changed ${state} to closed`, 'closed']);
      },
    );

    it.each(['waiting', 'chatting'] as const)('by its operator ends %s', async (state) => {
      const thread = await made[state]();
      const then = await does(thread, () => world.threads.close(thread.id, 'agent', ann));
      expect(then.thread).toMatchObject({ state: closed, closedAt: Date.now() });
      expect(then).toMatchObject({ said: ['6 event.operatorLeft Ann'] });
      expect(then.told).toEqual(['posted 6', `changed ${state} to closed`, 'closed']);
    });

    it('is nothing for another operator, and nothing the second time', async () => {
      const thread = await made.chatting();
      const nothing = { told: [], said: [], revised: 0 };
      expect(await does(thread, () => world.threads.close(thread.id, 'agent', bob))).toMatchObject(nothing);
      await world.threads.close(thread.id, 'user');
      expect(await does(thread, () => world.threads.close(thread.id, 'user'))).toMatchObject(nothing);
      expect(await does(thread, () => world.threads.close(thread.id, 'agent', ann))).toMatchObject(nothing);
    });

    it('of what everybody left says nothing, and is told once each', async () => {
      const states = ['loading', 'queue', 'waiting', 'handed', 'chatting'] as const;
      const threads: Thread[] = [];
      for (const state of states) {
        visitor = await world.visitor();
        threads.push(await made[state]());
      }
      later(700);
      told.length = 0;
      const counts = await Promise.all(threads.map(async (thread) => (await now(thread)).lastSeq));
      await closeForgotten(absence());
      await closeForgotten(absence());
      expect(told.filter((one) => one === 'closed')).toHaveLength(states.length);
      const revisions = new Set<number>();
      for (const [index, thread] of threads.entries()) {
        const then = await now(thread);
        expect(then).toMatchObject({ state: closed, closedAt: Date.now(), lastSeq: counts[index] });
        revisions.add(then.revision);
      }
      expect(revisions.size).toBe(states.length);
    });

    it('of what everybody left can be switched off, and leaves what is over alone', async () => {
      const over = [await made.left(), await made.closed()];
      const kept = await begun();
      world.settings.thread_lifetime = 0;
      later(1_000_000);
      for (const thread of [...over, kept])
        expect(await does(thread, () => closeForgotten(absence()))).toMatchObject({ told: [], revised: 0 });
    });

    it.each(['closed', 'left'] as const)('leaves %s for good', async (state) => {
      const thread = await made[state]();
      await refused(thread, () => world.threads.take(thread.id, ann), 106);
      await refused(thread, () => world.threads.take(thread.id, bob, { force: true }), 106);
      await refused(thread, () => world.threads.post(thread.id, 'user', { message: 'one more' }), 5);
      for (const side of ['user', 'agent'] as const) {
        const then = await does(thread, () => world.threads.seen(thread, side, true, ann));
        expect(then).toMatchObject({ told: [], said: [], revised: 0, thread: { state: thread.state } });
      }
    });
  });

  describe('a silent visitor', () => {
    it('is told to his operator once, dated when he was lost, and the state stays', async () => {
      const thread = await made.chatting();
      later(31);
      await world.presence.ping(thread, 'agent');
      const then = await does(thread, () => findAbsent(absence()));
      expect(then).toMatchObject({ said: ['3 event.visitorGone'], at: [start + 30_000], thread: { state: chatting } });
      expect(then.told).toEqual(['posted 3', 'changed chatting to chatting']);
      expect(await does(thread, () => findAbsent(absence()))).toMatchObject({ told: [], said: [] });
    });

    it('may flap within the grace as often as he likes; a real absence is told once for each', async () => {
      await begin({ disconnect_grace: 30 });
      let thread = await made.chatting();
      const gone = async () =>
        (await world.stored(thread.id)).filter(({ body }) => body.includes('visitorGone')).length;
      let at = 0;
      const silent = async (seconds: number) => {
        for (const end = at + seconds; at < end;) {
          at += 5;
          later(at);
          thread = await world.threads.seen(await now(thread), 'agent', false, ann);
          await findAbsent(absence());
        }
      };
      const back = async () => world.threads.seen(await now(thread), 'user', false);
      for (let n = 0; n < 5; n++) {
        await silent(55);
        await back();
      }
      expect(await gone()).toBe(0);
      await silent(200);
      expect(await gone()).toBe(1);
      await back();
      await silent(200);
      expect(await gone()).toBe(2);
    });
  });

  describe('who only watches', () => {
    it('is not the operator: the thread waits although his window is open, and nobody sees him type', async () => {
      const thread = await made.chatting();
      for (const second of [10, 20, 31]) {
        later(second);
        await world.threads.seen(thread, 'user', false);
        await world.threads.seen(thread, 'agent', true, cem);
        expect((await world.threads.state(thread, 'user')).typing).toBe(false);
      }
      await findAbsent(absence());
      expect((await now(thread)).state).toBe(waiting);
    });

    it('writes notes that no visitor sees, as text', async () => {
      const thread = await made.chatting();
      const note = { message: '<b>careful</b>', private: true as const, operator: cem, key: 'k' };
      const then = await does(thread, () => world.threads.post(thread.id, 'agent', note));
      expect(then.said).toEqual(['3 &lt;b&gt;careful&lt;/b&gt;']);
      expect(await world.threads.post(thread.id, 'agent', note)).toEqual(then.result);
      const seen = await world.threads.messages(thread.id, 'user', 0);
      expect(seen.messages.map(({ kind }) => kind)).not.toContain(3);
      const { messages } = await world.threads.messages(thread.id, 'agent', 0);
      expect(messages.at(-1)).toMatchObject({ kind: 3, name: 'Cem', message: '&lt;b&gt;careful&lt;/b&gt;' });
      await world.threads.close(thread.id, 'user');
      await refused(await now(thread), () => world.threads.post(thread.id, 'agent', { ...note, key: 'l' }), 5);
    });
  });

  it('sees only what plugins leave, besides what is his own or addressed to him', async () => {
    const foreign = await made.queue();
    visitor = await world.visitor();
    const own = await made.chatting();
    visitor = await world.visitor();
    const addressed = await made.handed();
    world.asked.visible = async (list) => list.filter(({ id }) => id !== foreign.id && id !== own.id);
    const all = [foreign, own, addressed];
    expect(await world.threads.visibleTo(ann, all)).toEqual([own, addressed]);
    expect(await world.threads.visibleTo(cem, [foreign])).toEqual([]);
    world.asked.visible = async () => [];
    expect(await world.threads.visibleTo(bob, all)).toEqual([addressed]);
  });

  it('is found again by heartbeats of a socket alone, on either side', async () => {
    const thread = await made.waiting();
    const { spec } = createProcessor({
      heads: world.core.heads,
      visitors: world.visitors,
      operators: { session: async () => undefined },
      threads: world.threads,
      availability: { touch: async () => {}, leaving: async () => {} },
    });
    const caller = (session?: Operator) => ({
      visitor: undefined,
      session: session && { id: 1, operator: session, csrf: '' },
    });
    await spec.onHeartbeat!(caller(cem), new Set([`thread:${thread.id}:agent`, `thread:${thread.id}:agent:${cem.id}`]));
    expect((await now(thread)).state).toBe(waiting);
    await spec.onHeartbeat!(caller(ann), new Set([`thread:${thread.id}:agent`, `thread:${thread.id}:agent:${ann.id}`]));
    expect(await now(thread)).toMatchObject({ state: chatting, agentId: ann.id });
    later(100);
    await world.presence.ping(thread, 'agent');
    await findAbsent(absence());
    expect((await now(thread)).visitorGone).toBe(true);
    await spec.onHeartbeat!(caller(), new Set([`thread:${thread.id}:user`]));
    expect((await now(thread)).visitorGone).toBe(false);
  });

  it('gives threads a new revision when they are touched, and says nothing', async () => {
    const thread = await made.queue();
    const then = await does(thread, () => world.threads.touch([thread.id]));
    expect(then).toMatchObject({ revised: 1, said: [], told: ['changed queue to queue'] });
    expect(then.thread.modifiedAt).toBe(thread.modifiedAt);
  });

  describe('limits', () => {
    it('let one address have so many open threads, invitations among them, and free a place with each ending', async () => {
      world.settings.max_connections_from_one_host = 3;
      const remote = { remote: '198.51.100.9' };
      const first = await world.thread(remote);
      await world.threads.invite(visitor, ann, { ...world.input, ...remote });
      await world.thread(remote);
      await expect(world.thread(remote)).rejects.toMatchObject({ errorCode: 107, errorName: 'TOO_MANY_THREADS' });
      // Who is in already comes in again, and a message may be left.
      await world.threads.open(visitor, { ...world.input, ...remote });
      await world.threads.leave(await world.visitor(), { ...world.input, ...remote }, leftDrafts);
      await world.threads.close(first.id, 'user');
      await world.thread(remote);
    });

    it('let one address begin so many threads in a minute; who comes in again is not counted', async () => {
      world.settings.start_rate = 5;
      const thread = await begun();
      for (let n = 0; n < 20; n++) await begun();
      for (let n = 0; n < 4; n++) await world.thread();
      await expect(world.thread()).rejects.toMatchObject({ errorCode: 102, errorName: 'RATE_LIMITED' });
      const leaving = world.threads.leave(await world.visitor(), world.input, leftDrafts);
      await expect(leaving).rejects.toMatchObject({ errorCode: 102 });
      await world.thread({ remote: '198.51.100.10' });
      expect((await begun()).id).toBe(thread.id);
      later(12);
      await world.thread();
    });
  });
});
