/** What the workspace consists of: its views, and its app in the browser. */
import { type ClientSpec, defineView } from '../views/api.ts';

const client = (name: string, slots?: readonly string[]) =>
  defineView(`users/${name}`, { version: 1, side: 'client', slots });

export const usersViews = [
  defineView('users/workspace', { version: 1, side: 'server', blocks: ['content'] }),
  client('frame'),
  client('threads_collection', ['queue']),
  client('boards'),
  client('queued_thread', ['controls']),
  client('queue_finder'),
  client('queue_filters'),
  client('queue_sections'),
  client('queue_chips'),
  client('queue_hidden'),
  client('queue_nothing'),
  client('no_threads'),
  client('status_panel'),
  client('status'),
  client('status_menu'),
  client('agents'),
  client('agent'),
  client('notices'),
  client('notice'),
  client('desk'),
  client('tab'),
  client('pane'),
  client('more'),
  client('more_menu'),
  client('blank'),
  client('interlude'),
  client('facts', ['facts']),
  client('arrived'),
  client('keys'),
  client('palette'),
  client('found'),
  client('signals'),
  client('undo'),
  client('logout'),
];

/** In windows of their own conversations tell that something is done in them. */
export const windowActivity: ClientSpec = {
  name: 'window-activity',
  entry: 'client/operator.ts',
  joins: ['chat-pane'],
};
export const usersApp: ClientSpec = {
  name: 'users',
  entry: 'client/app.ts',
  templates: ['users/*'],
  texts: ['users.', 'client.'],
  styles: ['client/workspace.css', 'client/queue.css', 'client/status.css'],
};
