/** What an operator can do in his workspace, each by a name and most by keys: read by the palette, the sheet of keys and the keyboard. */
import type { Command, Commands, Ui } from '../../client/client/index.ts';
import { statuses } from './status.ts';

/** The moves that have a name; what cannot be done now is undefined. */
export interface Moves {
  readonly next: (() => void) | undefined;
  readonly down: () => void;
  readonly up: () => void;
  readonly search: () => void;
  readonly queue: () => void;
  readonly answer: (() => void) | undefined;
  readonly cycle: (step: 1 | -1) => (() => void) | undefined;
  readonly beside: (() => void) | undefined;
  readonly other: (() => void) | undefined;
  readonly alone: (() => void) | undefined;
  readonly away: (() => void) | undefined;
  readonly undo: (() => void) | undefined;
  readonly write: (() => void) | undefined;
  readonly facts: (() => void) | undefined;
  readonly force: (() => void) | undefined;
  readonly watch: (() => void) | undefined;
  readonly palette: () => void;
  readonly keys: () => void;
  readonly signals: () => void;
  readonly sound: () => void;
  readonly notify: (() => void) | undefined;
  readonly status: (wanted: (typeof statuses)[number]) => (() => void) | undefined;
  readonly quiet: (() => void) | undefined;
  readonly wake: (() => void) | undefined;
}

type Group = 'queue' | 'desk' | 'conversation' | 'workspace';

/** They go on while their keys are held: nobody takes three visitors by leaving his finger on a key. */
const moving: ReadonlySet<string> = new Set(['down', 'up', 'nextTab', 'previousTab']);

/**
 * @param commands those of plugins are among them already
 * @param moves asked each time: what can be done changes
 */
export function addOwnCommands(commands: Commands, ui: Ui, moves: () => Moves): void {
  function add(group: Group, name: string, keys: readonly string[], move: (now: Moves) => (() => void) | undefined) {
    const command: Command = {
      name,
      group: ui.text(`users.keys.group.${group}`),
      label: ui.text(`users.keys.${name}`),
      keys,
      repeats: moving.has(name),
      shown: () => move(moves()) !== undefined,
      run: () => move(moves())?.(),
    };
    commands.add(command);
  }
  add('queue', 'next', ['Alt+N', 'N'], ({ next }) => next);
  add('queue', 'down', ['J'], ({ down }) => down);
  add('queue', 'up', ['K'], ({ up }) => up);
  add('queue', 'search', ['/'], ({ search }) => search);
  add('queue', 'back', ['Alt+Q', 'Q'], ({ queue }) => queue);

  add('desk', 'answer', ['Alt+A', 'A'], ({ answer }) => answer);
  add('desk', 'nextTab', ['Ctrl+ArrowDown'], ({ cycle }) => cycle(1));
  add('desk', 'previousTab', ['Ctrl+ArrowUp'], ({ cycle }) => cycle(-1));
  add('desk', 'beside', ['Alt+B', 'B'], ({ beside }) => beside);
  add('desk', 'other', ['Alt+S', 'S'], ({ other }) => other);
  add('desk', 'alone', ['Alt+Shift+B'], ({ alone }) => alone);
  add('desk', 'away', ['Alt+W', 'W'], ({ away }) => away);
  add('desk', 'undo', ['Alt+Z'], ({ undo }) => undo);

  add('conversation', 'write', ['Alt+R', 'R'], ({ write }) => write);
  add('conversation', 'facts', ['Alt+I', 'I'], ({ facts }) => facts);
  add('conversation', 'force', ['Alt+T'], ({ force }) => force);
  add('conversation', 'watch', ['Alt+V'], ({ watch }) => watch);

  add('workspace', 'palette', ['Mod+K'], ({ palette }) => palette);
  add('workspace', 'help', ['Mod+/', '?'], ({ keys }) => keys);
  add('workspace', 'signals', [','], ({ signals }) => signals);
  for (const wanted of statuses) add('workspace', `status.${wanted}`, [], ({ status }) => status(wanted));
  add('workspace', 'sound', [], ({ sound }) => sound);
  add('workspace', 'notify', [], ({ notify }) => notify);
  add('workspace', 'quiet', ['Alt+U'], ({ quiet }) => quiet);
  add('workspace', 'wake', [], ({ wake }) => wake);
}
