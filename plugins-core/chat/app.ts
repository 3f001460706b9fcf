/** The chat app in the browser: its bundle, its templates, its texts. */
import { defineView, type ClientSpec, type ViewSpec } from '../views/api.ts';

const parts = [
  'avatar',
  'day',
  'dialog',
  'empty',
  'failure',
  'layout',
  'menu',
  'message',
  'message_form',
  'over',
  'peer',
  'skeleton',
  'status/message',
  'status/typing',
];

export const clientViews: readonly ViewSpec[] = parts.map((name) =>
  defineView(`chat/${name}`, { version: 1, side: 'client' }),
);

export const chatApp: ClientSpec = {
  name: 'chat',
  entry: 'client/app.ts',
  templates: ['chat/*'],
  texts: ['chat.', 'client.'],
};
