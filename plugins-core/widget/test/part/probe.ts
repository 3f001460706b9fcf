/** A part of the launcher for tests: it says on its door's behalf what it was told. */
import type { LauncherDoor } from '../../../../widget/part.ts';

declare const mibewPart: (start: (door: LauncherDoor<{ readonly word: string }>) => void) => void;

mibewPart((door) => {
  const heard: unknown[] = [door.facts.word];
  (window as unknown as { heard: unknown[] }).heard = heard;
  if (door.consented()) door.shelf.set('mark', 'kept');
  door.onConsent((given) => {
    heard.push(given);
    if (given) door.shelf.set('mark', 'kept again');
  });
  door.onChat((chat) => heard.push(chat ? 'chat' : 'no chat'));
  door.extend({
    identify: (attributes: unknown) => heard.push(attributes),
    track: (name: unknown, data: unknown) => heard.push(name, data),
  });
});
