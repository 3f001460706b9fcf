/** Joins the workspace: from a row of the queue and from the facts about a visitor to the ban of who is there. */
import { controls, fragment, type Ui } from '../../client/client/index.ts';
import type { WireThread } from '../../users/api.ts';

/** The parts of the slots' contexts that are used here: a row of the queue, and the facts about who is shown. */
interface RowContext {
  thread(): WireThread;
  on(listener: (row: WireThread) => void): () => void;
  readonly ui: Ui;
}
interface FactsContext {
  readonly row: WireThread;
  on(listener: (row: WireThread) => void): () => void;
  readonly ui: Ui;
}

const base = () => document.documentElement.dataset.mbBase ?? '';

/** Where a click leads: to the ban that keeps this visitor out, or to a new one. */
export const addressOf = ({ id, ban }: Pick<WireThread, 'id' | 'ban'>, at: string): string =>
  ban ? `${at}/operator/ban/${ban.id}/edit` : `${at}/operator/ban/add?thread=${id}`;

const nameOf = ({ userName, ban }: WireThread, ui: Ui) =>
  ui.text(ban ? 'bans.client.edit' : 'bans.client.ban', { name: userName });

function link(className: string): HTMLAnchorElement {
  const made = document.createElement('a');
  made.className = `mb-button mb-button--quiet mb-button--small ${className}`;
  // The conversation stays where it is.
  made.target = '_blank';
  made.rel = 'noopener';
  return made;
}

controls.add<RowContext>('users/queued_thread', {
  name: 'bans',
  weight: -10,
  mount(element, context) {
    const { ui } = context;
    const made = link('mb-button--icon');
    made.append(fragment(ui.render('bans/icon', {})));
    element.append(made);
    const draw = (row: WireThread) => {
      // Empty, the place takes no room.
      element.hidden = !row.canBan;
      made.href = addressOf(row, base());
      made.title = nameOf(row, ui);
      made.setAttribute('aria-label', made.title);
    };
    draw(context.thread());
    return context.on(draw);
  },
});

controls.add<FactsContext>('users/facts', {
  name: 'bans',
  weight: -10,
  mount(element, context) {
    const { ui } = context;
    const reason = document.createElement('p');
    reason.className = 'mb-small mb-bans__reason';
    const made = link('');
    const name = document.createElement('span');
    made.append(fragment(ui.render('bans/icon', {})), name);
    element.append(reason, made);
    const draw = (row: WireThread) => {
      reason.textContent = row.ban ? ui.text('bans.client.banned', { reason: row.ban.reason }) : '';
      reason.hidden = !row.ban;
      made.hidden = !row.canBan;
      made.href = addressOf(row, base());
      name.textContent = nameOf(row, ui);
    };
    draw(context.row);
    return context.on(draw);
  },
});
