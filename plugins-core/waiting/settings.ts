import { defineSettings, field } from '../settings/api.ts';

export const waitingSettings = defineSettings('waiting', {
  /** Visitors who wait are told their place in the queue. */
  waiting_position: field.switch({ default: true }),
  /** They are told how long it may take, too, as far as recent waits allow to say. */
  waiting_estimate: field.switch({ default: true }),
});
