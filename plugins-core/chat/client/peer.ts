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

export function createPeer({ place, ui, conversation, name, title, avatar, watching, page }: PeerNeeds): Peer {
  const { user, state } = conversation;
  const otherKind = user ? 2 : 1;
  let picture = avatar;
  let pictured = state.get().threadAgentId;

  const spoken = () => conversation.messages.findLast((message) => message.kind === otherKind)?.name ?? undefined;
  const known = () => spoken() ?? (user ? undefined : name());

  function stateText(): string {
    const { threadState: now } = state.get();
    if (user) {
      const words: Readonly<Record<number, string>> = {
        [threadState.queue]: 'queue',
        [threadState.loading]: 'queue',
        [threadState.waiting]: 'waiting',
        [threadState.chatting]: 'chatting',
        [threadState.closed]: 'closed',
      };
      return ui.text(`chat.window.state.${now === undefined ? 'loading' : (words[now] ?? 'closed')}`);
    }
    const words: Readonly<Record<number, string>> = {
      [threadState.queue]: 'queue',
      [threadState.loading]: 'queue',
      [threadState.waiting]: 'waiting',
      [threadState.chatting]: watching ? 'watching' : 'chatting',
      [threadState.closed]: 'closed',
    };
    return ui.text(`chat.window.agent.${now === undefined ? 'loading' : (words[now] ?? 'closed')}`);
  }

  function presence(): string | undefined {
    const { threadState: now } = state.get();
    if (now === threadState.chatting) return 'online';
    if (now === threadState.closed || now === undefined) return undefined;
    return 'away';
  }

  function draw(): void {
    const person = known();
    ui.fill(place, 'chat/peer', {
      page,
      person: person !== undefined,
      name: person ?? (user ? title : ui.text('chat.window.visitor')),
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
      picture = (await conversation.avatar()) || undefined;
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
    name: () => known() ?? (user ? title : ui.text('chat.window.visitor')),
    avatar: (of) => (user && of === spoken() ? picture : undefined),
  };
}
