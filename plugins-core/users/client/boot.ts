/** What the server hands the users app: RPC spec section 9.5, and what is ours. */
import type { Status } from '../../operators/api.ts';

export interface UsersBoot {
  readonly server: { readonly url: string; readonly requestsFrequency: number };
  /** Gateway of the conversations. */
  readonly threadServer: { readonly url: string; readonly requestsFrequency: number };
  readonly agent: { readonly id: number; readonly name: string };
  /** `detectsIdle`: the server wants to hear that the operator does something. */
  readonly presence: { readonly status: Status; readonly detectsIdle: boolean };
  readonly page: {
    readonly mibewBasePath: string;
    readonly showOnlineOperators: boolean;
    readonly showPopup: boolean;
    readonly agentLink: string;
    readonly loginLink: string;
    readonly logoutLink: string;
    readonly demoLink: string;
    readonly embedCode: string;
  };
  readonly messageForm: { readonly ignoreCtrl: boolean; readonly maxLength: number };
}
