/** How an operator asks a visitor into a conversation. */
import type { Operator } from '../operators/api.ts';
import { invitationState, messageKind, threadState, type StartInput, type Thread, type Visitor } from './api.ts';
import { filtered, systemDraft } from './core.ts';
import { cut, draftThread, insertThread } from './newcomer.ts';
import { isOver } from './posts.ts';
import type { StartNeeds } from './start.ts';

/** Makes the thread that the visitor finds when he comes in, unless he has one. */
export async function invite(
  needs: StartNeeds,
  visitor: Visitor,
  operator: Operator,
  input: StartInput,
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
  return insertThread(needs, draft, opening, { enter: { previous, name: visitor.name } });
}
