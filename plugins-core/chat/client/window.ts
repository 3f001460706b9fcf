/** The window of one conversation, for both sides: puts the parts together and says what a click does. */
import { controls, createChime, createParts, hostEnvironment } from '../../client/client/index.ts';
import type {
  Commands,
  KeyValue,
  Mounted,
  Outbox,
  PageStorage,
  PartAddresses,
  Transport,
  Ui,
} from '../../client/client/index.ts';
import type { WireMessage } from '../api.ts';
import { createBanners } from './banners.ts';
import type { MessageForm } from './boot.ts';
import { createComposer } from './composer.ts';
import type { ChatContext } from './context.ts';
import { createConversation } from './conversation.ts';
import type { ThreadRef } from './conversation.ts';
import { createLog } from './log.ts';
import { createMenu } from './menu.ts';
import { createPeer } from './peer.ts';
import { createQuestions, failureModel } from './questions.ts';
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
  /** What addresses are relative to, where it is not the address of the page. */
  readonly base?: string;
  /** Stands where a name is not known yet. */
  readonly title?: string;
  /** What the app may load for controls. */
  readonly parts?: PartAddresses;
  /** What the server handed over for this conversation. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** A page of its own. */
  readonly page?: boolean;
  /** Inside somebody's page. */
  readonly inline?: boolean;
  /** Told of messages of the other side as they come, with the number of the last; the window then makes no sound of its own. */
  readonly heard?: (count: number, last: number) => void;
  /** This side has ended the conversation. */
  readonly closed?: () => void;
  /** Hears what can be done here by name and by keys. */
  readonly commands?: Pick<Commands, 'add'>;
  /** Is the window seen just now? */
  readonly visible?: () => boolean;
  /** How many messages came unseen. */
  readonly unread?: (count: number) => void;
  /** The other side had the last word: since when it waits for an answer, unix seconds; undefined: it does not. */
  readonly awaited?: (since: number | undefined) => void;
  readonly again?: () => void;
  readonly minimise?: () => void;
  readonly renamed?: (name: string) => void;
  readonly stateChanged?: (over: boolean, failed: boolean) => void;
}

let windows = 0;

/** Draws a conversation into an element and follows it until it is stopped. */
export function mountChat(element: HTMLElement, options: ChatMount): Mounted {
  const { thread, user, ui, transport, outbox, storage } = options;
  const inline = options.inline === true;
  const side = user ? 'visitor' : 'agent';
  /** Words of this side: visitors do not load those of operators. */
  const say = (key: string, args?: Record<string, unknown>) => ui.text(`chat.${side}.${key}`, args);
  const title = options.title ?? (user ? say('other') : '');
  const uid = `mb-chat-${++windows}`;
  const environment = hostEnvironment();
  const watching = options.canPost === false;
  let name = options.name;
  let unread = 0;
  let filledAfter = false;
  const ends: (() => void)[] = [];

  const root = ui.element('chat/layout', {
    uid,
    user,
    inline,
    title: title || say('other'),
    hello: { title: say('hello.title'), text: say('hello.text') },
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
    title,
    avatar: options.avatar,
    addressOf: (path) => (options.base === undefined ? path : new URL(path, options.base).href),
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
    drawn: (message, row) => conversation.drawn(message, row),
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
    volatile: user && inline,
  });
  const chime = createChime(() => !options.heard && storage.get('mibew:sound') !== 'off');
  const composer = createComposer({
    place: part('form'),
    ui,
    uid,
    form: options.messageForm,
    label: (mode) => say(mode ?? 'write', { name: peer.name() }),
    drafts: options.drafts ?? storage,
    draftKey: `mibew:draft:${user ? 'visitor' : 'agent'}:${thread.id}`,
    send(text, mode) {
      seen();
      log.unmark();
      conversation.post(text, mode && { private: true });
      scroll.toEnd();
    },
    typed: (now) => conversation.typed(now),
  });
  const canClose = () => !watching && !isOver(state.get().threadState);
  const commands = options.commands ?? { add: () => () => undefined };
  const menuModel = () => ({
    canRename: user && options.canChangeName === true && !isOver(state.get().threadState),
    sounds: !options.heard,
    sound: storage.get('mibew:sound') !== 'off',
    canClose: canClose(),
  });
  const menu = createMenu(root, ui, menuModel, commands);

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

  let awaitedSince: number | undefined;
  function noteTurns(messages: readonly WireMessage[]): void {
    for (const { kind, created } of messages) {
      if (kind === (user ? 1 : 2)) awaitedSince = undefined;
      else if (kind === (user ? 2 : 1)) awaitedSince ??= created;
    }
    options.awaited?.(awaitedSince);
  }

  function appended(messages: readonly WireMessage[]): void {
    noteTurns(messages);
    const live = state.get().loaded;
    // Own words, notes too, and what merely happened are nothing to be missed.
    const others = messages.filter(
      ({ kind, name: by }) => ![user ? 1 : 2, 5, 6].includes(kind) && !(kind === 3 && by === options.agent?.name),
    );
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
    const heard = others.filter((message) => message.kind === (user ? 2 : 1));
    if (!live || heard.length === 0) return;
    options.heard?.(heard.length, heard.at(-1)?.id ?? 0);
    if (!isSeen() || !document.hasFocus()) chime.play();
  }

  function drawOutgoing(): void {
    log.outgoing(conversation.outgoing);
    if (conversation.outgoing.length > 0) part('empty').hidden = true;
    if (scroll.atEnd) scroll.toEnd();
  }

  function drawState(): void {
    const { threadState, typing, canPost, failure, loaded } = state.get();
    const over = isOver(threadState);
    const mute = over || watching || (threadState !== undefined && !canPost && !user);
    part('ghosts').hidden = loaded || failure !== undefined;
    part('scroll').setAttribute('aria-busy', String(!loaded));
    part('empty').hidden = !loaded || !log.empty || over;
    // Notes may be written by whoever sees the conversation, also when it is over.
    part('form').hidden = mute && composer.mode() === undefined;
    part('over').hidden = !mute || threadState === undefined;
    if (mute) {
      const again = over && user && options.again !== undefined;
      ui.fill(part('over'), 'chat/over', { text: say(over ? 'over' : 'watching'), again });
    }
    part('after').hidden = !over;
    // Rarely needed, so not before: what hangs here may have to be loaded first.
    if (over && !filledAfter) {
      filledAfter = true;
      ends.push(controls.fill('chat/over', part('after'), context));
    }
    ui.fill(part('typing'), 'chat/status/typing', {
      typing: typing && !over,
      text: ui.text('chat.window.typing', { name: peer.name() }),
    });
    part('failure').hidden = failure === undefined;
    root.classList.toggle('mb-chat--failed', failure !== undefined);
    if (failure) {
      const model = failureModel(ui, failure, user && options.again !== undefined);
      ui.fill(part('failure'), 'chat/failure', model);
    }
  }

  const questions = createQuestions({
    dialog: ui.find(root, '[data-part="dialog"]', HTMLDialogElement),
    ui,
    uid,
    modal: !inline,
    conversation,
    peer: () => peer.name(),
    name: () => name ?? '',
    closed: options.closed,
    renamed(wanted) {
      name = wanted;
      options.renamed?.(wanted);
    },
  });
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
      composer.edit(entry.text, entry.private && 'note');
    },
    ...questions,
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

  commands.add({
    name: 'end',
    label: ui.text('chat.window.close'),
    keys: ['Alt+X'],
    shown: canClose,
    run: () => questions.close(),
  });
  commands.add({
    name: 'refresh',
    label: ui.text('chat.window.refresh'),
    run: () => transport.restartUpdater(),
  });

  let handed = options.options && Promise.resolve(options.options);
  /** A pane of the workspace is opened without them. */
  async function askOptions(): Promise<Readonly<Record<string, unknown>>> {
    try {
      const result = await conversation.ask('options', { user, return: { options: 'options' } });
      return result.options as Readonly<Record<string, unknown>>;
    } catch (error) {
      handed = undefined;
      throw error;
    }
  }
  const context: ChatContext = {
    conversation,
    thread,
    user,
    agent: options.agent,
    watching,
    ui,
    root,
    transport,
    inline,
    storage,
    composer,
    menu,
    commands,
    again: options.again,
    parts: createParts(options.parts ?? {}, root),
    options: () => (handed ??= askOptions()),
  };
  const slot = (name: string, place: string) => controls.fill(`chat/${name}`, part(place), context);
  ends.push(
    conversation.on('appended', appended),
    conversation.on('outgoing', drawOutgoing),
    state.subscribe((now, before) => {
      drawState();
      if (now.loaded && !before.loaded) scroll.toEnd();
      options.stateChanged?.(isOver(now.threadState), now.failure !== undefined);
    }),
    composer.onMode(drawState),
    slot('window', 'controls'),
    slot('status', 'status'),
    slot('composer', 'composer-controls'),
  );
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
