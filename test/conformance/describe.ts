/** The suite that every plugin should pass, as far as the kernel can see it. */
import { describe, expect, it } from 'vitest';
import type { AnyDefinition, Manifest } from '../../kernel/manifest.ts';
import type { PluginReport } from '../../kernel/plugin.ts';
import { createTestKernel, type Fake, type TestKernel, type TestKernelOptions, type TestPlugin } from './kernel.ts';

/** What the suite needs to start the plugin. */
export interface ConformanceOptions extends Pick<TestKernelOptions, 'config' | 'env'> {
  /** Services that the plugin gets instead of the real ones. */
  readonly fakes?: readonly Fake[];
  /** Plugins that it can do without, to see that it works beside them, too. */
  readonly optional?: readonly TestPlugin[];
}

const idOf = (plugin: TestPlugin, t: TestKernel): string =>
  typeof plugin === 'string'
    ? t.report().plugins.find(({ id, root }) => id === plugin || root === plugin.replace(/\/$/, ''))!.id
    : ('definition' in plugin ? plugin.definition : plugin).id;

/**
 * Declares the tests of the kit for a plugin: its folder, its id, or its definition.
 *
 * @example
 * describePlugin(fileURLToPath(new URL('..', import.meta.url)), { fakes: [fake(mailer, { send: async () => {} })] });
 */
export function describePlugin(
  plugin: string | AnyDefinition | { readonly definition: AnyDefinition; readonly manifest: Partial<Manifest> },
  { optional = [], ...options }: ConformanceOptions = {},
): void {
  const boot = (more: readonly TestPlugin[] = []) => createTestKernel({ plugins: [plugin, ...more], ...options });
  const facts = (t: TestKernel): PluginReport => t.report().plugins.find(({ id }) => id === idOf(plugin, t))!;

  describe('conformance', () => {
    it('has a good manifest and boots with fakes, without its optional plugins', async () => {
      await using t = await boot();
      expect(facts(t)).toMatchObject({ status: 'active', problems: [] });
    });

    if (optional.length > 0)
      it('boots beside its optional plugins', async () => {
        await using t = await boot(optional);
        expect(facts(t)).toMatchObject({ status: 'active', problems: [] });
        expect(Object.keys(facts(t).optionalPlugins)).not.toEqual([]);
      });

    it('leaves no listeners, routes, services or effects behind when it is disabled', async () => {
      await using t = await boot();
      const { id, essential } = facts(t);
      if (essential) return;
      const timers = activeTimers();
      const labels = facts(t).effects;
      const named = (kind: string) =>
        labels.flatMap((label) => (label.startsWith(`${kind} `) ? [label.slice(kind.length + 1)] : []));
      await t.disable(id);
      expect(facts(t)).toMatchObject({ status: 'disabled', problems: [], effects: [] });
      for (const service of named('service'))
        expect(() => t.service({ token: 'service', id: service })).toThrow(/nobody/);
      for (const route of named('route')) expect(() => t.url(`${id}.${route}`)).toThrow(/no active plugin/);
      expect(activeTimers()).toBeLessThanOrEqual(timers);
    });

    it('is the same after it was disabled and enabled again', async () => {
      await using t = await boot();
      const { id, essential, effects } = facts(t);
      if (essential) return;
      await t.disable(id);
      await t.enable(id);
      expect(facts(t)).toMatchObject({ status: 'active', problems: [] });
      expect([...facts(t).effects].toSorted()).toEqual([...effects].toSorted());
    });
  });
}

const activeTimers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
