/** `/js/compiled/widget.js`: what the original's tracking code calls, before our part is there to answer. Widget spec section 4. */
import { addHelpers } from './cookies.ts';
import { loadLauncher, objects, thePage } from './page.ts';

interface WidgetOptions {
  readonly locale?: string;
  readonly silentInvitation?: boolean;
  readonly requestURL?: string;
}
type Heard = (...args: unknown[]) => void;

addHelpers();
const page = thePage();
page.APIFunctions = page.APIFunctions || {};

const listeners: { readonly event: string; readonly run: Heard }[] = [];
page.Invitation = page.Invitation || {
  on: (event: string, run: Heard) => void listeners.push({ event, run }),
  trigger(event: string, ...args: unknown[]) {
    for (const one of listeners) if (one.event === event) one.run(...args);
  },
};

page.Widget = page.Widget || {
  init(options: WidgetOptions) {
    objects().widget = {
      // The launcher keeps these calls until the part that follows visitors is there.
      sendToServer: (parameters: unknown) => void thePage().push(['sendToServer', parameters]),
    };
    // How often the page asks is for the settings of today to say, not for those when the code was made (`requestTimeout`).
    loadLauncher(
      {
        locale: options.locale || '',
        ...(options.silentInvitation && { silent: '1' }),
      },
      { secure: (options.requestURL || '').slice(0, 6) === 'https:' },
    );
  },
};
