import { defineSettings, field } from '../settings/api.ts';

export const ratingSettings = defineSettings('rating', {
  /** Visitors are asked how it was when a conversation is over. */
  rating_enabled: field.switch({ default: true }),
});
