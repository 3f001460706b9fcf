/** `/plugins/widget/chat.js`: the module that a host page loads on the first click; it brings everything that the chat is made of. */
import type { Context } from 'hono';
import type { LocalesService } from '../locales/api.ts';
import type { AppAssets, ViewsService } from '../views/api.ts';
import { literal } from './literal.ts';

export interface ModuleNeeds {
  readonly views: Pick<ViewsService, 'app' | 'classic'>;
  readonly locales: Pick<LocalesService, 'of'>;
  /** Absolute paths of the panel's source and of its style sheet. */
  readonly panel: { readonly script: string; readonly styles: readonly string[] };
}

/** Static imports are fetched all at once, and hand the nonce of the page on. Addresses are relative to the chat's host. */
function chatModule(assets: AppAssets, panel: { readonly script: string; readonly css: string }): string {
  const from = (address: string) => JSON.stringify(address);
  return `import * as app from ${from(assets.app)};
import templates from ${from(assets.templates)};
import texts from ${from(assets.texts)};
import css from ${from(assets.styleModule)};
const joined = ${JSON.stringify(assets.joined)}.map(address => import(address).catch(error => reportError(error)));
let panel;
(function(mibewPart){${panel.script}})(start => panel = start);
window.Mibew.define(panel, ${literal(panel.css)}, async (root, options) => {
  await Promise.all(joined);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css + ':host{display:block}:host>*{block-size:100%}');
  root.adoptedStyleSheets = [sheet];
  return app.startInline({ ...options, templates, texts, parts: ${JSON.stringify(assets.parts)} });
});
`;
}

/** Makes the handler. Anybody's page may load it; it holds nothing but addresses. */
export function chatModuleHandler({ views, locales, panel }: ModuleNeeds) {
  return async (context: Context): Promise<Response> => {
    const assets = await views.app('chat', locales.of(context));
    return new Response(chatModule(assets, await views.classic('panel', panel.script, panel.styles)), {
      headers: {
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=60',
        'content-type': 'text/javascript; charset=utf-8',
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
        vary: 'Accept-Language',
      },
    });
  };
}
