/** Joins the workspace: notes about the visitor, beside every conversation with him. */
import { CallFailed, controls, isMac, isSendKey, succeed, type Transport, type Ui } from '../../client/client/index.ts';
import type { VisitorNote } from '../api.ts';
import { ago } from './ago.ts';

/** The part of the slot's context that is used here. */
interface FactsContext {
  readonly row: { readonly id: number; readonly userId: string };
  readonly ui: Ui;
  readonly transport: Transport;
  readonly agentId: number;
}

const longest = 2_000;
/** Milliseconds after which times are said anew. */
const refresh = 30_000;
/** What was begun about a visitor and not saved, by his public id, or by the number of the note that is changed: whoever looks after another one in between finds it again. */
const drafts = new Map<string | number, string>();
let panels = 0;

controls.add<FactsContext>('users/facts', {
  name: 'visitor-notes',
  weight: 60,
  mount(place, { row, ui, transport, agentId }) {
    const uid = `mb-notes-${++panels}`;
    const text = (key: string, args = {}) => ui.text(`visitor-notes.panel.${key}`, args);
    const panel = ui.element('visitor-notes/panel', { uid });
    const list = ui.find(panel, '[data-part="list"]');
    const count = ui.find(panel, '[data-part="count"]');
    const done = ui.find(panel, '[data-part="done"]');
    const form = ui.find(panel, '[data-part="form"]', HTMLFormElement);
    const field = ui.find(form, 'textarea', HTMLTextAreaElement);
    let notes: readonly VisitorNote[] = [];
    let editing: number | undefined;
    let enterSaves = false;
    let stopped = false;

    const call = async (name: string, args: object, wanted: Readonly<Record<string, string>> = {}) => {
      const all = { agentId, thread: row.id, ...args, return: wanted };
      return succeed(await transport.call([{ function: name, arguments: all }], { force: true }));
    };
    const why = (error: unknown) => {
      const code = error instanceof CallFailed && error.kind === 'function' ? error.code : undefined;
      const key = `error.${code}`;
      const known = text(key);
      return known.endsWith(key) ? text('error.other') : known;
    };

    function draw(): void {
      const now = Date.now() / 1000;
      const model = notes.map((note) => ({
        ...note,
        uid,
        own: note.agentId === agentId,
        editing: note.id === editing,
        when: ago(now - note.created, ui.locale),
        exact: ui.formats.exact(note.created * 1000),
        machine: new Date(note.created * 1000).toISOString(),
        changedExact: note.changed > 0 && ui.formats.exact(note.changed * 1000),
      }));
      ui.fill(list, 'visitor-notes/list', { notes: model });
      count.textContent = notes.length > 0 ? String(notes.length) : '';
      list.hidden = notes.length === 0;
    }

    async function ask(): Promise<void> {
      const answer = await call('visitorNotes', {}, { notes: 'notes', enterSaves: 'enterSaves' });
      if (stopped) return;
      notes = answer['notes'] as readonly VisitorNote[];
      enterSaves = answer['enterSaves'] === true;
      ui.find(form, '[data-part="keys"]').textContent = text(enterSaves ? 'enter' : isMac() ? 'command' : 'ctrl');
      draw();
    }
    /** Reads again; what is shown stays where that is not possible just now. */
    const again = () => void ask().catch(() => undefined);

    /** Answers come late: whoever writes something else by then is left in peace. */
    function lead(to: HTMLElement | null): void {
      const { activeElement } = document;
      if (!activeElement || activeElement === document.body || panel.contains(activeElement)) to?.focus();
    }

    /** What is wrong stands at the field. */
    function complain(of: HTMLElement, sentence: string): void {
      const problem = ui.find(of, '[data-part="problem"]');
      const written = ui.find(of, 'textarea');
      problem.textContent = sentence;
      problem.hidden = sentence === '';
      written.removeAttribute('aria-invalid');
      if (sentence) {
        written.setAttribute('aria-invalid', 'true');
        lead(written);
      }
    }

    /** @returns whether it was saved */
    async function send(of: HTMLFormElement, name: string, args: object): Promise<boolean> {
      const written = ui.find(of, 'textarea', HTMLTextAreaElement);
      const button = ui.find(of, '[type="submit"]');
      if (button.ariaBusy === 'true') return false;
      const over = Array.from(written.value.trim()).length - longest;
      if (written.value.trim() === '') return (complain(of, text('error.260')), false);
      if (over > 0) return (complain(of, text('over', { count: over })), false);
      complain(of, '');
      done.replaceChildren();
      button.ariaBusy = 'true';
      try {
        const { note } = (await call(name, { ...args, text: written.value }, { note: 'note' })) as unknown as {
          readonly note: VisitorNote;
        };
        const others = notes.filter(({ id }) => id !== note.id);
        notes = [...others, note].toSorted((a, b) => b.id - a.id);
        return true;
      } catch (error) {
        if (!stopped) complain(of, why(error));
        return false;
      } finally {
        button.ariaBusy = null;
      }
    }

    function keys(of: HTMLFormElement, cancel?: () => void): void {
      ui.find(of, 'textarea').addEventListener('keydown', (event) => {
        if (isSendKey(event, enterSaves)) {
          event.preventDefault();
          of.requestSubmit();
        } else if (event.key === 'Escape' && cancel) {
          // Escape means something else outside.
          event.stopPropagation();
          event.preventDefault();
          cancel();
        }
      });
    }

    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { value } = field;
      void send(form, 'addVisitorNote', {}).then((saved) => {
        if (!saved) return;
        draw();
        // What was written meanwhile is the next note.
        if (field.value !== value) return;
        drafts.delete(row.userId);
        field.value = '';
      });
    });
    field.addEventListener('input', () => {
      complain(form, '');
      if (field.value.trim()) drafts.set(row.userId, field.value);
      else drafts.delete(row.userId);
    });
    const open = () => form.classList.remove('mb-notes__form--quiet');
    field.addEventListener('focus', open, { once: true });
    keys(form);

    const buttonOf = (id: number, what: string) => list.querySelector<HTMLElement>(`#${uid}-${id} [data-note-${what}]`);

    function edit(note: VisitorNote): void {
      // What was begun stays until it is saved or given up.
      const begun = editing === undefined ? null : list.querySelector<HTMLElement>(`#${uid}-${editing}-text`);
      if (begun && drafts.has(editing!)) return begun.focus();
      editing = note.id;
      draw();
      const own = ui.find(list, `#${uid}-${note.id}-form`, HTMLFormElement);
      const written = ui.find(own, 'textarea', HTMLTextAreaElement);
      const end = () => {
        drafts.delete(note.id);
        editing = undefined;
        draw();
        lead(buttonOf(note.id, 'edit'));
      };
      written.value = drafts.get(note.id) ?? note.text;
      written.addEventListener('input', () => drafts.set(note.id, written.value));
      written.focus();
      keys(own, end);
      ui.find(own, '[data-note-cancel]').addEventListener('click', end);
      own.addEventListener('submit', (event) => {
        event.preventDefault();
        void send(own, 'changeVisitorNote', { note: note.id, seen: note.text }).then((saved) => saved && end());
      });
    }

    /** Says what was done, with a way back. */
    function tell(sentence: string, undo?: () => void): void {
      const words = document.createElement('span');
      words.textContent = sentence;
      done.replaceChildren(words);
      if (!undo) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'mb-button mb-button--small';
      button.textContent = text('undo');
      button.addEventListener('click', undo, { once: true });
      done.append(button);
      lead(button);
    }

    async function remove(note: VisitorNote): Promise<void> {
      try {
        const { undo } = await call('deleteVisitorNote', { note: note.id }, { undo: 'undo' });
        notes = notes.filter(({ id }) => id !== note.id);
        draw();
        tell(text('deleted'), () => void restore(Number(undo), note));
      } catch (error) {
        tell(why(error));
        again();
      }
    }
    async function restore(undo: number, note: VisitorNote): Promise<void> {
      try {
        await call('restoreVisitorNote', { undo });
        tell(text('restored'));
        await ask();
        lead(buttonOf(note.id, 'delete'));
      } catch (error) {
        tell(why(error));
      }
    }

    list.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      const note = notes.find(
        ({ id }) => String(id) === (button?.dataset['noteEdit'] ?? button?.dataset['noteDelete']),
      );
      if (!note) return;
      done.replaceChildren();
      if (button?.dataset['noteEdit']) edit(note);
      else void remove(note);
    });

    field.value = drafts.get(row.userId) ?? '';
    if (field.value) open();
    draw();
    const heard = transport.registerFunction('receiveVisitorNotes', ({ userId }) => {
      if (userId === row.userId) again();
    });
    const unsubscribe = transport.status.subscribe(({ connection }) => {
      // What was told while the connection was away was told to nobody.
      if (connection === 'online') again();
    });
    const timer = setInterval(draw, refresh);
    ask().then(
      () => place.replaceChildren(panel),
      // Out of sight by now, or not to be had at present: no empty panel that looks as if there were no notes.
      () => undefined,
    );
    return () => {
      stopped = true;
      clearInterval(timer);
      transport.unregisterFunction(heard);
      unsubscribe();
    };
  },
});
