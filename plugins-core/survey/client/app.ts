/** The survey as a screen before the chat, on a page and inside somebody's page: a part that is loaded when it is needed. */
import { apps, succeed, type Mounted } from '../../client/client/index.ts';
import { argumentsOf, entriesOf, entryOfCode, wrongsOf, type Entry, type Values } from './form.ts';
import type { ScreenMount } from './screen.ts';

/** What was typed stays over a reload of the page. */
const draftKey = 'mibew:survey';
let screens = 0;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Failed {
  readonly kind?: string;
  readonly code?: number;
  readonly message: string;
}

function read(drafts: ScreenMount['drafts']): Values {
  try {
    return JSON.parse(drafts.get(draftKey) ?? '{}') as Values;
  } catch {
    return {};
  }
}

apps.define('survey', (element: HTMLElement, { ui, transport, options, drafts, done }: ScreenMount): Mounted => {
  const { surveyForm } = options;
  const uid = `mb-survey-${++screens}`;
  const entries = entriesOf(surveyForm);
  const typed = read(drafts);
  const text = (entry: Entry) => entry.label ?? ui.text(`survey.form.${entry.name}`);
  const label = ({ label: own, online }: { readonly label: string; readonly online?: boolean }) =>
    online === false ? ui.text('survey.form.offline', { name: own }) : own || ui.text('survey.form.choose');

  const form = ui.element('survey/form', {
    entries: entries.map((entry) => {
      // Nobody agrees by a draft.
      const value = (entry.name === 'consent' ? undefined : typed[entry.name]) ?? entry.value;
      return {
        ...entry,
        id: `${uid}-${entry.name}`,
        [entry.control]: true,
        label: text(entry),
        value,
        options: entry.options?.map((one) => ({ ...one, label: label(one), selected: one.value === value })),
      };
    }),
  }) as HTMLFormElement;
  element.replaceChildren(form);
  const failure = ui.find(form, '[data-part="failure"]');
  const button = ui.find(form, '[type="submit"]', HTMLButtonElement);
  const fields = new Map(entries.map(({ name }) => [name, ui.find(form, `[name="${name}"]`) as Field] as const));
  let running = true;

  function values(): Record<string, string> {
    return Object.fromEntries(
      [...fields].map(([name, field]) => [
        name,
        field instanceof HTMLInputElement && field.type === 'checkbox' ? (field.checked ? '1' : '') : field.value,
      ]),
    );
  }

  function mark(name: string, problem: string): void {
    const field = fields.get(name);
    const place = ui.find(form, `[data-error="${name}"]`);
    ui.find(place, 'span').textContent = problem;
    place.hidden = problem === '';
    if (problem === '') {
      field?.removeAttribute('aria-invalid');
      field?.removeAttribute('aria-describedby');
    } else {
      field?.setAttribute('aria-invalid', 'true');
      field?.setAttribute('aria-describedby', place.id);
    }
  }

  function fail(problem: string): void {
    failure.textContent = problem;
    failure.hidden = problem === '';
  }

  function test(): boolean {
    const wrongs = wrongsOf(entries, values());
    for (const { name } of entries) {
      const wrong = wrongs.find(({ entry }) => entry === name);
      mark(name, wrong ? ui.text(`survey.form.${wrong.code}`, { count: wrong.count }) : '');
    }
    const [first] = wrongs;
    if (first) fields.get(first.entry)?.focus();
    return first === undefined;
  }

  function refused({ kind, code = 0, message }: Failed): void {
    const entry = entryOfCode(code);
    if (kind !== 'function') fail(ui.text('survey.form.notNow'));
    else if (entry && fields.has(entry)) {
      mark(entry, message);
      fields.get(entry)?.focus();
    } else fail(message);
  }

  async function submit(): Promise<void> {
    fail('');
    if (button.ariaBusy === 'true' || !test()) return;
    button.ariaBusy = 'true';
    try {
      const call = { function: 'processSurvey', arguments: argumentsOf(surveyForm, values()) };
      const { next, options: found } = succeed(await transport.call([call], { force: true }));
      if (!running) return;
      drafts.remove(draftKey);
      done({ next: String(next), options: found as Record<string, unknown> });
    } catch (error) {
      if (running) refused(error as Failed);
    } finally {
      button.ariaBusy = null;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  form.addEventListener('input', ({ target }) => {
    drafts.set(draftKey, JSON.stringify(values()));
    const { name } = target as Field;
    // A complaint goes as soon as there is nothing to complain of.
    if (fields.get(name)?.ariaInvalid && !wrongsOf(entries, values()).some(({ entry }) => entry === name))
      mark(name, '');
  });

  return {
    stop() {
      running = false;
    },
    focus() {
      const empty = [...fields.values()].find((field) => field.value === '' || field.type === 'checkbox');
      (empty ?? button).focus({ preventScroll: true });
    },
  };
});
