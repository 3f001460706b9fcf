/** Threads for tests of the line: what matters of them, and the rest. */
import { threadState, type Thread } from '../../chat/api.ts';

let revision = 0;

/** A thread as it is after one more change. */
export const threadOf = (wanted: Partial<Thread> & { readonly id: number }): Thread => ({
  token: 7,
  visitorId: 1,
  userId: 'someone',
  userName: 'Guest',
  agentId: 0,
  agentName: '',
  nextAgent: 0,
  redirectedBy: 0,
  groupId: 0,
  state: threadState.queue,
  invitationState: 0,
  remote: '192.0.2.7',
  userAgent: '',
  referrer: '',
  locale: 'en',
  createdAt: 0,
  modifiedAt: 0,
  chatStartedAt: 0,
  closedAt: 0,
  lastSeq: 0,
  lastVisibleSeq: 0,
  messageCount: 0,
  shownMessage: null,
  visitorGone: false,
  revision: ++revision,
  ...wanted,
});
