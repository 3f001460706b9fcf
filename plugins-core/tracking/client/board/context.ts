/** What controls of plugins get in the slot of the visitor board. */
import type { Command, Transport, Ui } from '../../../client/client/index.ts';
import type { WireVisitor } from '../../api.ts';

/** Context of the slot `tracking/visitor`: the panel about somebody who is on the site. Filled anew for each visitor who is shown. */
export interface VisitorContext {
  /** As he was told last. */
  visitor(): WireVisitor;
  /** What he is called: his name, or how strangers are told apart. */
  name(): string;
  /** He is still listed: on the site, and in no conversation. */
  present(): boolean;
  /** Called whenever something of him changed, or he left. */
  on(listener: (row: WireVisitor) => void): () => void;
  readonly ui: Ui;
  /** Way to the queue: functions of the `users` processor. */
  readonly transport: Transport;
  readonly agentId: number;
  readonly agentName: string;
  /** What the server hands to the workspace: hook `users.options`. */
  readonly page: Readonly<Record<string, unknown>>;
  /** What can be done in the workspace, as long as he is shown. */
  readonly commands: { add(command: Command): () => void };
  /** Says something to those who hear the page. */
  say(words: string): void;
}
