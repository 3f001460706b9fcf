/** The users app: the workspace of an operator. Entry of its bundle. */
import {
  apps,
  createOutbox,
  createTransport,
  createUi,
  hostEnvironment,
  pageStorage,
  reportError,
  succeed,
  threadInteraction,
  usersInteraction,
} from '../../client/client/index.ts';
import type { AppStart } from '../../views/api.ts';
import type { UsersBoot } from './boot.ts';
import { guardLogout } from './logout.ts';
import { startWorkspace } from './workspace.ts';

export function start({ root, boot: given, templates, texts }: AppStart): void {
  if (!(root instanceof HTMLElement)) throw new Error('the workspace is a page of its own');
  const boot = given as UsersBoot;
  const ui = createUi({ templates, texts });
  const environment = hostEnvironment();
  const storage = pageStorage(() => window.localStorage);
  const session = pageStorage(() => window.sessionStorage);
  const users = createTransport({ ...boot.server, interaction: usersInteraction, environment });
  const threads = createTransport({ ...boot.threadServer, interaction: threadInteraction, environment });

  const outbox = createOutbox({
    storage,
    session,
    environment,
    prefix: `mibew:${boot.page.mibewBasePath}:`,
    owner: `agent-${boot.agent.id}`,
    async send({ threadId, token, text, key }) {
      const args = { threadId, token, user: false, message: text, key, return: { id: 'id', created: 'created' } };
      const result = succeed(await threads.call([{ function: 'post', arguments: args }], { force: true }));
      return { id: Number(result.id), created: Number(result.created) };
    },
  });
  threads.runUpdater();
  outbox.start();

  startWorkspace({
    ...{ root, boot, ui, users, threads, outbox, storage, session },
    mount(element, seat, heard) {
      try {
        return apps.mount('chat', element, {
          role: 'agent',
          ...{ thread: { id: seat.id, token: seat.token }, user: false, agent: boot.agent },
          ...{ transport: threads, outbox, ui, storage, heard },
          canPost: !seat.watch,
          messageForm: boot.messageForm,
        });
      } catch (error) {
        // The queue goes on without this conversation.
        reportError(error);
        ui.fill(element, 'users/notice', { kind: 'danger', text: ui.text('users.desk.failed') });
        return { stop: () => undefined };
      }
    },
  });
  guardLogout({
    dialog: ui.find(root, '[data-part="logout"]', HTMLDialogElement),
    outbox,
    address: boot.page.logoutLink,
    ui,
  });
  // Whatever is still in the outbox is taken over by the next window of this operator.
  window.addEventListener('pagehide', () => outbox.stop());
  window.addEventListener('pageshow', (event) => void (event.persisted && outbox.start()));
}
