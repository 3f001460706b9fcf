/** The views of the plugin, its app in the browser, and what it adds to other apps. */
import { type ClientSpec, defineView } from '../views/api.ts';

const server = (name: string) => defineView(`thread-log/${name}`, { version: 1, side: 'server' });
const client = (name: string) => defineView(`thread-log/${name}`, { version: 1, side: 'client' });

export const logViews = [server('thread'), server('user'), ...['log', 'earlier', 'visits', 'icon', 'over'].map(client)];

/** The log itself. How messages look comes from `chat-pane`, which joins it, and from what joins that. */
export const logApp: ClientSpec = {
  name: 'thread-log',
  entry: 'client/app.ts',
  templates: ['thread-log/log'],
  texts: ['thread-log.window.'],
  styles: ['client/log.css'],
};
/** The workspace: earlier conversations beside one, and who comes again. */
export const logInWorkspace: ClientSpec = {
  name: 'thread-log-users',
  entry: 'client/index.ts',
  joins: ['users'],
  templates: ['thread-log/earlier', 'thread-log/visits'],
  texts: ['thread-log.earlier.', 'thread-log.visits.'],
  styles: ['client/workspace.css'],
};
/** Conversations of operators: the ways from one to those before it, and to its log. */
export const logInChat: ClientSpec = {
  name: 'thread-log-operator',
  entry: 'client/operator.ts',
  joins: ['chat-pane'],
  templates: ['thread-log/icon', 'thread-log/over'],
  texts: ['thread-log.chat.'],
};
