/** Asks the visitor how it was: five choices in words, a comment if he likes. A part that is loaded after a conversation. */
import { apps, succeed, type Mounted, type Transport, type Ui } from '../../client/client/index.ts';

interface RatingMount {
  readonly ui: Ui;
  readonly transport: Transport;
  readonly reference: Readonly<Record<string, unknown>>;
  /** What he said before; 0 for nothing. */
  readonly said: { readonly score?: number; readonly comment?: string };
}

const scores = [1, 2, 3, 4, 5];
const longestComment = 1_000;
let forms = 0;

apps.define('rating', (element: HTMLElement, { ui, transport, reference, said }: RatingMount): Mounted => {
  const uid = `mb-rating-${++forms}`;
  let score = said.score ?? 0;
  let comment = said.comment ?? '';

  function ask(): void {
    const form = ui.element('rating/form', {
      uid,
      chosen: score > 0,
      comment,
      scores: scores.map((value) => ({
        value,
        id: `${uid}-${value}`,
        label: ui.text(`rating.form.score.${value}`),
        checked: value === score,
      })),
    }) as HTMLFormElement;
    const more = ui.find(form, '[data-part="more"]');
    const problem = ui.find(form, '[data-part="problem"]');
    const field = ui.find(form, 'textarea', HTMLTextAreaElement);
    const button = ui.find(form, '[type="submit"]', HTMLButtonElement);

    function fail(text: string): void {
      problem.textContent = text;
      problem.hidden = text === '';
    }

    async function send(): Promise<void> {
      fail('');
      const over = Array.from(field.value.trim()).length - longestComment;
      if (over > 0) return fail(ui.text('rating.form.tooLong', { count: over }));
      button.ariaBusy = 'true';
      try {
        const args = { ...reference, score, comment: field.value, return: { score: 'score', comment: 'comment' } };
        const kept = succeed(await transport.call([{ function: 'rate', arguments: args }], { force: true }));
        comment = String(kept.comment);
        thank().focus();
      } catch (error) {
        const { kind, message } = error as { readonly kind?: string; readonly message: string };
        fail(kind === 'function' ? message : ui.text('rating.form.notNow'));
      } finally {
        button.ariaBusy = null;
      }
    }

    form.addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      score = Number(target.value);
      more.hidden = false;
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (button.ariaBusy === 'true') return;
      if (score > 0) void send();
      else fail(ui.text('rating.form.choose'));
    });
    element.replaceChildren(form);
  }

  function thank(): HTMLElement {
    const thanks = ui.element('rating/thanks', { score: ui.text(`rating.form.score.${score}`) });
    ui.find(thanks, 'button').addEventListener('click', () => {
      ask();
      ui.find(element, `#${uid}-${score}`).focus();
    });
    element.replaceChildren(thanks);
    return thanks;
  }

  if (score > 0) thank();
  else ask();
  return { stop: () => element.replaceChildren() };
});
