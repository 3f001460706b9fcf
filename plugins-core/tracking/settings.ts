import { fileProblem } from './geo.ts';
import { defineSettings, field } from '../settings/api.ts';

export const trackingSettings = defineSettings('tracking', {
  /** Visits of people who are logged in as operators count, too. */
  trackoperators: field.switch({ default: false }),
  /** Time between two contacts of an open page; three times as long while it is out of sight. */
  updatefrequency_tracking: field.number({ default: 10, min: 1, max: 3600, unit: 's' }),
  /** Visitors whom an operator is shown; 0: all. */
  visitors_limit: field.number({ default: 20, min: 0, max: 100_000 }),
  /** Whoever was not seen for so long begins another visit when he comes again. */
  tracking_lifetime: field.number({ default: 600, min: 30, max: 604_800, unit: 's' }),
  /** New visitors of one network within a minute, and 25 times as many pages and events that are stored; 0: any number. */
  tracking_newcomers: field.number({ default: 120, min: 0, max: 1_000_000 }),
  /** After so long visitors, their pages and events are deleted; 0: never. */
  tracking_retention: field.number({ default: 30, min: 0, max: 3650, unit: 'd' }),
  /** Pages neither store nor send anything before `Mibew.consent()`, unless their code says otherwise. */
  tracking_consent: field.switch({ default: false }),
  /** Whoever asks not to be tracked (Do Not Track, Global Privacy Control) is not. */
  tracking_respect_dnt: field.switch({ default: true }),
  /** Key of the HMAC by which pages show that a customer is who they say. */
  tracking_identity_secret: field.text({ default: '', secret: true, maxLength: 255, page: 'features' }),
  /** Path of a MaxMind database on this server (City or Country, `.mmdb`); empty: places are not looked up. */
  tracking_geoip: field.text({ default: '', maxLength: 1024, page: 'features', check: fileProblem }),
});
