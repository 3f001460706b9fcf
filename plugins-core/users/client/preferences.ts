/** What an operator likes, kept in his browser: what calls him and how, keys, the panel with facts. */
import type { KeyValue } from '../../client/client/index.ts';

/** Kinds of events that call an operator: a new visitor, one who is his by name or was given to him, words in his conversations, one who went or came back. */
export const kinds = ['arrived', 'given', 'wrote', 'moved'] as const;
export type Kind = (typeof kinds)[number];
/** Ways in which he can be called. */
export const ways = ['sound', 'desktop'] as const;
export type Way = (typeof ways)[number];

/** `notify` and `sound` are the switches for all of them. */
type Preference = 'sound' | 'singleKeys' | 'facts' | 'notify' | 'notifyAsked' | `${Way}.${Kind}`;

/** What is not said here is on. */
const off: ReadonlySet<Preference> = new Set(['notify', 'notifyAsked', 'sound.moved', 'desktop.moved']);

export interface Preferences {
  get(name: Preference): boolean;
  set(name: Preference, value: boolean): void;
}

export function createPreferences(storage: KeyValue): Preferences {
  const key = (name: Preference) => `mibew.workspace.${name}`;
  return {
    get(name) {
      const kept = storage.get(key(name));
      return kept === undefined ? !off.has(name) : kept === 'yes';
    },
    set: (name, value) => storage.set(key(name), value ? 'yes' : 'no'),
  };
}
