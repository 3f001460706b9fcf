import { defineSettings, field } from '../settings/api.ts';
import { highestLimit, routingModes } from './api.ts';

export const routingSettings = defineSettings('routing', {
  routing_mode: field.choice({ options: routingModes, default: 'hand' }),
  /** Conversations that an operator is given at a time; 0 is no limit. */
  routing_limit: field.number({ default: 4, min: 0, max: highestLimit, page: 'common' }),
});
