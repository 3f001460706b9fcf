/** Joins the conversation of operators: a button beside the writing field and an entry of the menu switch to notes and back. */
import { controls, type Ui } from '../../client/client/index.ts';

/** The parts of the slot's context that are used here. */
interface NoteContext {
  readonly user: boolean;
  readonly ui: Ui;
  readonly composer: {
    focus(): void;
    mode(): 'note' | undefined;
    mode(name: 'note' | undefined): void;
    onMode(listener: () => void): () => void;
  };
  readonly menu: {
    add(entry: {
      readonly name: string;
      readonly label: string;
      readonly icon: string;
      readonly weight: number;
      readonly keys: readonly string[];
      readonly run: () => void;
    }): () => void;
  };
}

controls.add<NoteContext>('chat/composer', {
  name: 'note',
  weight: 30,
  mount(element, { user, ui, composer, menu }) {
    if (user) return undefined;
    const button = ui.element('handover/note_button', {});
    const draw = () => button.setAttribute('aria-pressed', String(composer.mode() === 'note'));
    const run = () => {
      composer.mode(composer.mode() === 'note' ? undefined : 'note');
      composer.focus();
    };
    button.addEventListener('click', run);
    element.append(button);
    draw();
    const ends = [
      composer.onMode(draw),
      // Whoever only watches has no field until he writes a note.
      menu.add({
        name: 'note',
        label: ui.text('handover.client.note'),
        icon: ui.render('handover/note_icon', {}),
        weight: 40,
        keys: ['Alt+M'],
        run,
      }),
    ];
    return () => {
      for (const end of ends) end();
      button.remove();
    };
  },
});
