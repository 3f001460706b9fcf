/** What pages are told about an invitation: the handlers `invitationCreate` and `invitationClose`. */
import { messageKind, threadState, type Thread, type ThreadsService } from '../chat/api.ts';
import type { LocalesService } from '../locales/api.ts';
import type { OperatorsService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import type { TrackedVisitor, TrackingService } from '../tracking/api.ts';
import { nothingToDo, type WidgetContact, type WidgetResponse } from '../widget/api.ts';
import type { PageInvitation } from './api.ts';
import type { invitationSettings } from './settings.ts';

export interface AnswersNeeds {
  readonly threads: Pick<ThreadsService, 'byId' | 'messages'>;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly locales: Pick<LocalesService, 'text' | 'home' | 'match'>;
  readonly settings: Values<typeof invitationSettings>;
  readonly tracking: Pick<TrackingService, 'path'>;
  /** Ticket of the thread's invitation; undefined where it is not ours. */
  readonly ticket: (threadId: number) => Promise<string | undefined>;
  readonly addresses: { readonly frame: (thread: number, ticket: string) => string; readonly sound: () => string };
  /** The visitor closed it, or left the page that it was for. */
  readonly reject: (threadId: number) => Promise<unknown>;
}

/** How a page wants it. `origin`: in front of addresses; `''` leaves them as paths. */
interface PageWish {
  readonly locale: string;
  readonly silent: boolean;
  readonly origin: string;
}

const create = 'invitationCreate';
const close = 'invitationClose';
const only = (handler: string): Pick<WidgetResponse, 'handlers' | 'dependencies'> => ({
  handlers: [handler],
  dependencies: { [handler]: [] },
});
/** A push that takes the invitation away. */
export const closed: WidgetResponse = { ...nothingToDo, ...only(close) };

export interface Answers {
  /** Filter for the tracking's `widgetAnswered`. */
  answer(
    response: WidgetResponse,
    about: { readonly visitor: TrackedVisitor; readonly contact: WidgetContact; readonly navigated: boolean },
  ): Promise<WidgetResponse>;
  /** A push that shows the invitation. */
  shown(thread: Thread, wish: PageWish): Promise<WidgetResponse | undefined>;
}

export function createAnswers(needs: AnswersNeeds): Answers {
  const { threads, operators, locales, settings, tracking } = needs;
  const isPending = (thread: Thread | undefined): thread is Thread => thread?.state === threadState.invited;

  async function invitationOf(
    thread: Thread,
    { locale, silent, origin }: PageWish,
  ): Promise<PageInvitation | undefined> {
    const ticket = await needs.ticket(thread.id);
    if (!ticket) return undefined;
    const operator = await operators.byId(thread.agentId);
    const absolute = (address: string) => (address.startsWith('/') ? origin + address : address);
    const spoken = locale === '' ? locales.home : locales.match(locale);
    const language = spoken ?? locales.home;
    const { messages } = await threads.messages(thread.id, 'user', 0, 20);
    const greeting = messages.find(({ kind }) => kind === messageKind.agent)?.message ?? '';
    const names = operator && [operator.name, operator.commonName];
    const [first, second] = spoken === locales.home ? (names ?? []) : (names?.toReversed() ?? []);
    return {
      operatorName: first || second || thread.agentName,
      avatarUrl: operator?.avatar ? absolute(operator.avatar) : '',
      threadUrl: absolute(needs.addresses.frame(thread.id, ticket)),
      acceptCaption: locales.text(language, 'invitation.page.accept'),
      soundFile: !silent && settings.invitation_sound && absolute(needs.addresses.sound()),
      threadId: thread.id,
      greeting: plain(greeting),
      rejectCaption: locales.text(language, 'invitation.page.reject'),
    };
  }

  async function shown(thread: Thread, wish: PageWish): Promise<WidgetResponse | undefined> {
    const invitation = await invitationOf(thread, wish);
    return invitation && { ...nothingToDo, ...only(create), data: { invitation } };
  }

  /** He went to another page; and did not just look at another window, which was there already and shows the invitation, too. */
  async function hasLeft(
    { id }: TrackedVisitor,
    { invitation, page }: WidgetContact,
    pending: Thread,
  ): Promise<boolean> {
    if (invitation !== pending.id) return true;
    const address = (one: string) => one.replace(/#.*/s, '');
    const seen = await tracking.path(id);
    return !seen.some((visit) => visit.at < pending.createdAt && address(visit.address) === address(page));
  }

  return {
    shown,
    async answer(response, { visitor, contact, navigated }) {
      const { invitation: before = 0, rejected } = contact;
      const thread = visitor.threadId > 0 ? await threads.byId(visitor.threadId) : undefined;
      let pending = isPending(thread) ? thread : undefined;
      // What is closed late may be an older one.
      const refused = rejected && (before === 0 || before === pending?.id);
      if (pending && (refused || (navigated && (await hasLeft(visitor, contact, pending))))) {
        await needs.reject(pending.id);
        pending = undefined;
      }
      const { silent, origin, locale } = contact;
      const news =
        pending && pending.id !== before
          ? await shown(pending, { silent, origin, locale: locale || visitor.locale })
          : !pending && before > 0
            ? closed
            : undefined;
      if (!news) return response;
      return {
        load: response.load,
        handlers: [...response.handlers, ...news.handlers],
        dependencies: { ...response.dependencies, ...news.dependencies },
        data: { ...response.data, ...news.data },
      };
    },
  };
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
/** Messages are told HTML-safe; the page wants them as they were typed. */
const plain = (message: string): string =>
  message.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => named[name] ?? '');
