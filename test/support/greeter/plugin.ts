/** For tests only: has visited pages load scripts of its own that build upon each other, and one that is not there. */
import { join } from 'node:path';
import { definePlugin } from 'mibew/kernel';
import { widgetAnswered } from 'mibew/plugins/tracking';
import { assets, viewsService } from 'mibew/plugins/views';

export default definePlugin({
  id: 'greeter',
  needs: { views: viewsService },
  contributes: [assets(join(import.meta.dirname, 'assets'))],
  setup(ctx) {
    ctx.on(widgetAnswered, (response, { visitor, contact, navigated }) => {
      const { failed_script: failed } = contact.custom;
      if (failed) ctx.log.info({ failed, visitor: visitor.name }, 'a page could not load a script');
      if (!navigated) return undefined;
      const script = (name: string) => contact.origin + ctx.use.views.asset('greeter', `${name}.js`);
      return {
        load: { ...response.load, greet: script('greet'), words: script('words'), gone: `${contact.origin}/gone.js` },
        handlers: [...response.handlers, 'greeterLost', 'greeterGreet'],
        dependencies: { ...response.dependencies, greeterLost: ['gone'], greeterGreet: ['words', 'greet'] },
        data: { ...response.data, greeter: { page: contact.title } },
      };
    });
  },
});
