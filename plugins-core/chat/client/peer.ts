/** The head of the window: with whom one talks, and how the conversation stands. */
import type { Ui } from '../../client/client/index.ts';
import { threadState } from './states.ts';
import type { Conversation } from './conversation.ts';

export interface PeerNeeds {
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly conversation: Conversation;
  /** Name of the other side, where it is known from elsewhere. */
  readonly name: () => string | undefined;
  /** What stands there while the other side has no name. */
  readonly title: string;
  readonly avatar: string | undefined;
  /** Address of a picture as it holds on the page that the window stands on. */
  readonly addressOf: (path: string) => string;
  /** Only watching. */
  readonly watching: boolean;
  /** The window is a page of its own. */
  readonly page: boolean;
}

export interface Peer {
  draw(): void;
  name(): string;
  avatar(name: string): string | undefined;
}

const stateWords: Readonly<Record<number, string>> = {
  [threadState.queue]: 'queue',
  [threadState.loading]: 'queue',
  [threadState.waiting]: 'waiting',
  [threadState.chatting]: 'chatting',
};

export function createPeer({
  place,
  ui,
  conversation,
  name,
  title,
  avatar,
  addressOf,
  watching,
  page,
}: PeerNeeds): Peer {
  const { user, state } = conversation;
  const otherKind = user ? 2 : 1;
  let picture = avatar && addressOf(avatar);
  let pictured = state.get().threadAgentId;

  const spoken = () => conversation.messages.findLast((message) => message.kind === otherKind)?.name ?? undefined;
  // An operator is called by his name before he has said a word.
  const known = () => (user ? state.get().agentName || spoken() : (spoken() ?? name()));

  function stateText(): string {
    const { threadState: now, visitorGone } = state.get();
    const plain = now === undefined ? 'loading' : (stateWords[now] ?? 'closed');
    const word = visitorGone && plain !== 'closed' ? 'gone' : plain;
    return ui.text(`chat.${user ? 'visitor' : 'agent'}.state.${watching && word === 'chatting' ? 'watching' : word}`);
  }

  function presence(): string | undefined {
    const { threadState: now, visitorGone } = state.get();
    if (now === threadState.closed || now === undefined) return undefined;
    if (visitorGone) return 'offline';
    return now === threadState.chatting ? 'online' : 'away';
  }

  function draw(): void {
    // Whoever waits is told of no operator: the one he had may not be the next.
    const person = user && presence() === 'away' ? undefined : known();
    ui.fill(place, 'chat/peer', {
      page,
      person: person !== undefined,
      name: person ?? (user ? title : ui.text('chat.agent.other')),
      avatar: person === undefined ? undefined : picture,
      state: stateText(),
      presence: presence(),
    });
  }

  async function fetchPicture(): Promise<void> {
    const { threadAgentId } = state.get();
    if (!user || threadAgentId === pictured || threadAgentId === 0) return;
    pictured = threadAgentId;
    try {
      const path = await conversation.avatar();
      picture = path ? addressOf(path) : undefined;
      draw();
    } catch {
      // A face is no reason for trouble: initials stand in its place.
      pictured = 0;
    }
  }
  state.subscribe(() => {
    draw();
    void fetchPicture();
  });
  draw();

  return {
    draw,
    name: () => known() ?? (user ? title : ui.text('chat.agent.other')),
    avatar: (of) => (user && of === known() ? picture : undefined),
  };
}
