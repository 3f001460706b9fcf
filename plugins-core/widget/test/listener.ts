/** Stands in for whoever follows visitors: notes the contacts, and answers what the test says. */
import { definePlugin } from '../../../kernel/plugin.ts';
import { createTestKernel, type TestKernelOptions } from '../../../kernel/testing.ts';
import { widget, type WidgetAnswer, type WidgetContact, widgetContacted } from '../api.ts';

export const secret = 'A-b_'.repeat(10) + 'xyz';

export interface Followed {
  readonly contacts: WidgetContact[];
  answer: (answer: WidgetAnswer, contact: WidgetContact) => WidgetAnswer | Promise<WidgetAnswer>;
}

/** Follows everybody: ten seconds, and nothing to do. */
export function followAll(): Followed & { readonly plugin: TestPluginOf } {
  const contacts: WidgetContact[] = [];
  const followed: Followed = { contacts, answer: (answer) => ({ ...answer, next: 10 }) };
  const definition = definePlugin({
    id: 'follower',
    needs: { widget },
    async setup(ctx) {
      ctx.on(widgetContacted, (answer, contact) => {
        contacts.push(contact);
        contact.session?.subscribe(`follower:${contact.userId}`);
        return followed.answer(answer, contact);
      });
      await ctx.effect(() => () => ctx.use.widget.stop(), 'pages');
    },
  });
  return Object.assign(followed, { plugin: { definition, manifest: { plugins: { widget: '*' } } } });
}
type TestPluginOf = Exclude<NonNullable<TestKernelOptions['plugins']>[number], string>;

export const startSite = async (options: Partial<TestKernelOptions> = {}) => {
  const followed = followAll();
  const test = await createTestKernel({ ...options, plugins: ['widget', followed.plugin] });
  return Object.assign(followed, { test });
};

export const contactPack = (args: Record<string, unknown> = {}) => ({
  signature: '',
  proto: '1.0',
  async: true,
  requests: [
    {
      token: 'c',
      functions: [
        {
          function: 'widgetContact',
          arguments: {
            page: 'https://shop.example/',
            references: {},
            return: {
              load: 'load',
              handlers: 'handlers',
              dependencies: 'dependencies',
              data: 'data',
              next: 'next',
            },
            ...args,
          },
        },
      ],
    },
  ],
});

type Package = { requests: { functions: { function: string; arguments: Record<string, unknown> }[] }[] };
/** Function and arguments of the first call of a package. */
export function firstCall(text: string): { function: string; arguments: Record<string, unknown> } {
  const { requests } = JSON.parse(text) as Package;
  const [one] = requests[0]?.functions ?? [];
  if (!one) throw new Error(`no package: ${text}`);
  return one;
}
