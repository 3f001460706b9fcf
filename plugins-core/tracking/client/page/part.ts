/** Entry of the launcher's part `tracking`. */
import type { DefinePart } from '../../../../widget/part.ts';
import type { TrackingFacts } from './follow.ts';
import { startTracking, type TrackedPage } from './tracking.ts';
import { browserWorld } from './world.ts';

/** Bound around the bundle by the server. */
declare const mibewPart: DefinePart;

mibewPart<TrackingFacts>((door) => startTracking(door, browserWorld(), window.Mibew as unknown as TrackedPage));
