/** One of everything, in sixty lines. Read it beside README.md; setup reads like a table of contents. */
import { commands, definePlugin, open } from 'mibew/kernel';
import { filterMessage, messageKind, threads, visitorReady } from 'mibew/plugins/chat';
import { job } from 'mibew/plugins/jobs';
import { locales, localesService } from 'mibew/plugins/locales';
import { rpc } from 'mibew/plugins/rpc';
import { settings, settingsPage } from 'mibew/plugins/settings';
import { clientModule, defineView, views, viewsService } from 'mibew/plugins/views';
import { helloRpc } from './api.ts';
import { helloSettings } from './settings.ts';

const day = 24 * 60 * 60 * 1000;

export default definePlugin({
  id: 'hello',
  needs: { threads, settings, locales: localesService, views: viewsService },
  // Known before any code runs: the owners of these points take them, and give them back when the plugin stops.
  contributes: [
    settingsPage(helloSettings),
    locales('locales/'),
    views([defineView('hello/page', { version: 1, side: 'server', blocks: ['greeting'] })]),
    clientModule({ name: 'hello', entry: 'client/wave.ts', joins: ['chat'], texts: ['hello.'] }),
  ],
  async setup(ctx) {
    const { use, log } = ctx;
    const values = use.settings.of(helloSettings);
    let waves = 0;

    // A hook that tells: a visitor is there, say hello in his language.
    ctx.on(visitorReady, async ({ id, locale }) => {
      if (!values.hello_enabled) return;
      const body = use.locales.text(locale, 'hello.greeting', { name: values.hello_name });
      await use.threads.postSystem(id, {
        kind: messageKind.info,
        body,
        name: null,
        agentId: 0,
        plugin: '',
        data: null,
      });
    });
    // A hook that changes: every message passes here before it is stored.
    ctx.on(filterMessage, (draft) => ({ ...draft, body: draft.body.replaceAll(':wave:', '👋') }));

    // A function for the browser, typed by the contract in api.ts.
    ctx.contribute(rpc(helloRpc, { wave: () => ({ waves: ++waves }) }));
    // Something that happens by itself, on one node at a time.
    ctx.contribute(job({ name: 'hello.forget', every: day, run: async () => void (waves = 0) }));
    // A command: `mibew hello waves`.
    const run = ({ print }: { print: (line: string) => void }) => print(String(waves));
    ctx.contribute(commands([{ name: 'hello waves', summary: 'Tells how often visitors waved today', run }]));

    // A page, at /plugins/hello/page, drawn by the theme.
    ctx.route({
      name: 'page',
      method: 'GET',
      path: '/page',
      access: open,
      handler: (context) => use.views.page(context, 'hello/page', { name: values.hello_name, waves }),
    });
    // An effect: whatever is switched on here is switched off when the plugin stops.
    await ctx.effect(() => {
      const timer = setInterval(() => log.info({ waves }, 'waves so far'), day);
      return () => clearInterval(timer);
    }, 'daily count in the log');
  },
});
