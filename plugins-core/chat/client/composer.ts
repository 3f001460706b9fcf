/** The writing field: grows with its text, keeps a draft, counts near the limit, tells that somebody writes. */
import { isMac, isSendKey } from '../../client/client/index.ts';
import type { KeyValue, Ui } from '../../client/client/index.ts';
import type { MessageForm } from './boot.ts';

export interface ComposerNeeds {
  readonly place: HTMLElement;
  readonly ui: Ui;
  readonly uid: string;
  readonly form: MessageForm;
  readonly label: () => string;
  /** Storage of this tab, and the key of the draft. */
  readonly drafts: KeyValue;
  readonly draftKey: string;
  readonly send: (text: string) => void;
  readonly typed: (now: boolean) => void;
}

export interface Composer {
  focus(): void;
  /** Puts a text back for another try. */
  edit(text: string): void;
  relabel(): void;
  stop(): void;
}

/** Somebody who pauses for so long no longer writes, ms. */
const idle = 4000;
const defaultLimit = 4000;
/** The counter appears when this part of the limit is used. */
const nearLimit = 0.9;

export function createComposer(needs: ComposerNeeds): Composer {
  const { place, ui, uid, form, drafts, draftKey } = needs;
  const limit = form.maxLength ?? defaultLimit;
  const keys = form.ignoreCtrl ? 'enter' : isMac() ? 'command' : 'ctrl';
  ui.fill(place, 'chat/message_form', {
    uid,
    enterSends: form.ignoreCtrl,
    label: needs.label(),
    hint: ui.text(`chat.window.hint.${keys}`),
  });
  const composer = ui.find(place, '[data-part="composer"]');
  const field = ui.find(place, '[data-part="text"]', HTMLTextAreaElement);
  const button = ui.find(place, '[data-part="send"]', HTMLButtonElement);
  const count = ui.find(place, '[data-part="count"]');
  const grows = CSS.supports('field-sizing', 'content');
  let timer: ReturnType<typeof setTimeout> | undefined;

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

  function rest(): void {
    clearTimeout(timer);
    needs.typed(false);
  }

  function onInput(): void {
    draw();
    if (field.value === '') drafts.remove(draftKey);
    else drafts.set(draftKey, field.value);
    clearTimeout(timer);
    if (field.value.trim() === '') return rest();
    needs.typed(true);
    timer = setTimeout(rest, idle);
  }

  function set(text: string): void {
    field.value = text;
    if (text === '') drafts.remove(draftKey);
    else drafts.set(draftKey, text);
    draw();
  }

  function submit(event: Event): void {
    event.preventDefault();
    const text = field.value.trim();
    if (text === '' || length() > limit) return field.focus();
    set('');
    rest();
    needs.send(text);
    field.focus();
  }

  const onKey = (event: KeyboardEvent) => {
    if (isSendKey(event, form.ignoreCtrl)) submit(event);
  };
  composer.addEventListener('submit', submit);
  field.addEventListener('input', onInput);
  field.addEventListener('keydown', onKey);
  field.value = drafts.get(draftKey) ?? '';
  draw();

  return {
    focus: () => field.focus({ preventScroll: true }),
    edit(text) {
      set(field.value.trim() === '' ? text : `${text}\n${field.value}`);
      field.focus();
    },
    relabel() {
      field.placeholder = needs.label();
    },
    stop: () => clearTimeout(timer),
  };
}
