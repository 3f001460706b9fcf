/** Models of what is shown in place of a conversation, of notices and of the list of keys. */
import type { WireThread } from '../api.ts';
import type { UsersBoot } from './boot.ts';
import type { AvailabilityState } from './availability.ts';
import type { Trouble } from './connection.ts';
import type { NotificationsState } from './notifications.ts';
import type { Queue } from './queue.ts';
import type { Interlude } from './stage.ts';
import type { Ui } from '../../client/client/index.ts';

/** No conversation is open. */
export function blankModel(queue: Queue, page: UsersBoot['page'], ui: Ui) {
  const { waiting } = queue;
  if (waiting > 0) {
    const title = ui.text('users.desk.nextTitle', { count: waiting });
    return { busy: true, title, text: ui.text('users.desk.nextText'), next: true };
  }
  if (queue.count('mine') > 0) {
    return { busy: true, title: ui.text('users.desk.pickTitle'), text: ui.text('users.desk.pickText') };
  }
  return {
    busy: false,
    title: ui.text('users.empty.title'),
    text: ui.text('users.empty.text'),
    code: page.embedCode || undefined,
    demo: page.demoLink || undefined,
  };
}

function heldModel({ id, message }: Extract<Interlude, { kind: 'held' }>, row: WireThread | undefined, ui: Ui) {
  const known = row && row.agentName !== '-' ? row.agentName : '';
  const agent = known || ui.text('users.taken.somebody');
  const held = known || !message ? ui.text('users.taken.title', { agent }) : message;
  return {
    id,
    visitor: row?.userName,
    quote: row?.firstMessage,
    title: row ? row.userName : held,
    held: row && held,
    text: row?.canOpen ? ui.text('users.taken.text', { agent }) : ui.text('users.taken.refused'),
    takeOver: row?.canOpen,
    watch: row?.canView,
  };
}

/** A conversation cannot be shown, or not yet. */
export function interludeModel(interlude: Interlude, row: WireThread | undefined, ui: Ui) {
  const { id } = interlude;
  const say = (key: string, args?: Record<string, string>) => ui.text(`users.${key}`, args);
  switch (interlude.kind) {
    case 'taking':
      return { id, busy: true, title: say('desk.taking', { name: row?.userName ?? '' }) };
    case 'over':
      return { id, title: say('over.title'), text: say('over.text') };
    case 'failed':
      return { id, title: say('desk.failed'), text: interlude.message, retry: true };
    default:
      return heldModel(interlude, row, ui);
  }
}

export interface Notice {
  readonly kind: 'info' | 'warning' | 'danger';
  readonly text: string;
  readonly action?: string;
  readonly href?: string;
  readonly actionText?: string;
  /** What else may be done. */
  readonly more?: { readonly action: string; readonly text: string };
}

/** What the operator has to know above the queue. */
export function noticesOf(
  trouble: Trouble,
  status: AvailabilityState,
  notify: NotificationsState,
  loginLink: string,
  ui: Ui,
): readonly Notice[] {
  const say = (key: string) => ui.text(`users.${key}`);
  if (trouble === 'loggedOut') {
    return [
      { kind: 'danger', text: say('connection.loggedOut'), href: loginLink, actionText: say('connection.logIn') },
    ];
  }
  const notices: Notice[] = [];
  if (trouble === 'lost') {
    notices.push({
      kind: 'warning',
      text: say('connection.lost'),
      action: 'wake',
      actionText: say('connection.retry'),
    });
  }
  if (notify.refused) {
    notices.push({
      kind: 'warning',
      text: say('notify.refused'),
      action: 'notifyLater',
      actionText: say('notify.understood'),
    });
  } else if (notify.offered) {
    const more = { action: 'notifyLater', text: say('notify.later') };
    notices.push({ kind: 'info', text: say('notify.offer'), action: 'notify', actionText: say('notify.on'), more });
  }
  if (status.failed) notices.push({ kind: 'danger', text: say('status.failed') });
  if (status.idle) notices.push({ kind: 'info', text: say('status.notice.idle') });
  else if (status.status !== 'available') {
    notices.push({
      kind: 'info',
      text: say(`status.notice.${status.status}`),
      action: 'available',
      actionText: say('status.beAvailable'),
    });
  }
  return notices;
}
