/** What can be done, by name and by keys: the palette of the workspace finds it, its sheet of keys lists it. */
import { isChord, isPlain } from './keys.ts';

export interface Command {
  /** Unique in its list. */
  readonly name: string;
  /** What it does, in plain text: as one would look for it. */
  readonly label: string;
  /**
   * `Alt+H`, `Mod+K` (Ctrl, on Macs ⌘), `Alt+Shift+B`, or a single character, which counts where nobody writes and can be switched off. The
   * first is shown in the palette.
   */
  readonly keys?: readonly string[];
  /** Heading in the sheet of keys, as plain text; absent: that of the list's owner. */
  readonly group?: string;
  /** Runs again and again while its keys are held, as what moves does; else once. */
  readonly repeats?: boolean;
  /** False: not now. Asked each time. */
  readonly shown?: () => boolean;
  readonly run: () => void;
}

export interface Commands {
  /** @returns a function that takes it out again */
  add(command: Command): () => void;
  /** Those that can be run now, in the order in which they were added. */
  list(): readonly Command[];
  /**
   * Runs what the keys of the event stand for.
   * @param single keys without Ctrl, Alt or ⌘ count, too
   * @returns whether they stand for anything
   */
  press(event: KeyboardEvent, single: boolean): boolean;
}

/** @example const commands = createCommands(); commands.add({ name: 'cart', label: ui.text('shop.cart'), keys: ['Alt+Y'], run: openCart }); */
export function createCommands(): Commands {
  const known = new Map<string, Command>();
  const list = () => [...known.values()].filter(({ shown }) => shown?.() ?? true);
  return {
    add(command) {
      known.set(command.name, command);
      return () => void known.delete(command.name);
    },
    list,
    press(event, single) {
      const meant = ({ keys = [] }: Command) => keys.some((keys) => (single || !isPlain(keys)) && isChord(event, keys));
      const command = list().find(meant);
      if (command && (!event.repeat || command.repeats)) command.run();
      return command !== undefined;
    },
  };
}
