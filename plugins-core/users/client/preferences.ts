/** What an operator likes, kept in his browser: sound, keys, the panel with facts, notices on the desktop. */
import type { KeyValue } from '../../client/client/index.ts';

const defaults = { sound: true, singleKeys: true, facts: true, notify: false, notifyAsked: false };
type Preference = keyof typeof defaults;

export interface Preferences {
  get(name: Preference): boolean;
  set(name: Preference, value: boolean): void;
}

export function createPreferences(storage: KeyValue): Preferences {
  const key = (name: Preference) => `mibew.workspace.${name}`;
  return {
    get(name) {
      const kept = storage.get(key(name));
      return kept === undefined ? defaults[name] : kept === 'yes';
    },
    set: (name, value) => storage.set(key(name), value ? 'yes' : 'no'),
  };
}
