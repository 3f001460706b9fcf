/** The dialog: an address for the mail, or a file at once. */
import {
  hostEnvironment,
  isTransient,
  randomText,
  reportError,
  type Mounted,
  type Parts,
  type Ui,
} from '../../client/client/index.ts';
import type { MountedCaptcha } from '../../captcha/api.ts';
import type { TranscriptOffer } from '../api.ts';

/** The parts of a conversation's context that are used here. */
export interface TranscriptMount {
  /** With the templates and texts of this part. */
  readonly ui: Ui;
  readonly inline: boolean;
  readonly parts: Parts;
  readonly conversation: { ask(name: string, args: object): Promise<Readonly<Record<string, unknown>>> };
  options(): Promise<Readonly<Record<string, unknown>>>;
}

const wrongCaptcha = 10;
const wrongEmail = 11;
const codeOf = (error: unknown) => (error as { readonly code?: number }).code;
const looksLikeAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const pauses = [1_000, 3_000];
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let dialogs = 0;

/** What the visitor's own clock shows stands in what he gets. */
const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function mountTranscript(element: HTMLElement, mount: TranscriptMount): Mounted {
  const dialog = element as HTMLDialogElement;
  const { ui, inline, parts, conversation } = mount;
  const uid = `mb-transcript-${++dialogs}`;
  const before = (dialog.getRootNode() as Document | ShadowRoot).activeElement;
  const behind = [...(dialog.parentElement?.children ?? [])].filter((each) => each !== dialog);
  let check: Promise<MountedCaptcha> | undefined;
  let sent: { readonly email: string; readonly timeZone: string; readonly key: string } | undefined;

  function draw(model: Partial<TranscriptOffer> & { readonly none?: boolean }): void {
    dialog.replaceChildren(ui.element('transcript/dialog', { uid, ...model }));
    part('close').onclick = () => dialog.close();
  }
  const part = (name: string) => ui.find(dialog, `[data-part="${name}"]`);
  function tell(text: string, kind: 'success' | 'danger' = 'danger'): void {
    ui.fill(part('told'), 'transcript/told', { text, kind });
  }
  /** What the server says in words, or that it could not be asked. */
  function fail(error: unknown): void {
    const { kind, message } = error as { kind?: string; message: string };
    const said = (kind === 'function' || kind === 'refused') && message !== '' && !isTransient(error);
    tell(said ? message : ui.text('transcript.form.error.offline'));
    if (!said) reportError(error);
  }

  async function ask(name: string, args: object): Promise<Readonly<Record<string, unknown>>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await conversation.ask(name, { user: true, timeZone: timeZone(), ...args });
      } catch (error) {
        const pause = pauses[attempt];
        if (!isTransient(error) || pause === undefined) throw error;
        await wait(pause);
      }
    }
  }

  async function mail(email: string, captchaUrl: string | undefined): Promise<void> {
    // The key belongs to what is asked for: the same once more is a repetition.
    const zone = timeZone();
    if (sent?.email !== email || sent.timeZone !== zone)
      sent = { email, timeZone: zone, key: randomText(hostEnvironment(), 24) };
    const wish = sent;
    for (let attempt = 0; ; attempt++) {
      if (captchaUrl !== undefined && parts.has('captcha'))
        check ??= parts.mount('captcha', part('captcha'), { url: captchaUrl }) as Promise<MountedCaptcha>;
      const made = await check;
      const captcha = await made?.payload();
      try {
        await ask('mailTranscript', { ...wish, ...(captcha !== undefined && { captcha }) });
        sent = undefined;
        return;
      } catch (error) {
        // It may have run out while the dialog stood open; another one is soon made.
        if (codeOf(error) !== wrongCaptcha || !made || attempt > 0) throw error;
      } finally {
        made?.spent();
      }
    }
  }

  async function save(format: string): Promise<void> {
    const file = (await ask('transcript', {
      format,
      return: { name: 'name', type: 'type', content: 'content' },
    })) as { readonly name?: string; readonly type?: string; readonly content?: string };
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([file.content ?? ''], { type: `${file.type};charset=utf-8` }));
    link.download = file.name ?? '';
    link.click();
    // Browsers have taken it by then.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /** One thing at a time, and the button says that it is being done. */
  async function busy(button: HTMLElement, work: () => Promise<void>): Promise<void> {
    if (dialog.querySelector('[aria-busy]')) return;
    button.setAttribute('aria-busy', 'true');
    try {
      await work();
    } catch (error) {
      fail(error);
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  function offerMail({ captchaUrl }: TranscriptOffer): void {
    const form = ui.find(dialog, '[data-part="form"]', HTMLFormElement);
    const field = ui.find(form, 'input[name="email"]', HTMLInputElement);
    const error = part('error');
    function wrong(text: string | undefined): void {
      error.textContent = text ?? '';
      error.hidden = text === undefined;
      if (text === undefined) field.removeAttribute('aria-invalid');
      else {
        field.setAttribute('aria-invalid', 'true');
        field.focus();
      }
    }
    field.oninput = () => wrong(undefined);
    form.onsubmit = (event) => {
      event.preventDefault();
      const email = field.value.trim();
      tell('');
      if (!looksLikeAddress.test(email)) return wrong(ui.text('transcript.form.error.email'));
      void busy(part('send'), async () => {
        try {
          await mail(email, captchaUrl);
          tell(ui.text('transcript.form.sent', { email }), 'success');
        } catch (reason) {
          if (codeOf(reason) !== wrongEmail) throw reason;
          wrong((reason as Error).message);
        }
      });
    };
  }

  function offer(options: Readonly<Record<string, unknown>>): void {
    const given = (options['transcript'] ?? { mail: false, download: false }) as TranscriptOffer;
    draw({ ...given, none: !given.mail && !given.download });
    if (given.mail) offerMail(given);
    for (const button of dialog.querySelectorAll<HTMLElement>('[data-save]'))
      button.onclick = () =>
        void busy(button, async () => {
          await save(button.dataset.save ?? 'txt');
          tell(ui.text('transcript.form.saved'), 'success');
        });
    (dialog.querySelector<HTMLElement>('input') ?? part('close')).focus();
  }

  dialog.setAttribute('aria-labelledby', `${uid}-title`);
  dialog.onkeydown = (event) => {
    if (event.key !== 'Escape') return;
    // Not the panel around it as well.
    event.preventDefault();
    event.stopPropagation();
    dialog.close();
  };
  dialog.onclose = () => {
    for (const each of behind) each.removeAttribute('inert');
    void check?.then((made) => made.stop()).catch(() => undefined);
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  };
  draw({});
  if (inline) {
    // Only the chat behind it is out of reach, not the page in which it lies.
    for (const each of behind) each.setAttribute('inert', '');
    dialog.show();
  } else dialog.showModal();
  mount.options().then(offer, fail);
  return { stop: () => dialog.close() };
}
