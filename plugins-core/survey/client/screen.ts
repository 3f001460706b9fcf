/** What the chat app gives to a screen before a conversation, as far as it is used here. */
import type { Transport, Ui } from '../../client/client/index.ts';
import type { SurveyForm } from '../api.ts';

export interface ScreenMount {
  readonly ui: Ui;
  readonly transport: Transport;
  readonly options: { readonly surveyForm: SurveyForm };
  /** Storage of this tab. */
  readonly drafts: {
    get(key: string): string | null;
    set(key: string, value: string): void;
    remove(key: string): void;
  };
  readonly done: (outcome: { readonly next: string; readonly options: Readonly<Record<string, unknown>> }) => void;
}
