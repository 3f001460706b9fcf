/** The chat app in the browser: its bundle, its templates, its texts. */
import { type ClientSpec, defineView, type ViewSpec } from '../views/api.ts';

const client = (
  name: string,
  options: { readonly blocks?: readonly string[]; readonly slots?: readonly string[] } = {},
) => defineView(`chat/${name}`, { version: 1, side: 'client', ...options });

/** Of both sides. */
const shared = [
  client('layout', { blocks: ['header', 'footer'], slots: ['window', 'status', 'composer', 'over'] }),
  client('peer'),
  client('avatar'),
  client('menu', { slots: ['menu'] }),
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
  client('minimise'),
  client('emoji_button'),
];
const picker = [client('emoji')];
const visitors = [client('cover'), client('loading'), client('offline')];
const operators = [client('pop_out')];
export const clientViews = [...shared, ...visitors, ...operators, ...picker];

const names = (specs: readonly ViewSpec[]) => specs.map(({ name }) => name);

/** The visitor's, on a page of its own and inside somebody's page: what it does not need he does not load. */
export const chatApp: ClientSpec = {
  name: 'chat',
  entry: 'client/app.ts',
  templates: names([...shared, ...visitors]),
  texts: ['chat.window.', 'chat.visitor.', 'client.'],
  styles: ['client/chat.css'],
};
/**
 * The operator's, in panes of the workspace, which mounts it through `apps` of `mibew/client`, and in windows of its own. The log of a past
 * conversation shows its messages as it does, and as whatever joins it draws them.
 */
export const chatPane: ClientSpec = {
  name: 'chat-pane',
  entry: 'client/agent.ts',
  joins: ['users', 'thread-log'],
  templates: names([...shared, ...operators]),
  texts: ['chat.window.', 'chat.agent.', 'client.'],
  styles: ['client/chat.css', 'client/agent.css'],
};
/** The picker of emoji, for whoever opens it. */
export const emojiPicker: ClientSpec = {
  name: 'emoji',
  entry: 'client/emoji-picker.ts',
  partOf: ['chat', 'chat-pane'],
  templates: names(picker),
  texts: ['chat.emoji.'],
  styles: ['client/emoji.css'],
};
