/** What a visitor is offered when nobody is there: the form, and what it starts with. */
import type { CaptchaService } from '../captcha/api.ts';
import type { Beginning, chatSettings, StartInput, StartOutcome, Visitor } from '../chat/api.ts';
import type { GroupsService } from '../groups/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { AvailabilityService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import type { PrivacyService } from '../survey/api.ts';
import type { LeaveMessageForm } from './api.ts';
import { captchaPurpose, type Leaving } from './leaving.ts';
import { joinPages, limits, plain } from './rules.ts';

export interface OfferNeeds {
  readonly availability: Pick<AvailabilityService, 'hasOnlineOperators'>;
  readonly groups: GroupsService | undefined;
  readonly captcha: Pick<CaptchaService, 'url'> | undefined;
  readonly privacy: Pick<PrivacyService, 'policy'> | undefined;
  readonly locales: Pick<LocalesService, 'text' | 'match'>;
  readonly leaving: Pick<Leaving, 'guarded'>;
  readonly chat: Values<typeof chatSettings>;
  /** Model of the form for browsers without scripts. */
  readonly plain: (form: LeaveMessageForm, input: StartInput, locale: string) => NonNullable<StartOutcome['plain']>;
}

export type Offer = ReturnType<typeof createOffer>;

export function createOffer(needs: OfferNeeds) {
  const { groups, captcha, leaving, chat } = needs;

  /** The group that was asked for, if there is such a one and groups are in use. */
  async function groupOf(input: StartInput): Promise<number> {
    if (!input.group || !groups?.enabled) return 0;
    return (await groups.byId(input.group)) ? input.group : 0;
  }

  async function form(visitor: Pick<Visitor, 'name'>, input: StartInput, locale: string): Promise<LeaveMessageForm> {
    const groupId = await groupOf(input);
    const group = groupId > 0 ? await groups?.byId(groupId) : undefined;
    const choices = groups?.enabled ? await groups.choices(groupId || undefined, locale) : [];
    const policy = needs.privacy?.policy();
    const captchaUrl = leaving.guarded ? captcha?.url(captchaPurpose) : undefined;
    return {
      name: plain(input.name) || visitor.name,
      email: plain(input.email),
      groupId,
      groupName: group && groups ? groups.nameOf(group, locale) : '',
      info: plain(input.info),
      referrer: joinPages(input),
      showCaptcha: captchaUrl !== undefined,
      ...(captchaUrl !== undefined && { captchaUrl }),
      ...(policy && { privacyPolicyUrl: policy.url }),
      groups: choices.length > 0 ? choices : false,
      message: plain(input.message),
      maxLength: { name: limits.name, email: limits.email, message: chat.message_max_length },
    };
  }

  return {
    form,
    /** Nobody of the group, or of anybody where none is asked for, is there. */
    isOnline: async (input: Pick<StartInput, 'group'>): Promise<boolean> =>
      needs.availability.hasOnlineOperators((await groupOf(input as StartInput)) || undefined),
    async answer(visitor: Visitor, input: StartInput): Promise<StartOutcome> {
      const locale = (input.locale && needs.locales.match(input.locale)) || 'en';
      const leaveMessageForm = await form(visitor, input, locale);
      const title = needs.locales.text(locale, 'leave-message.title');
      const options = { leaveMessageForm, page: { ...(await groups?.page(leaveMessageForm.groupId)), title } };
      return { next: 'leaveMessage', options, plain: needs.plain(leaveMessageForm, input, locale) };
    },
    /** Listener of `beforeStart`. */
    async before({ visitor, input, requested }: Beginning): Promise<StartOutcome | undefined> {
      if (requested?.online || (await this.isOnline(input))) return undefined;
      return this.answer(visitor, input);
    },
  };
}
