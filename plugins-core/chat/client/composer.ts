/** The writing field: grows with its text, keeps a draft, counts near the limit, tells that somebody writes. */
import { isMac, isSendKey } from '../../client/client/index.ts';
import type { KeyValue, Ui } from '../../client/client/index.ts';
import type { MessageForm } from './boot.ts';
import type { Composer, ComposerMode } from './context.ts';

export interface ComposerNeeds {
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly uid: string;
  readonly form: MessageForm;
  readonly label: (mode: ComposerMode) => string;
  /** Storage of this tab, and the key of the draft. */
  readonly drafts: KeyValue;
  readonly draftKey: string;
  readonly send: (text: string, mode: ComposerMode) => void;
  readonly typed: (now: boolean) => void;
}

/** What the window needs besides. */
export interface WindowComposer extends Composer {
  /** Puts a text back for another try. */
  edit(text: string, mode: ComposerMode): void;
  relabel(): void;
  stop(): void;
}

/** Somebody who pauses for so long no longer writes, ms. */
const idle = 4000;
const defaultLimit = 4000;
/** The counter appears when this part of the limit is used. */
const nearLimit = 0.9;

export function createComposer(needs: ComposerNeeds): WindowComposer {
  const { place, ui, uid, form, drafts, draftKey } = needs;
  const limit = form.maxLength ?? defaultLimit;
  const keys = form.ignoreCtrl ? 'enter' : isMac() ? 'command' : 'ctrl';
  const modeKey = `${draftKey}:mode`;
  // A draft that was a note stays one: after a reload, too, it must not become a message to the visitor.
  let mode: ComposerMode = drafts.get(modeKey) === 'note' ? 'note' : undefined;
  ui.fill(place, 'chat/message_form', {
    uid,
    enterSends: form.ignoreCtrl,
    label: needs.label(mode),
    hint: ui.text(`chat.window.hint.${keys}`),
  });
  const composer = ui.find(place, '[data-part="composer"]');
  const field = ui.find(place, '[data-part="text"]', HTMLTextAreaElement);
  const button = ui.find(place, '[data-part="send"]', HTMLButtonElement);
  const count = ui.find(place, '[data-part="count"]');
  const label = ui.find(place, 'label');
  const hint = ui.find(place, '.mb-composer__hint');
  const usual = hint.textContent;
  const grows = CSS.supports('field-sizing', 'content');
  const listeners = new Set<(text: string) => void>();
  const modeListeners = new Set<(mode: ComposerMode) => void>();
  const asked = new Set<Parameters<Composer['before']>[0]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending = false;

  const listen = <T>(set: Set<T>, listener: T) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  /** Characters as people count them; the server counts the same. */
  const length = () => Array.from(field.value).length;

  function draw(): void {
    const left = limit - length();
    composer.classList.toggle('mb-composer--over', left < 0);
    button.setAttribute('aria-disabled', String(field.value.trim() === '' || left < 0));
    if (left < 0) count.textContent = ui.text('chat.window.tooLong', { count: -left });
    else count.textContent = left < limit * (1 - nearLimit) ? ui.text('chat.window.left', { count: left }) : '';
    if (grows) return;
    field.style.blockSize = 'auto';
    field.style.blockSize = `${field.scrollHeight}px`;
  }

  function relabel(): void {
    field.placeholder = label.textContent = needs.label(mode);
    // The colour alone would not tell it, and what the field says of itself goes with the first letter.
    hint.textContent = mode ? ui.text('chat.agent.hidden') : usual;
    composer.classList.toggle('mb-composer--note', mode === 'note');
  }

  function rest(): void {
    clearTimeout(timer);
    needs.typed(false);
  }

  /** Both at once: what another window wrote as a note must not be read as a message because of what is chosen here. */
  function store(): void {
    const { value } = field;
    if (value === '') drafts.remove(draftKey);
    else drafts.set(draftKey, value);
    if (value === '' && !mode) drafts.remove(modeKey);
    else drafts.set(modeKey, mode ?? 'message');
  }

  function keep(): void {
    const { value } = field;
    store();
    draw();
    for (const listener of listeners) listener(value);
  }

  function onInput(): void {
    keep();
    clearTimeout(timer);
    // Nobody on the other side hears of a note, nor that one is written.
    if (field.value.trim() === '' || mode) return rest();
    needs.typed(true);
    timer = setTimeout(rest, idle);
  }

  function set(text: string): void {
    field.value = text;
    keep();
  }

  /** What plugins make of it; asked one after another, since each may change it. */
  async function prepared(text: string): Promise<string | false> {
    let current: string | false = text;
    for (const ask of asked) {
      if (current === false) break;
      current = await ask(current);
    }
    return current;
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const written = field.value;
    if (written.trim() === '' || length() > limit || sending) return field.focus();
    let text: string | false = written.trim();
    if (asked.size > 0) {
      sending = true;
      text = await prepared(text).finally(() => (sending = false));
      if (text === false) return;
    }
    // What was typed while a plugin thought about it is the next message.
    set(field.value.startsWith(written) ? field.value.slice(written.length) : '');
    rest();
    needs.send(text, mode);
    field.focus();
  }

  function setMode(next: ComposerMode): void {
    if (next === mode) return;
    mode = next;
    store();
    rest();
    relabel();
    for (const listener of modeListeners) listener(mode);
  }

  const onSubmit = (event: Event) => void submit(event);
  const onKey = (event: KeyboardEvent) => {
    if (!event.defaultPrevented && isSendKey(event, form.ignoreCtrl)) onSubmit(event);
  };
  composer.addEventListener('submit', onSubmit);
  field.addEventListener('input', onInput);
  field.addEventListener('keydown', onKey);
  field.value = drafts.get(draftKey) ?? '';
  relabel();
  draw();

  function modes(): ComposerMode;
  function modes(name: ComposerMode): void;
  function modes(...args: [ComposerMode?]): ComposerMode {
    if (args.length > 0) setMode(args[0]);
    return mode;
  }

  return {
    field,
    text: () => field.value,
    set(text) {
      field.value = text;
      onInput();
    },
    insert(text) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
      onInput();
    },
    focus: () => field.focus({ preventScroll: true }),
    on: (listener) => listen(listeners, listener),
    before: (ask) => listen(asked, ask),
    mode: modes,
    onMode: (listener) => listen(modeListeners, listener),
    edit(text, of) {
      setMode(of);
      set(field.value.trim() === '' ? text : `${text}\n${field.value}`);
      field.focus();
    },
    relabel,
    stop: () => clearTimeout(timer),
  };
}
