/** The privacy policy: whether there is one, and what is kept of a consent to it. */
import { escapeHtml, messageKind } from '../chat/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import { surveyErrors, type PrivacyService } from './api.ts';
import type { surveySettings } from './settings.ts';

export interface PrivacyNeeds {
  readonly settings: Pick<Values<typeof surveySettings>, 'enableprivacypolicy' | 'privacypolicy'>;
  readonly text: (locale: string, key: string, args?: Readonly<Record<string, string>>) => string;
}

export function createPrivacy({ settings, text }: PrivacyNeeds): PrivacyService {
  const policy = () =>
    settings.enableprivacypolicy && settings.privacypolicy !== '' ? { url: settings.privacypolicy } : undefined;
  return {
    policy,
    agreed(consent, locale) {
      const asked = policy();
      if (!asked) return undefined;
      if (consent === false)
        throw new RpcError(surveyErrors.consentMissing, 'CONSENT_MISSING', text(locale, 'survey.error.consentMissing'));
      const key = consent ? 'survey.consent.given' : 'survey.consent.shown';
      return {
        kind: messageKind.forAgent,
        body: text(locale, key, { url: escapeHtml(asked.url) }),
        name: null,
        agentId: 0,
        plugin: 'survey',
        data: { policy: asked.url, consent: consent === true, at: Date.now() },
      };
    },
  };
}
