/** The sheet of keys: everything that has keys, under headings. */
import { type Command, isMac, type Ui } from '../../client/client/index.ts';
import { keyName } from './keys.ts';

/** What moves with the hands where they are, and is no command of its own. */
const moves = [
  ['queue', 'arrows', ['ArrowUp', 'ArrowDown']],
  ['queue', 'take', ['Enter']],
  ['queue', 'leave', ['Esc']],
  ['desk', 'number', ['Alt+1', '…', 'Alt+9']],
] as const;

/**
 * @param own commands of the workspace
 * @param conversation those of the conversation in front
 * @param send keys that send what was written
 */
export function sheetModel(
  {
    own,
    conversation,
    send,
    single,
  }: {
    readonly own: readonly Command[];
    readonly conversation: readonly Command[];
    readonly send: string;
    readonly single: boolean;
  },
  ui: Ui,
) {
  const mac = isMac();
  const groups = new Map<string, { label: string; presses: string[] }[]>();
  const add = (group: string, label: string, keys: readonly string[]) => {
    if (keys.length === 0) return;
    groups.set(group, [...(groups.get(group) ?? []), { label, presses: keys.map((each) => keyName(each, mac)) }]);
  };
  const heading = (group: string) => ui.text(`users.keys.group.${group}`);
  for (const [group, name, keys] of moves) add(heading(group), ui.text(`users.keys.${name}`), keys);
  add(heading('conversation'), ui.text('users.keys.send'), [send]);
  for (const { group, label, keys = [] } of conversation) add(group ?? heading('conversation'), label, keys);
  for (const { group, label, keys = [] } of own) {
    // Single keys are told only to whoever uses them.
    add(
      group ?? heading('workspace'),
      label,
      keys.filter((each) => single || /.\+/.test(each)),
    );
  }
  const order = ['queue', 'desk', 'conversation', 'workspace'].map(heading);
  const place = (title: string) => (order.includes(title) ? order.indexOf(title) : order.length);
  return {
    groups: [...groups].map(([title, keys]) => ({ title, keys })).toSorted((a, b) => place(a.title) - place(b.title)),
    single,
  };
}
