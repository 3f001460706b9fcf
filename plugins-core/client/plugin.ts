/** What browser code shares, as a bundle of its own: `mibew/client`. */
import { definePlugin } from '../../kernel/plugin.ts';
import { locales } from '../locales/api.ts';
import { clientModule } from '../views/api.ts';

export default definePlugin({
  id: 'client',
  contributes: [locales('locales/'), clientModule({ name: 'client', entry: 'client/index.ts', texts: ['client.'] })],
});
