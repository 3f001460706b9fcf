/** What the chat app of each side starts with: RPC spec section 9.1. */
import type { Addresses } from '../../kernel/plugin.ts';
import type { Operator, OperatorsService } from '../operators/api.ts';
import type { Values } from '../settings/api.ts';
import { threadState, type Side, type Thread } from './api.ts';
import { mayPost } from './posts.ts';
import type { chatSettings } from './settings.ts';

export interface OptionsNeeds {
  readonly settings: Values<typeof chatSettings>;
  readonly operators: Pick<OperatorsService, 'byId'>;
  readonly addresses: Addresses;
  readonly text: (locale: string, key: string) => string;
  /** Hook `chat.options`. */
  readonly complete: (
    options: Readonly<Record<string, unknown>>,
    about: { readonly thread: Thread; readonly side: Side; readonly operator?: Operator; readonly locale: string },
  ) => Promise<Readonly<Record<string, unknown>>>;
}

const chatWindow = {
  toolbar: false,
  scrollbars: false,
  location: false,
  status: true,
  menubar: false,
  resizable: true,
};
const windowsParams = {
  mail: { ...chatWindow, width: 640, height: 480 },
  history: { ...chatWindow, scrollbars: true, width: 720, height: 560 },
  trackedPath: { ...chatWindow, scrollbars: true, width: 720, height: 560 },
};

const refOf = ({ id, token, agentId, userId, state }: Thread) => ({ id, token, agentId, userId, state });

export const avatarOf = async (operators: Pick<OperatorsService, 'byId'>, agentId: number): Promise<string | false> => {
  const operator = agentId > 0 ? await operators.byId(agentId) : undefined;
  return operator?.avatar ? operator.avatar : false;
};

/** In the language of the thread. */
export async function visitorOptions(needs: OptionsNeeds, thread: Thread): Promise<Readonly<Record<string, unknown>>> {
  const { settings, addresses, text } = needs;
  const options = {
    thread: refOf(thread),
    user: {
      name: thread.userName,
      canChangeName: settings.usercanchangename,
      // The name of the original; it says that the name is not the default one.
      defaultName: thread.userName !== text(thread.locale, 'chat.guest'),
      canPost: mayPost(thread, 'user', undefined),
      isAgent: false,
      canSendEmail: false,
    },
    messageForm: { ignoreCtrl: settings.sendmessagekey === 'enter', maxLength: settings.message_max_length },
    links: {
      mail: '',
      chat: addresses.url('chat.visitor', { thread: thread.id, token: thread.token }),
    },
    windowsParams,
    avatar: await avatarOf(needs.operators, thread.agentId),
    page: { title: settings.chattitle },
  };
  return needs.complete(options, { thread, side: 'user', locale: thread.locale });
}

/** @param locale what the operator reads */
export function operatorOptions(
  { settings, addresses, complete }: Pick<OptionsNeeds, 'settings' | 'addresses' | 'complete'>,
  thread: Thread,
  operator: Operator,
  locale: string,
): Promise<Readonly<Record<string, unknown>>> {
  const options = {
    thread: refOf(thread),
    user: {
      name: thread.userName,
      agentName: operator.name,
      agentId: operator.id,
      canPost: mayPost(thread, 'agent', operator.id) && thread.state !== threadState.invited,
      isAgent: true,
    },
    messageForm: { ignoreCtrl: settings.sendmessagekey === 'enter', maxLength: settings.message_max_length },
    links: {
      chat: addresses.url('chat.operator', { thread: thread.id, token: thread.token }),
      history: '',
      redirect: '',
    },
    windowsParams,
    page: { title: settings.chattitle },
  };
  return complete(options, { thread, side: 'agent', operator, locale });
}
