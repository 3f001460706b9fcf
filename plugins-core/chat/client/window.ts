/** The window of one conversation, for both sides: puts the parts together and says what a click does. */
import { controls, createChime, hostEnvironment } from '../../client/client/index.ts';
import type { KeyValue, Mounted, Outbox, PageStorage, Transport, Ui } from '../../client/client/index.ts';
import type { WireMessage } from '../api.ts';
import { ask } from './ask.ts';
import { createBanners } from './banners.ts';
import type { MessageForm } from './boot.ts';
import { createComposer } from './composer.ts';
import type { Composer } from './composer.ts';
import { createConversation } from './conversation.ts';
import type { Conversation, ThreadRef } from './conversation.ts';
import { createLog } from './log.ts';
import { createMenu } from './menu.ts';
import { createPeer } from './peer.ts';
import { createScroll } from './scroll.ts';
import { isOver } from './states.ts';

/** What a window is made of. The workspace gives this to `apps.mount('chat', …)`. */
export interface ChatMount {
  readonly thread: ThreadRef;
  /** The visitor's side. */
  readonly user: boolean;
  readonly ui: Ui;
  readonly transport: Transport;
  readonly outbox: Outbox;
  readonly storage: PageStorage;
  /** Where drafts lie; storage of this tab. */
  readonly drafts?: KeyValue;
  readonly messageForm: MessageForm;
  /** False: only watching. */
  readonly canPost?: boolean;
  /** The visitor's name, as far as it is known before he speaks. */
  readonly name?: string;
  readonly canChangeName?: boolean;
  readonly agent?: { readonly id: number; readonly name: string };
  readonly avatar?: string;
  /** Stands where a name is not known yet. */
  readonly title?: string;
  /** Address of a window of its own. */
  readonly popOut?: string;
  /** A page of its own. */
  readonly page?: boolean;
  /** Inside somebody's page. */
  readonly inline?: boolean;
  /** Told of messages of the other side as they come; the window then makes no sound of its own. */
  readonly heard?: (count: number) => void;
  /** Is the window seen just now? */
  readonly visible?: () => boolean;
  /** How many messages came unseen. */
  readonly unread?: (count: number) => void;
  readonly again?: () => void;
  readonly minimise?: () => void;
  readonly renamed?: (name: string) => void;
  readonly stateChanged?: (over: boolean, failed: boolean) => void;
}

/** What controls of plugins get (slot `chat/window`). */
export interface ChatContext {
  readonly conversation: Conversation;
  readonly ui: Ui;
  readonly root: HTMLElement;
}

let windows = 0;

/** Draws a conversation into an element and follows it until it is stopped. */
export function mountChat(element: HTMLElement, options: ChatMount): Mounted {
  const { thread, user, ui, transport, outbox, storage } = options;
  const uid = `mb-chat-${++windows}`;
  const environment = hostEnvironment();
  const watching = options.canPost === false;
  let name = options.name;
  let unread = 0;

  const root = ui.element('chat/layout', {
    uid,
    user,
    inline: options.inline,
    popOut: options.popOut,
    title: options.title ?? ui.text('chat.window.support'),
  });
  element.replaceChildren(root);
  const part = (part: string) => ui.find(root, `[data-part="${part}"]`);
  const isSeen = () => (options.visible?.() ?? root.checkVisibility()) && document.visibilityState === 'visible';

  const conversation = createConversation({ transport, outbox, thread, user, environment });
  const { state } = conversation;
  const peer = createPeer({
    place: part('peer'),
    ui,
    conversation,
    name: () => name,
    title: options.title ?? ui.text('chat.window.support'),
    avatar: options.avatar,
    watching,
    page: options.page === true,
  });
  const log = createLog({
    list: part('log'),
    ui,
    user,
    ownName: () => (user ? (name ?? '') : (options.agent?.name ?? '')),
    avatar: (of) => peer.avatar(of),
    now: () => Date.now(),
  });
  const scroll = createScroll(part('scroll'), part('log'), (atEnd) => {
    if (atEnd && isSeen()) seen();
    drawJump();
  });
  const banners = createBanners({
    place: part('banners'),
    ui,
    transport,
    outbox,
    storage,
    threadId: thread.id,
    volatile: user && options.inline === true,
  });
  const chime = createChime(() => !options.heard && storage.get('mibew:sound') !== 'off');
  const composer: Composer = createComposer({
    place: part('form'),
    ui,
    uid,
    form: options.messageForm,
    label: () => (user ? ui.text('chat.window.write') : ui.text('chat.window.writeTo', { name: peer.name() })),
    drafts: options.drafts ?? storage,
    draftKey: `mibew:draft:${user ? 'visitor' : 'agent'}:${thread.id}`,
    send(text) {
      seen();
      log.unmark();
      conversation.post(text);
      scroll.toEnd();
    },
    typed: (now) => conversation.typed(now),
  });
  const menu = createMenu(root, ui, () => ({
    canRename: user && options.canChangeName === true && !isOver(state.get().threadState),
    sounds: !options.heard,
    sound: storage.get('mibew:sound') !== 'off',
    canClose: !watching && !isOver(state.get().threadState),
  }));

  function seen(): void {
    setUnread(0);
  }

  function setUnread(count: number): void {
    if (count === unread) return;
    unread = count;
    options.unread?.(count);
    drawJump();
  }

  function drawJump(): void {
    const jump = part('jump');
    jump.hidden = scroll.atEnd;
    const label = unread > 0 ? ui.text('chat.window.jump.new', { count: unread }) : ui.text('chat.window.jump');
    jump.setAttribute('aria-label', label);
    jump.title = label;
    if (jump.hidden) return;
    ui.fill(jump, 'chat/jump', { count: unread || undefined });
  }

  function appended(messages: readonly WireMessage[]): void {
    const live = state.get().loaded;
    const own = user ? 1 : 2;
    const others = messages.filter((message) => message.kind !== own && message.kind !== 6 && message.kind !== 5);
    const follow = scroll.atEnd;
    if (live && others.length > 0 && !(follow && isSeen())) {
      if (unread === 0) log.mark();
      setUnread(unread + others.length);
    }
    log.append(messages, live);
    if (follow) scroll.toEnd(live);
    else drawJump();
    peer.draw();
    composer.relabel();
    part('empty').hidden = !live || !log.empty;
    const heard = others.filter((message) => message.kind === (user ? 2 : 1)).length;
    if (!live || heard === 0) return;
    options.heard?.(heard);
    if (!isSeen() || !document.hasFocus()) chime.play();
  }

  function drawOutgoing(): void {
    log.outgoing(conversation.outgoing);
    if (conversation.outgoing.length > 0) part('empty').hidden = true;
    if (scroll.atEnd) scroll.toEnd();
  }

  function failureModel({ code, message }: { readonly code: number; readonly message: string }) {
    const key = code === 403 ? 'chat.window.failure.4' : `chat.window.failure.${code}`;
    const known = ui.text(key);
    const again = user && options.again !== undefined && (code === 4 || code === 403);
    return {
      title: ui.text('chat.window.failure.title'),
      text: known === key ? ui.text('chat.window.failure.other', { message }) : known,
      action: again ? 'again' : 'reload',
      actionText: ui.text(again ? 'chat.window.again' : 'chat.window.failure.reload'),
    };
  }

  function drawState(): void {
    const { threadState, typing, canPost, failure, loaded } = state.get();
    const over = isOver(threadState);
    const mute = over || watching || (threadState !== undefined && !canPost && !user);
    part('ghosts').hidden = loaded || failure !== undefined;
    part('scroll').setAttribute('aria-busy', String(!loaded));
    part('empty').hidden = !loaded || !log.empty || over;
    part('form').hidden = mute;
    part('over').hidden = !mute || threadState === undefined;
    if (mute) {
      const words = over ? (user ? 'visitor' : 'agent') : 'watching';
      ui.fill(part('over'), 'chat/over', {
        text: ui.text(`chat.window.over.${words}`),
        again: over && user && options.again !== undefined,
      });
    }
    ui.fill(part('typing'), 'chat/status/typing', {
      typing: typing && !over,
      text: ui.text('chat.window.typing', { name: peer.name() }),
    });
    part('failure').hidden = failure === undefined;
    root.classList.toggle('mb-chat--failed', failure !== undefined);
    if (failure) ui.fill(part('failure'), 'chat/failure', failureModel(failure));
  }

  const question = {
    dialog: ui.find(root, '[data-part="dialog"]', HTMLDialogElement),
    ui,
    uid,
    modal: !options.inline,
  };
  const outgoing = (key: string | undefined) => conversation.outgoing.find((entry) => entry.key === key);

  const actions: Readonly<Record<string, (target: HTMLElement) => void>> = {
    jump() {
      scroll.toEnd(true);
      seen();
    },
    minimise: () => options.minimise?.(),
    again: () => options.again?.(),
    understood: () => banners.understood(),
    reload: () => location.reload(),
    refresh() {
      transport.restartUpdater();
    },
    sound() {
      storage.set('mibew:sound', storage.get('mibew:sound') === 'off' ? 'on' : 'off');
      chime.play();
    },
    retry: ({ dataset }) => outbox.retry(dataset.key ?? ''),
    remove: ({ dataset }) => outbox.remove(dataset.key ?? ''),
    edit({ dataset }) {
      const entry = outgoing(dataset.key);
      if (!entry) return;
      outbox.remove(entry.key);
      composer.edit(entry.text);
    },
    close() {
      const who = user ? 'visitor' : 'agent';
      ask(
        question,
        {
          title: ui.text('chat.window.close.title'),
          text: ui.text(`chat.window.close.${who}`, { name: peer.name() }),
          yes: ui.text('chat.window.close.yes'),
          kind: 'danger',
        },
        () => conversation.close(),
      );
    },
    rename() {
      ask(
        question,
        {
          title: ui.text('chat.window.rename.title'),
          field: ui.text('chat.window.rename.field'),
          value: name ?? '',
          yes: ui.text('chat.window.rename.yes'),
          kind: 'primary',
        },
        async (wanted) => {
          if (wanted === '') return;
          await conversation.rename(wanted);
          name = wanted;
          options.renamed?.(wanted);
        },
      );
    },
  };

  root.addEventListener('click', (event) => {
    const target = (event.target as Element).closest<HTMLElement>('[data-action]');
    const action = target && actions[target.dataset.action ?? ''];
    if (!action) return;
    if (target.closest('[data-part="drop"]')) menu.close();
    action(target);
  });
  const onVisible = () => {
    if (scroll.atEnd && isSeen()) seen();
  };
  document.addEventListener('visibilitychange', onVisible);

  const ends = [
    conversation.on('appended', appended),
    conversation.on('outgoing', drawOutgoing),
    state.subscribe((now, before) => {
      drawState();
      if (now.loaded && !before.loaded) scroll.toEnd();
      options.stateChanged?.(isOver(now.threadState), now.failure !== undefined);
    }),
    controls.fill('chat/window', part('controls'), { conversation, ui, root } satisfies ChatContext),
  ];
  drawOutgoing();
  drawState();

  return {
    shown() {
      if (scroll.atEnd) {
        scroll.toEnd();
        if (isSeen()) seen();
      }
    },
    // A phone would bring its keyboard up over the messages.
    focus: () => (part('form').hidden || matchMedia('(hover: none)').matches ? part('scroll') : composer).focus(),
    stop() {
      document.removeEventListener('visibilitychange', onVisible);
      for (const end of ends) end();
      conversation.stop();
      composer.stop();
      banners.stop();
      scroll.stop();
      menu.stop();
      root.remove();
    },
  };
}
