/** What the part adds to the page: `Mibew.identify`, `track`, `sendToServer`, and functions that the server calls. */
import type { LauncherDoor } from '../../../../widget/part.ts';
import { follow, type TrackingFacts } from './follow.ts';
import { createStash } from './stash.ts';
import { createTasks, type Handler } from './tasks.ts';
import type { Arguments } from './wire.ts';
import type { PageWorld } from './world.ts';

/** The page's global, as far as this part fills it. */
export interface TrackedPage {
  /** Functions that the server may have the page call, by name; anybody puts them there. */
  APIFunctions?: Record<string, unknown>;
  /** `widget`: what code for the original's widget calls. */
  Objects?: Record<string, unknown>;
}

export function startTracking(door: LauncherDoor<TrackingFacts>, world: PageWorld, page: TrackedPage): void {
  const stash = createStash();
  const functions = (page.APIFunctions = page.APIFunctions || {});
  const objects = (page.Objects = page.Objects || {});
  let broken = '';
  const tasks = createTasks({
    functions,
    load: door.load,
    failed(script) {
      broken += (broken && ',') + script;
      sendToServer({ failed_script: broken });
    },
  });
  const followed = follow({ door, world, stash, tasks });

  function sendToServer(parameters: unknown): void {
    stash.send(parameters);
    followed.soon();
  }
  const respond = (response: Arguments) => tasks.run(response);
  // Code of the original's may hold what stood there before.
  objects['widget'] = Object.assign(objects['widget'] || {}, { sendToServer, onResponse: respond });
  door.extend({
    identify(attributes: unknown) {
      stash.identify(attributes);
      followed.soon();
    },
    track(name: unknown, data: unknown) {
      stash.track(name, data);
      followed.soon();
    },
    sendToServer,
    respond,
    handle: (name: string, run: Handler) => tasks.handle(name, run),
    invited: (threadId: number, rejected?: boolean) => followed.invited(threadId, rejected),
  });
  followed.begin();
}
