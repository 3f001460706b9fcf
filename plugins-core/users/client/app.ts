/** The users app: the workspace of an operator. Entry of its bundle. */
import {
  apps,
  createDrafts,
  createOutbox,
  createTransport,
  createUi,
  followPage,
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

export function start({ root, boot: given, templates, texts, assets }: AppStart): void {
  if (!(root instanceof HTMLElement)) throw new Error('the workspace is a page of its own');
  const boot = given as UsersBoot;
  const { agent, page, messageForm } = boot;
  const ui = createUi({ templates, texts });
  const environment = hostEnvironment();
  const storage = pageStorage(() => window.localStorage);
  const session = pageStorage(() => window.sessionStorage);
  const users = createTransport({ ...boot.server, interaction: usersInteraction, environment });
  // One way and one outbox for all conversations: they share a socket.
  const threads = createTransport({ ...boot.threadServer, interaction: threadInteraction, environment });
  const outbox = createOutbox({
    storage,
    session,
    environment,
    prefix: `mibew:${page.mibewBasePath}:`,
    owner: `agent-${agent.id}`,
    async send({ threadId, token, text, key, private: isNote }) {
      const args = {
        threadId,
        token,
        user: false,
        message: text,
        key,
        ...(isNote && { private: true }),
        return: { id: 'id', created: 'created' },
      };
      const result = succeed(await threads.call([{ function: 'post', arguments: args }], { force: true }));
      return { id: Number(result.id), created: Number(result.created) };
    },
  });

  const drafts = createDrafts(session, storage, `agent-${agent.id}`);
  startWorkspace({
    root,
    boot,
    ui,
    users,
    threads,
    outbox,
    session,
    storage,
    drafts,
    path: `${page.mibewBasePath}/operator/users`,
    mount(element, { seat, name, heard, unread, awaited, closed, commands }) {
      const thread = { id: seat.id, token: seat.token };
      const shared = { transport: threads, outbox, ui, storage, drafts, messageForm, parts: assets.parts };
      const popOut = `${page.agentLink}/${seat.id}/${seat.token}`;
      const canPost = seat.watch ? false : undefined;
      try {
        return apps.mount('chat', element, {
          ...shared,
          user: false,
          thread,
          agent,
          name,
          popOut,
          canPost,
          heard,
          unread,
          awaited,
          closed,
          commands,
        });
      } catch (error) {
        // The queue goes on without this conversation.
        reportError(error);
        ui.fill(element, 'users/notice', { kind: 'danger', text: ui.text('users.desk.failed') });
        return { stop: () => undefined };
      }
    },
  });
  threads.runUpdater();
  followPage({ transports: [threads], outbox });
  guardLogout({
    dialog: ui.find(root, '[data-part="logout"]', HTMLDialogElement),
    outbox: {
      waiting: () => outbox.waiting(),
      discard() {
        outbox.discard();
        drafts.forget();
      },
    },
    address: page.logoutLink,
    ui,
  });
  root.removeAttribute('aria-busy');
}
