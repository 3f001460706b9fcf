/** What the server hands the chat app: RPC spec section 9, and what is ours. */
import type { ThreadRef } from './conversation.ts';

interface ChatUser {
  /** The visitor's name, whoever looks. */
  readonly name: string;
  readonly isAgent: boolean;
  readonly canPost?: boolean;
  readonly canChangeName?: boolean;
  /** The operator's own name. */
  readonly agentName?: string;
  readonly agentId?: number;
}

export interface MessageForm {
  /** Enter alone sends. */
  readonly ignoreCtrl: boolean;
  readonly maxLength?: number;
}

export interface ChatOptions {
  readonly thread: ThreadRef & { readonly agentId?: number };
  readonly user: ChatUser;
  readonly messageForm: MessageForm;
  readonly links?: { readonly chat?: string };
  readonly avatar?: string | false;
  readonly page?: { readonly title?: string };
}

export interface ChatBoot {
  readonly server: { readonly url: string; readonly requestsFrequency: number };
  readonly page: {
    readonly mibewBasePath: string;
    readonly company: string;
    readonly title: string;
    /** Where a new conversation starts. */
    readonly startLink?: string;
  };
  /** `chat`, or a screen before it, whose options are `<startFrom>Options`. */
  readonly startFrom: string;
  readonly [options: `${string}Options`]: unknown;
}
