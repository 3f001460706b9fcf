/** The chat app in the browser: its bundle, its templates, its texts. */
import { type ClientSpec, defineView } from '../views/api.ts';

const client = (
  name: string,
  options: { readonly blocks?: readonly string[]; readonly slots?: readonly string[] } = {},
) => defineView(`chat/${name}`, { version: 1, side: 'client', ...options });

export const clientViews = [
  client('layout', { blocks: ['header', 'footer'], slots: ['controls'] }),
  client('peer'),
  client('avatar'),
  client('menu', { slots: ['controls'] }),
  client('message'),
  client('day'),
  client('message_form'),
  client('status/typing'),
  client('status/message'),
  client('jump'),
  client('over'),
  client('dialog'),
  client('failure'),
  client('empty'),
  client('skeleton'),
  client('cover'),
  client('loading'),
  client('offline'),
];

const parts: Omit<ClientSpec, 'name'> = {
  entry: 'client/app.ts',
  templates: ['chat/*'],
  texts: ['chat.window.', 'client.'],
  styles: ['client/chat.css'],
};

/** On a page of its own, and inside somebody's page. */
export const chatApp: ClientSpec = { name: 'chat', ...parts };
/** In the panes of the workspace, which mounts it through `apps` of `mibew/client`. */
export const chatPane: ClientSpec = { name: 'chat-pane', joins: ['users'], ...parts };
