/** How an operator asks a visitor into a conversation. */
import type { Operator } from '../operators/api.ts';
import { invitationState, messageKind, threadState, type StartInput, type Thread, type Visitor } from './api.ts';
import { filtered, systemDraft } from './core.ts';
import { change } from './changes.ts';
import { cut, draftThread, insertThread, type With } from './newcomer.ts';
import { isOver } from './posts.ts';
import type { StartNeeds } from './start.ts';

/** Makes the thread that the visitor finds when he comes in, unless he has one. */
export async function invite(
  needs: StartNeeds,
  visitor: Visitor,
  operator: Operator,
  input: StartInput,
  also?: With['also'],
): Promise<Thread | undefined> {
  const { core, speech } = needs;
  const previous = (await core.sql.visitorThread.first({ id: visitor.id }))?.threadId ?? 0;
  const current = previous > 0 ? await core.heads.fresh(previous) : undefined;
  if (current && !isOver(current)) return undefined;

  const locale = needs.locale(input.locale);
  const bare = draftThread(needs, visitor, input, locale, { groupId: 0, nextAgent: 0 });
  const name = speech.nameOf(operator, bare);
  const draft: Thread = {
    ...bare,
    state: threadState.invited,
    invitationState: invitationState.pending,
    agentId: operator.id,
    agentName: name,
  };
  const page = cut(input.url, 2048);
  const told = speech.say(draft, page ? 'event.invitedAt' : 'event.invited', { name, page });
  const greeting = {
    ...systemDraft(messageKind.agent, input.message || speech.say(draft, 'greeting.invitation')),
    name,
    agentId: operator.id,
  };
  const opening = [
    await filtered(core, systemDraft(messageKind.forAgent, told), 0),
    await filtered(core, greeting, 0, 'agent'),
  ];
  return insertThread(needs, draft, opening, { enter: { previous, name: visitor.name }, ...(also && { also }) });
}

/** See {@link ThreadsService.adopt}. */
export async function adopt({ core, visitors }: StartNeeds, visitor: Visitor, threadId: number): Promise<boolean> {
  const pending = (thread: Thread | undefined) => thread?.state === threadState.invited;
  const invitation = await core.heads.fresh(threadId);
  if (!pending(invitation)) return false;
  if (invitation?.visitorId === visitor.id) return true;
  const previous = (await core.sql.visitorThread.first({ id: visitor.id }))?.threadId ?? 0;
  const current = previous > 0 ? await core.heads.fresh(previous) : undefined;
  if (current && !isOver(current)) return false;

  const { id: visitorId, userId } = visitor;
  const moved = await change(core, threadId, (thread) =>
    pending(thread) ? { set: { visitorId, userId }, quiet: true } : undefined,
  );
  if (!moved?.changed) return false;
  const entered = await core.db.transaction(async (tx) => {
    const row = await tx.first(core.sql.lockVisitor, { id: visitorId });
    // Another start of his came first; that is his conversation.
    if (!row || row.threadId !== previous) return false;
    await tx.run(core.sql.enterThread, { id: visitorId, threadId, name: row.name });
    return true;
  });
  visitors.forget(visitor);
  return entered;
}
