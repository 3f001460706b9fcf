/** The chat app in the browser: its bundle, its templates, its texts. */
import { type ClientSpec, type ViewSpec } from '../views/api.ts';

export const clientViews: readonly ViewSpec[] = [];

export const chatApp: ClientSpec = {
  name: 'chat',
  entry: 'client/app.ts',
  templates: ['chat/*'],
  texts: ['chat.', 'client.'],
};
