import { defineSettings, field } from '../settings/api.ts';

export const previewSettings = defineSettings('preview', {
  /** Operators see what a visitor types before he sends it; the visitor is told so. */
  preview_enabled: field.switch({ default: false }),
});
