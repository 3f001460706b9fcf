/** The screen: the form, then the thanks; meanwhile the offer to chat, when somebody comes. */
import type { Mounted, Parts, Transport, Ui } from '../../client/client/index.ts';
import type { CaptchaMount, MountedCaptcha } from '../../captcha/api.ts';
import type { LeaveMessageForm } from '../api.ts';
import { draftKey } from './draft.ts';
import { createForm, fieldOfCode } from './form.ts';
import { createSending } from './sending.ts';
import { watchForOperators } from './watch.ts';

/** What the chat app mounts a screen with. */
interface ScreenMount {
  readonly ui: Ui;
  readonly transport: Transport;
  readonly options: Readonly<Record<string, unknown>>;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly inline: boolean;
  readonly drafts: {
    get(key: string): string | undefined;
    set(key: string, value: string): void;
    remove(key: string): void;
  };
  readonly parts: Parts;
  finished(): void;
  again(): void;
}

let screens = 0;

function readDraft(drafts: ScreenMount['drafts']): Partial<LeaveMessageForm> {
  try {
    const { name, email, message } = JSON.parse(drafts.get(draftKey) ?? '{}') as Record<string, string>;
    return { ...(name && { name }), ...(email && { email }), ...(message && { message }) };
  } catch {
    return {};
  }
}

export function mountLeaveMessage(element: HTMLElement, mount: ScreenMount): Mounted {
  const { ui, transport, drafts, parts } = mount;
  const options = mount.options as { leaveMessageForm?: LeaveMessageForm; sent?: boolean; page?: { title?: string } };
  const given = options.leaveMessageForm;
  const uid = `mb-leave-${++screens}`;
  const title = options.page?.title ?? ui.text('leave-message.form.title');
  // What was said in a survey just now is newer than a draft.
  const draft = given?.message ? {} : readDraft(drafts);
  // On a page the head of the window says it already.
  const model = { ...given, ...draft, uid, title, inline: mount.inline };
  const root = ui.element('leave-message/form', model);
  element.replaceChildren(root);
  const part = (name: string) => ui.find(root, `[data-part="${name}"]`);
  const body = part('body');
  let stopWatching = () => {};
  let check: Promise<MountedCaptcha> | undefined;

  function thank(email?: string): void {
    stopWatching();
    part('offer').replaceChildren();
    drafts.remove(draftKey);
    ui.fill(body, 'leave-message/sent', { email });
    part('thanks').focus();
    mount.finished();
  }

  const actions: Readonly<Record<string, () => void>> = {
    again: () => mount.again(),
    chat: () => mount.again(),
  };
  const onClick = (event: Event) => {
    const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action;
    if (action) actions[action]?.();
  };
  root.addEventListener('click', onClick);

  if (!given || options.sent) thank();
  else start(given);

  function start(form: LeaveMessageForm): void {
    const element = ui.find(root, '[data-part="form"]', HTMLFormElement);
    const fields = createForm(element, ui, form);
    const captcha = () => {
      if (!form.showCaptcha || !form.captchaUrl || !parts.has('captcha')) return undefined;
      const wanted: Omit<CaptchaMount, 'ui'> = { url: form.captchaUrl };
      check ??= parts.mount('captcha', part('captcha'), wanted) as Promise<MountedCaptcha>;
      return check;
    };
    const known = { info: form.info, ...mount.arguments, referrer: form.referrer || undefined };
    const sending = createSending({ transport, known, captcha });
    let busy = false;

    function fail(text: string | undefined): void {
      const place = part('failure');
      place.textContent = text ?? '';
      place.hidden = text === undefined;
    }

    async function submit(): Promise<void> {
      if (busy) return;
      const filled = fields.read();
      const problems = fields.problems(filled);
      fail(undefined);
      fields.show(problems);
      if (Object.keys(problems).length > 0) return;
      busy = true;
      part('send').setAttribute('aria-busy', 'true');
      part('progress').textContent = ui.text('leave-message.form.sending');
      try {
        await sending.send(filled);
        thank(filled.email);
      } catch (error) {
        refused(error as { kind?: string; code?: number; message: string });
      } finally {
        busy = false;
        root.querySelector('[data-part="send"]')?.removeAttribute('aria-busy');
        root.querySelector('[data-part="progress"]')?.replaceChildren();
      }
    }

    function refused({ kind, code, message }: { kind?: string; code?: number; message: string }): void {
      const field = fieldOfCode(code);
      if (field) return fields.show({ [field]: message });
      const told = (kind === 'function' || kind === 'refused') && message !== '';
      const captchaFailed = kind === undefined && form.showCaptcha;
      fail(told ? message : ui.text(`leave-message.form.error.${captchaFailed ? 'captcha' : 'offline'}`));
    }

    element.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });
    element.addEventListener('input', (event) => {
      const { name, email, message } = fields.read();
      drafts.set(draftKey, JSON.stringify({ name, email, message }));
      // While somebody types there is time to calculate. What fails is told when the form is sent.
      void captcha()
        ?.then((made) => made.payload())
        .catch(() => undefined);
      const { name: changed } = event.target as HTMLInputElement;
      const error = root.querySelector<HTMLElement>(`[data-error="${changed}"]:not([hidden])`);
      if (!error) return;
      error.hidden = true;
      fields.control(changed)?.removeAttribute('aria-invalid');
    });
    stopWatching = watchForOperators(
      transport,
      () => ({ threadId: null, token: null, groupId: fields.read().groupId }),
      (online) => ui.fill(part('offer'), 'leave-message/offer', { online }),
    );
  }

  return {
    stop() {
      stopWatching();
      void check?.then((made) => made.stop()).catch(() => undefined);
      element.replaceChildren();
    },
    focus() {
      const first = [...root.querySelectorAll<HTMLInputElement>('input:not([type=checkbox]), textarea')].find(
        ({ value }) => value === '',
      );
      (first ?? root.querySelector<HTMLElement>('[data-part="thanks"], [data-part="send"]'))?.focus();
    },
  };
}
