/** Joins the chat of operators, in panes and in windows of their own: canned messages beside the writing field, by a button or a `/` at its beginning. */
import { controls, reportError, succeed, type Command, type Transport, type Ui } from '../../client/client/index.ts';
import { createPicker, type Answer } from './picker.ts';

/** The parts of the slot's context that are used here. */
interface ComposerContext {
  readonly thread: { readonly id: number; readonly token: number };
  /** The visitor's side. */
  readonly user: boolean;
  readonly watching: boolean;
  readonly ui: Ui;
  readonly root: HTMLElement;
  readonly transport: Pick<Transport, 'call'>;
  readonly commands: { add(command: Command): () => void };
  readonly composer: {
    readonly field: HTMLTextAreaElement;
    text(): string;
    set(text: string): void;
    insert(text: string): void;
    focus(): void;
    on(listener: (text: string) => void): () => void;
  };
}

/** Answers are good for so long, ms: names in them may change, and administrators change them. */
const fresh = 10_000;
let lists = 0;

function answersIn(options: unknown): readonly Answer[] {
  const { messageForm } = (options ?? {}) as { messageForm?: { predefinedAnswers?: unknown } };
  return Array.isArray(messageForm?.predefinedAnswers) ? (messageForm.predefinedAnswers as Answer[]) : [];
}

async function fetchAnswers({ transport, thread }: ComposerContext): Promise<readonly Answer[]> {
  const args = { threadId: thread.id, token: thread.token, user: false, return: { options: 'options' } };
  const { options } = succeed(await transport.call([{ function: 'options', arguments: args }], { force: true }));
  return answersIn(options);
}

function mount(element: HTMLElement, context: ComposerContext): (() => void) | void {
  const { ui, root, composer, user, watching } = context;
  if (user || watching) return;
  const { field } = composer;
  const id = `mb-canned-${++lists}`;
  element.append(ui.element('canned/button', { id }));
  const part = (name: string) => ui.find(element, `[data-part="${name}"]`);
  const [button, drop, status] = [part('button'), part('drop'), part('status')];
  const picker = createPicker(draw);
  let fetchedAt = 0;
  let failed = false;
  let asked = Promise.resolve();

  function draw(): void {
    const { open, matches, active } = picker.state;
    drop.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (!open) {
      field.removeAttribute('aria-activedescendant');
      field.removeAttribute('aria-controls');
      status.textContent = '';
      return;
    }
    const answers = matches.map((answer, place) => ({ ...answer, place, active: place === active }));
    const text = ui.text(failed ? 'canned.client.failed' : 'canned.client.none');
    ui.fill(drop, 'canned/answers', { id, answers, text });
    field.setAttribute('aria-controls', id);
    status.textContent = answers.length > 0 ? ui.text('canned.client.count', { count: answers.length }) : text;
    if (answers.length === 0) return;
    field.setAttribute('aria-activedescendant', `${id}-${active}`);
    drop.querySelector('[role="listbox"]')?.setAttribute('aria-activedescendant', `${id}-${active}`);
    drop.querySelector(`[data-place="${active}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  async function ask(): Promise<void> {
    try {
      const answers = await fetchAnswers(context);
      failed = false;
      picker.offer(answers);
    } catch (error) {
      fetchedAt = 0;
      failed = true;
      reportError(error);
      draw();
    }
  }

  /** What is known already is shown meanwhile. */
  function refresh(): Promise<void> {
    if (Date.now() - fetchedAt >= fresh) {
      fetchedAt = Date.now();
      asked = ask();
    }
    return asked;
  }

  function close(): void {
    picker.close();
    // It was only there to call the list.
    if (composer.text() === '/') composer.set('');
  }

  function choose(place?: number): void {
    const chosen = picker.choose(place);
    if (!chosen) return;
    if (chosen.replaces) composer.set(chosen.answer.full);
    else composer.insert(chosen.answer.full);
    // A message that begins with a / calls nothing.
    picker.close();
    composer.focus();
  }

  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => picker.move(1),
    ArrowUp: () => picker.move(-1),
    Enter: () => choose(),
    Escape() {
      close();
      composer.focus();
    },
  };
  // Before the field's own keys: Enter would send, Escape would leave the conversation.
  function onKey(event: KeyboardEvent): void {
    const { open, matches } = picker.state;
    const key = keys[event.key];
    const ours = event.target === field || (event.target instanceof Node && drop.contains(event.target));
    if (!open || !key || !ours || event.isComposing || event.shiftKey) return;
    if (event.key === 'Enter' && matches.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    key();
  }
  async function onButton(): Promise<void> {
    composer.focus();
    if (picker.state.open) return close();
    await refresh();
    // With a / one can go on typing to find the right one.
    if (composer.text() === '') composer.set('/');
    if (!picker.state.open) picker.toggle();
  }
  function onChoice(event: Event): void {
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-place]') : null;
    if (item) choose(Number(item.dataset.place));
  }
  // The focus stays in the field, or in the list for those who go there to scroll.
  const keepFocus = (event: Event) => event.preventDefault();
  const onFocus = () => void refresh();
  function onBlur({ relatedTarget }: FocusEvent): void {
    const stays = relatedTarget === field || (relatedTarget instanceof Node && element.contains(relatedTarget));
    if (picker.state.open && !stays) close();
  }

  element.addEventListener('mousedown', keepFocus);
  button.addEventListener('click', () => void onButton());
  drop.addEventListener('click', onChoice);
  root.addEventListener('keydown', onKey, true);
  field.addEventListener('focus', onFocus);
  field.addEventListener('blur', onBlur);
  element.addEventListener('focusout', onBlur);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-haspopup', 'listbox');
  const ends = [
    composer.on((text) => {
      picker.typed(text);
      if (picker.state.open) void refresh();
    }),
    context.commands.add({
      name: 'canned',
      label: ui.text('canned.client.open'),
      keys: ['Alt+C'],
      // Where nothing can be written there is nothing to be put in.
      shown: () => field.checkVisibility(),
      run: () => void onButton(),
    }),
  ];
  return () => {
    for (const end of ends) end();
    root.removeEventListener('keydown', onKey, true);
    field.removeEventListener('focus', onFocus);
    field.removeEventListener('blur', onBlur);
  };
}

controls.add<ComposerContext>('chat/composer', { name: 'canned', weight: 20, mount });
