/** What is asked before a chat: RPC spec section 9.2, and whether anything is asked at all. */
import type { Beginning, chatSettings, StartInput, StartOutcome, Visitor } from '../chat/api.ts';
import type { GroupChoice, GroupsService } from '../groups/api.ts';
import type { Values } from '../settings/api.ts';
import { answerable, fieldFor } from './answers.ts';
import type { PrivacyService, SurveyForm } from './api.ts';
import type { Fields } from './fields.ts';
import type { surveySettings } from './settings.ts';

export interface QuestionsNeeds {
  readonly fields: Pick<Fields, 'list'>;
  readonly privacy: Pick<PrivacyService, 'policy'>;
  readonly settings: Values<typeof surveySettings>;
  readonly chat: Pick<Values<typeof chatSettings>, 'usercanchangename' | 'chattitle' | 'message_max_length'>;
  /** Undefined while the plugin is switched off. */
  readonly groups: Pick<GroupsService, 'enabled' | 'choices' | 'page'> | undefined;
  readonly locale: (asked: string | undefined) => string;
}

export interface Questions {
  /** The form as it is shown to this visitor, whether or not anything in it is a question. */
  form(visitor: Pick<Visitor, 'name'> | undefined, input: StartInput): Promise<SurveyForm>;
  /** The survey; undefined when there is nothing to ask. */
  before(beginning: Beginning): Promise<StartOutcome | undefined>;
  /** @param group whose title and logo the page has; undefined for the site's */
  outcome(form: SurveyForm, group: number | undefined): Promise<StartOutcome>;
}

const asks = (form: SurveyForm): boolean =>
  form.canChangeName ||
  form.showEmail ||
  form.showMessage ||
  form.groups !== false ||
  form.privacyPolicyUrl !== undefined ||
  form.fields.some(answerable);

export function createQuestions(needs: QuestionsNeeds): Questions {
  const { settings, chat, privacy } = needs;

  async function choices(group: number | undefined, locale: string): Promise<readonly GroupChoice[] | false> {
    if (!settings.surveyaskgroup || !needs.groups?.enabled) return false;
    const found = await needs.groups.choices(group, locale);
    return found.length > 0 ? found : false;
  }

  const questions: Questions = {
    async form(visitor, input) {
      const locale = needs.locale(input.locale);
      const policy = privacy.policy();
      const groups = await choices(input.group, locale);
      const chosen = groups && groups.find(({ selected }) => selected);
      return {
        name: input.name || visitor?.name || '',
        groupId: (chosen ? chosen.id : input.group) ?? 0,
        email: input.email ?? '',
        info: input.info ?? '',
        referrer: [input.url ?? '', input.referrer ?? ''].join('\n').trim(),
        showEmail: settings.surveyaskmail,
        showMessage: settings.surveyaskmessage,
        canChangeName: chat.usercanchangename,
        ...(policy ? { privacyPolicyUrl: policy.url } : {}),
        groups,
        fields: needs.fields.list().map((field) => fieldFor(field, locale, input.fields ?? {})),
        operatorCode: input.operatorCode ?? '',
        locale,
        maxLength: chat.message_max_length,
      };
    },
    async before({ visitor, input, stage, requested }) {
      // Whoever asks for somebody who is there is not kept waiting by questions.
      if (stage !== 'open' || !settings.enablepresurvey || requested?.online) return undefined;
      const form = await questions.form(visitor, input);
      return asks(form) ? questions.outcome(form, input.group) : undefined;
    },
    async outcome(form, group = 0) {
      const page = { title: chat.chattitle, ...(await needs.groups?.page(group)) };
      return { next: 'survey', options: { surveyForm: form, page } };
    },
  };
  return questions;
}
